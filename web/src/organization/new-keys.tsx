import { addressOf } from '@tanlian/evidence'
import { encryptKey, newPrivateKey, phraseOf } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { saveFile } from '../save-file.ts'
import { Problem } from '../shell/problem.tsx'
import type { ApplicantKeys } from './act.ts'
import { type KeptKey, keepKey, type Purpose } from './keyring.ts'
import { isReady, NewPassphrase, NO_PASSPHRASE } from './new-passphrase.tsx'
import { PhraseList } from './phrase-list.tsx'

const PURPOSES = ['acts', 'batches', 'documents'] as const satisfies readonly Purpose[]

/**
 * Makes an applicant's keys in this browser: one for acts, one for batches, one for documents, all under one passphrase, and a recovery
 * key that is shown as 24 words and kept nowhere.
 */
export function NewKeys({ name, onMade }: { name: string; onMade: (keys: ApplicantKeys) => void }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(NO_PASSPHRASE)
  const [share, setShare] = useState<number | undefined>(undefined)
  const [made, setMade] = useState<{ keys: ApplicantKeys; kept: readonly KeptKey[]; phrase: string } | undefined>(
    undefined,
  )
  const [error, setError] = useState<unknown>(undefined)
  const ready = isReady(typed) && share === undefined

  const make = async () => {
    setError(undefined)
    try {
      const privateKeys = { acts: newPrivateKey(), batches: newPrivateKey(), documents: newPrivateKey() }
      const kept: KeptKey[] = []
      for (const [at, purpose] of PURPOSES.entries()) {
        const privateKey = privateKeys[purpose]
        const keystore = await encryptKey(privateKey, typed.passphrase, {
          onProgress: (part) => setShare((at + part) / PURPOSES.length),
        })
        const key = {
          address: addressOf(privateKey),
          name: `${name} · ${t(`keys.purpose.${purpose}`)}`,
          keystore,
          madeMs: Date.now(),
          purpose,
        }
        await keepKey(key)
        kept.push(key)
      }
      const recovery = newPrivateKey()
      const phrase = phraseOf(recovery)
      const keys = { ...privateKeys, recovery: addressOf(recovery) }
      recovery.fill(0)
      setMade({ keys, kept, phrase })
    } catch (cause) {
      setError(cause)
    } finally {
      setShare(undefined)
      setTyped(NO_PASSPHRASE)
    }
  }
  if (made !== undefined) {
    return (
      <div className="stack">
        <p className="note unchecked">
          <strong>{t('keys.phrase.title')}</strong> {t('apply.keys.recovery')}
        </p>
        <PhraseList phrase={made.phrase} />
        <div className="row">
          <button
            type="button"
            onClick={() =>
              saveFile(
                'tanlian-keys.json',
                'application/json',
                JSON.stringify(
                  made.kept.map(({ keystore }) => keystore),
                  null,
                  2,
                ),
              )
            }
          >
            {t('apply.keys.export')}
          </button>
          <button type="button" className="primary" onClick={() => onMade(made.keys)}>
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
      <p className="muted">{t('apply.keys.lead')}</p>
      <NewPassphrase typed={typed} onType={setTyped} share={share} />
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={!ready}>
          {t('apply.keys.button')}
        </button>
      </div>
    </form>
  )
}
