import { addressOf } from '@tanlian/evidence'
import { encryptKey, keyOfPhrase, PASSPHRASE_MIN } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { type KeptKey, keepKey } from './keyring.ts'

/** Brings a key back from its 24 words, under a new passphrase. */
export function RecoverKey({ onMade }: { onMade: (key: KeptKey) => void }) {
  const { t } = useTranslation()
  const [phrase, setPhrase] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const { working, error, work } = useWork()

  const recover = () =>
    work(async () => {
      const privateKey = keyOfPhrase(phrase)
      const keystore = await encryptKey(privateKey, passphrase)
      const address = addressOf(privateKey).toLowerCase() as `0x${string}`
      privateKey.fill(0)
      const key = { address, name: t('keys.bring.recovered'), keystore, madeMs: Date.now() }
      await keepKey(key)
      setPhrase('')
      setPassphrase('')
      onMade(key)
    })
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void recover()
      }}
    >
      <label className="field">
        <span>{t('keys.bring.words')}</span>
        <textarea
          required
          rows={3}
          value={phrase}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setPhrase(event.target.value)}
        />
      </label>
      <label className="field">
        <span>{t('keys.make.passphrase', { least: PASSPHRASE_MIN })}</span>
        <input
          required
          type="password"
          minLength={PASSPHRASE_MIN}
          value={passphrase}
          autoComplete="new-password"
          onChange={(event) => setPassphrase(event.target.value)}
        />
      </label>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" disabled={working}>
          {working ? t('keys.make.working') : t('keys.bring.button')}
        </button>
      </div>
    </form>
  )
}
