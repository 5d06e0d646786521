import { addressOf } from '@tanlian/evidence'
import { encryptKey, newPrivateKey, phraseOf } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../shell/problem.tsx'
import { type KeptKey, keepKey } from './keyring.ts'
import { isReady, NewPassphrase, NO_PASSPHRASE } from './new-passphrase.tsx'
import { PhraseList } from './phrase-list.tsx'

/** Makes a key in this browser: a name and a passphrase, then the recovery phrase to write down, once. */
export function NewKey({
  facts,
  onMade,
}: {
  /** What else is kept of it, such as what it is for. */
  facts?: (privateKey: Uint8Array) => Pick<KeptKey, 'purpose' | 'readerKey'>
  onMade: (key: KeptKey) => void
}) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [typed, setTyped] = useState(NO_PASSPHRASE)
  const [share, setShare] = useState<number | undefined>(undefined)
  const [made, setMade] = useState<{ key: KeptKey; phrase: string } | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const ready = name.trim() !== '' && isReady(typed) && share === undefined

  const make = async () => {
    setError(undefined)
    setShare(0)
    const privateKey = newPrivateKey()
    try {
      const keystore = await encryptKey(privateKey, typed.passphrase, { onProgress: setShare })
      const address = addressOf(privateKey).toLowerCase() as `0x${string}`
      const key = { address, name: name.trim(), keystore, madeMs: Date.now(), ...facts?.(privateKey) }
      await keepKey(key)
      setMade({ key, phrase: phraseOf(privateKey) })
    } catch (cause) {
      setError(cause)
    } finally {
      privateKey.fill(0)
      setShare(undefined)
      setTyped(NO_PASSPHRASE)
    }
  }

  if (made !== undefined) {
    return (
      <div className="stack">
        <p className="note unchecked">
          <strong>{t('keys.phrase.title')}</strong> {t('keys.phrase.why')}
        </p>
        <PhraseList phrase={made.phrase} />
        <div className="row">
          <button
            type="button"
            className="primary"
            onClick={() => {
              setMade(undefined)
              setName('')
              onMade(made.key)
            }}
          >
            {t('keys.phrase.written')}
          </button>
        </div>
      </div>
    )
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void make()
      }}
    >
      <label className="field">
        <span>{t('keys.make.name')}</span>
        <input
          required
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="off"
        />
      </label>
      <NewPassphrase typed={typed} onType={setTyped} share={share} />
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={!ready}>
          {t('keys.make.button')}
        </button>
      </div>
    </form>
  )
}
