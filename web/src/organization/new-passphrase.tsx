import { PASSPHRASE_MIN } from '@tanlian/sdk'
import { useTranslation } from 'react-i18next'

/** A new passphrase as a person typed it, twice. */
export interface TypedPassphrase {
  readonly passphrase: string
  readonly again: string
}

/** Nothing typed yet. */
export const NO_PASSPHRASE: TypedPassphrase = { passphrase: '', again: '' }

/** Whether it is long enough, and typed alike both times. */
export function isReady({ passphrase, again }: TypedPassphrase): boolean {
  return [...passphrase].length >= PASSPHRASE_MIN && passphrase === again
}

/** Asks for a new passphrase twice, and shows how far the key under it is made: that takes seconds. */
export function NewPassphrase({
  typed,
  onType,
  share,
}: {
  typed: TypedPassphrase
  onType: (typed: TypedPassphrase) => void
  /** 0 to 1; undefined while nothing is being made. */
  share: number | undefined
}) {
  const { t } = useTranslation()
  const { passphrase, again } = typed
  const differs = again !== '' && again !== passphrase
  return (
    <>
      <div className="grid">
        <label className="field">
          <span>{t('keys.make.passphrase', { least: PASSPHRASE_MIN })}</span>
          <input
            required
            type="password"
            minLength={PASSPHRASE_MIN}
            value={passphrase}
            autoComplete="new-password"
            onChange={(event) => onType({ passphrase: event.target.value, again })}
          />
        </label>
        <label className="field">
          <span>{t('keys.make.again')}</span>
          <input
            required
            type="password"
            value={again}
            autoComplete="new-password"
            aria-invalid={differs}
            onChange={(event) => onType({ passphrase, again: event.target.value })}
          />
        </label>
      </div>
      {differs && (
        <p className="small" role="status">
          {t('keys.make.differ')}
        </p>
      )}
      {share !== undefined && (
        <div role="status">
          <span className="small">{t('keys.make.working')}</span>
          <progress value={share} max={1} aria-label={t('keys.make.working')} />
        </div>
      )}
    </>
  )
}
