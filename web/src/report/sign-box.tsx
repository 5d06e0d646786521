import type { LoggedStatement, Statement } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type OpenKey, Unlock } from '../organization/unlock.tsx'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { signStatement } from './sign.ts'

/** Signs and logs one statement: says what will be signed, asks for the key, shows the receipt. */
export function SignBox({
  organization,
  label,
  summary,
  note,
  prepare,
  onLogged,
}: {
  organization: number
  /** What the button does. */
  label: string
  /** What is about to be signed, in plain words. */
  summary: string
  /** Kept with the signed bytes. */
  note: string
  prepare: () => Promise<Statement>
  onLogged: (logged: LoggedStatement) => void
}) {
  const { t } = useTranslation()
  const [key, setKey] = useState<OpenKey>()
  const { working, error, work } = useWork()
  const sign = async () => {
    if (key === undefined) return
    await work(async () => {
      onLogged(await signStatement(key, await prepare(), note))
    })
  }
  if (key === undefined) return <Unlock purpose="documents" onOpen={setKey} />
  if (key.organization !== organization) return <p className="note failed">{t('report:sign.other')}</p>
  return (
    <div className="stack">
      <p>{summary}</p>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="button" className="primary" disabled={working} onClick={() => void sign()}>
          {working ? t('report:sign.working') : label}
        </button>
      </div>
    </div>
  )
}
