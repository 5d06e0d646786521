import { TanlianError } from '@tanlian/units'
import { useTranslation } from 'react-i18next'
import { errorText } from './error-text.ts'

/** An error as a person reads it: what happened with the values, what to do, in the reader's language by code. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t, i18n } = useTranslation()
  const code = error instanceof TanlianError ? error.code : undefined
  return (
    <div className="note failed" role="alert">
      <p>
        <strong>{t('shell.problem.title')}</strong>
      </p>
      <p>{errorText(error, i18n.language)}</p>
      {code !== undefined && (
        <p className="small muted">
          <code>{code}</code>
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
