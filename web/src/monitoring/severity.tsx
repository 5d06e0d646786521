import { useTranslation } from 'react-i18next'
import type { Alert } from './record.ts'

const TONES = { info: '', warning: 'unchecked', critical: 'failed' } as const
const BARS = { info: 1, warning: 2, critical: 3 } as const

/** How grave an alert is: a word, filled bars and a colour say the same. */
export function SeverityWord({ severity }: { severity: Alert['severity'] }) {
  const { t } = useTranslation()
  return (
    <span className={`status ${TONES[severity]}`}>
      <svg width="16" height="12" viewBox="0 0 16 12" aria-hidden="true">
        {[1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 5 - 4.5}
            y={9 - bar * 2.5}
            width="3.5"
            height={2.5 + bar * 2.5}
            fill={bar <= BARS[severity] ? 'currentColor' : 'none'}
            stroke="currentColor"
          />
        ))}
      </svg>
      {t(`monitoring.severities.${severity}`)}
    </span>
  )
}
