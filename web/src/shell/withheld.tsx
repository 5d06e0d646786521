import { TanlianError } from '@tanlian/units'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from './session.ts'

const CODES: ReadonlySet<string> = new Set(['E_CONFIDENTIAL', 'E_CONFIDENTIAL_CLOSED'])

/** Whether an answer was refused because the owner of the readings has not opened them to this reader. */
export function isWithheld(error: unknown): boolean {
  return error instanceof TanlianError && CODES.has(error.code)
}

/** What its owner keeps to itself (未公开): nothing went wrong, so no code and no red; what is withheld, why, and whom to ask. */
export function Withheld({ children }: { children?: ReactNode }) {
  const { t } = useTranslation()
  const { data } = useSession()
  return (
    <div className="note" role="status" data-withheld="">
      <p>
        <strong>{t('shell.withheld.title')}</strong>
      </p>
      <p>{t('shell.withheld.why')}</p>
      {children}
      <p>{t('shell.withheld.ask')}</p>
      {data?.person === null && (
        <Link className="button" to="/sign-in" search={{}}>
          {t('shell.withheld.signIn')}
        </Link>
      )}
    </div>
  )
}
