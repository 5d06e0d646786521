import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatSeconds } from '../format.ts'

/** Work under way: how much, how fast, how long still, and a way to stop; what was sent stays sent. */
export function UploadProgress({
  progress,
  onStop,
}: {
  progress: {
    readonly done: number
    readonly of: number
    readonly what: 'reading' | 'sending'
    readonly sinceMs: number
  }
  onStop: () => void
}) {
  const { t } = useTranslation()
  const { done, of, what, sinceMs } = progress
  const seconds = (Date.now() - sinceMs) / 1000
  const left = done > 0 && seconds > 1 ? Math.round((seconds / done) * (of - done)) : undefined
  const amount = (value: number) => (what === 'reading' ? formatBytes(value) : formatCount(value))
  return (
    <section className="sheet" role="status">
      <div className="row between">
        <span>{t(`upload.progress.${what}`, { done: amount(done), of: amount(of) })}</span>
        <span className="row">
          {left !== undefined && (
            <span className="small muted">{t('upload.progress.left', { time: formatSeconds(left) })}</span>
          )}
          <button type="button" onClick={onStop}>
            {t('upload.progress.stop')}
          </button>
        </span>
      </div>
      <progress
        value={done}
        max={Math.max(1, of)}
        aria-label={t(`upload.progress.${what}`, { done: amount(done), of: amount(of) })}
      />
      {what === 'sending' && <p className="small muted">{t('upload.progress.safe')}</p>}
    </section>
  )
}
