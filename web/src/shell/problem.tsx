import { TanlianError } from '@tanlian/units'
import { useTranslation } from 'react-i18next'
import { errorText } from './error-text.ts'
import { isWithheld, Withheld } from './withheld.tsx'

/** An error as a person reads it: what happened with the values, what to do, in the reader's language by code. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t, i18n } = useTranslation()
  const known = error instanceof TanlianError ? error : undefined
  const text = errorText(error, i18n.language)
  if (isWithheld(error)) return <Withheld />
  return (
    <div className="note failed" role="alert">
      <p>
        <strong>{t(known?.code === 'E_NOT_FOUND' ? 'shell.problem.notFound' : 'shell.problem.title')}</strong>
      </p>
      <p>{text}</p>
      {known !== undefined && (
        <p className="small muted">
          <code>{known.code}</code>
          {/* The values are in the English sentence: whoever looks into it wants them in any language. */}
          {text === known.message ? '' : ` ${known.message}`}
        </p>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {t('shell.problem.retry')}
        </button>
      )}
    </div>
  )
}
