import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { AnswerSign } from './status.tsx'

/** One line of a check: its sign, what was looked at, and what came of it. */
export function CheckedLine({
  step,
  ok,
  title,
  children,
}: {
  step: string
  /** Null: it was not checked. */
  ok: boolean | null
  title: string
  children: ReactNode
}) {
  const { t } = useTranslation()
  const tone = ok === null ? 'unchecked' : ok ? 'verified' : 'failed'
  return (
    <li className={tone} data-step={step} data-ok={String(ok)}>
      <div className="summary">
        <span className={`status ${tone}`}>
          <AnswerSign ok={ok} />
          <span className="visually-hidden">
            {t(ok === null ? 'check:verdict.open' : ok ? 'check:verdict.held' : 'check:verdict.notHeld')}
          </span>
        </span>
        <span className="line-title">{title}</span>
        <span className="line-detail">{children}</span>
      </div>
    </li>
  )
}
