import { decryptKey } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { shorten } from '../format.ts'
import { getJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { BringKey } from './bring-key.tsx'
import { type KeptKey, listKeys, type Purpose } from './keyring.ts'

/** A key that was opened for signing, and the organization that the registry names for it. */
export interface OpenKey {
  readonly kept: KeptKey
  readonly privateKey: Uint8Array
  /** Undefined where the registry knows no organization of this key. */
  readonly organization: number | undefined
}

/** A key as the registry knows it. */
interface Registered {
  readonly organization: number
  readonly purpose: Purpose
}

/** Chooses a key of this browser and opens it with its passphrase; the opened key lives as long as the page does. */
export function Unlock({ purpose, onOpen }: { purpose: Purpose; onOpen: (key: OpenKey) => void }) {
  const { t } = useTranslation()
  const keys = useQuery({ queryKey: ['keys', 'registered'], queryFn: listRegistered })
  const [address, setAddress] = useState<string | undefined>(undefined)
  const [passphrase, setPassphrase] = useState('')
  const { working, error, work } = useWork()
  const fitting = (keys.data ?? []).filter(
    ({ kept, registered }) => (registered?.purpose ?? kept.purpose ?? purpose) === purpose,
  )
  const chosen = fitting.find(({ kept }) => kept.address === address) ?? fitting[0]

  const open = async () => {
    if (chosen === undefined) return
    await work(async () => {
      const privateKey = await decryptKey(chosen.kept.keystore, passphrase)
      setPassphrase('')
      onOpen({ kept: chosen.kept, privateKey, organization: chosen.registered?.organization })
    })
  }
  if (keys.isError) return <Problem error={keys.error} onRetry={() => void keys.refetch()} />
  if (keys.isPending) return <p role="status">{t('shell.loading')}</p>
  if (keys.data !== undefined && fitting.length === 0) {
    return (
      <div className="note">
        <p>{t(`unlock.none.${purpose}`)}</p>
        <BringKey onKept={() => void keys.refetch()} />
        <p className="row">
          <Link to="/keys" search={{}}>
            {t('keys.bring.phrase')}
          </Link>
          <Link to="/apply" search={{}}>
            {t('unlock.apply')}
          </Link>
        </p>
      </div>
    )
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      <div className="grid">
        <label className="field">
          <span>{t('unlock.key')}</span>
          <select value={chosen?.kept.address ?? ''} onChange={(event) => setAddress(event.target.value)}>
            {fitting.map(({ kept, registered }) => (
              <option key={kept.address} value={kept.address}>
                {`${kept.name} · ${shorten(kept.address, 4)}${registered === undefined ? '' : ` · ${t('unlock.of', { organization: registered.organization })}`}`}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('unlock.passphrase')}</span>
          <input
            type="password"
            required
            value={passphrase}
            autoComplete="current-password"
            onChange={(event) => setPassphrase(event.target.value)}
          />
        </label>
      </div>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={working || passphrase === ''}>
          {working ? t('unlock.working') : t('unlock.button')}
        </button>
      </div>
    </form>
  )
}

/** The keys of this browser, each with what the registry says about it. */
async function listRegistered(): Promise<{ kept: KeptKey; registered: Registered | undefined }[]> {
  const keys = await listKeys()
  return Promise.all(
    keys.map(async (kept) => {
      const { key } = await getJson<{ key: Registered | null }>(`/v1/keys/${kept.address}`)
      return { kept, registered: key ?? undefined }
    }),
  )
}
