import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, shorten } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { client, postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { CertificateField, CounterField, PublicKeyField } from './key-fields.tsx'
import { readSignature, statementBytes } from './key-statement.ts'
import type { DeviceKey } from './record.ts'

const KINDS = ['ed25519', 'certificate'] as const
/** A proof of possession is good for a day; an hour is kept for a device's clock that is wrong and for the way. */
const PROOF_SECONDS = 23 * 3600

/**
 * Enrols a device by its signing key or its certificate, or puts a new one in the place of that in use (轮换). The private key never comes here:
 * the device signs a statement, and its signature is brought.
 */
export function EnrolKey({
  organization,
  device,
  keys,
  onDone,
}: {
  organization: number
  device: string
  keys: readonly DeviceKey[]
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [kind, setKind] = useState<(typeof KINDS)[number]>('ed25519')
  const old = keys.find((key) => key.kind === kind && key.revoked === null)
  return (
    <section className="sheet stack" data-testid="enrol">
      <h2>{t(old === undefined ? 'device.enrol.title' : 'device.enrol.rotate')}</h2>
      <fieldset className="row">
        <legend>{t('device.enrol.by')}</legend>
        {KINDS.map((one) => (
          <label key={one} className="choice">
            <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
            {t(`device.kinds.${one}`)}
          </label>
        ))}
      </fieldset>
      {old !== undefined && (
        <p className="note">
          {t('device.enrol.replaces', { key: shorten(old.key, 8), first: formatCount(old.firstCounter) })}
        </p>
      )}
      <KeyForm key={kind} kind={kind} organization={organization} device={device} old={old} onDone={onDone} />
    </section>
  )
}

function KeyForm({
  kind,
  organization,
  device,
  old,
  onDone,
}: {
  kind: (typeof KINDS)[number]
  organization: number
  device: string
  old: DeviceKey | undefined
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [last, setLast] = useState('')
  const [first, setFirst] = useState(old === undefined ? '0' : '')
  const [key, setKey] = useState<string | undefined>(undefined)
  const [signature, setSignature] = useState('')
  const [expires] = useState(() => Math.floor(Date.now() / 1000) + PROOF_SECONDS)
  const [problem, setProblem] = useState<unknown>(undefined)
  const firstCounter = first === '' ? Number(last) + 1 : Number(first)
  const proof = readSignature(signature)
  const isSigned = kind === 'certificate' || proof !== undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key === undefined || !isSigned) return
    const path = `/v1/organizations/${organization}/devices/${encodeURIComponent(device)}/keys`
    const replaces = old === undefined ? null : { key: old.key, lastCounter: Number(last) }
    const body = { kind, key, firstCounter, replaces, ...(kind === 'ed25519' ? { expires, signature: proof } : {}) }
    postJson(path, body).then(onDone, setProblem)
  }
  return (
    <form className="stack" onSubmit={submit}>
      {kind === 'ed25519' ? <PublicKeyField onKey={setKey} /> : <CertificateField onKey={setKey} />}
      {key !== undefined && (
        <p className="small muted">
          {t('device.enrol.read')} <code>{key}</code>
        </p>
      )}
      <div className="grid two">
        {old !== undefined && (
          <CounterField text={t('device.enrol.last')} value={last} least={old.firstCounter - 1} onChange={setLast} />
        )}
        <CounterField text={t('device.enrol.first')} value={first} least={0} onChange={setFirst} />
      </div>
      {kind === 'ed25519' && key !== undefined && (
        <Proof
          statement={{ organization, device, key, firstCounter, expires }}
          signature={signature}
          isRead={proof !== undefined}
          onSignature={setSignature}
        />
      )}
      {problem !== undefined && <Problem error={problem} />}
      <div className="row">
        <button type="submit" className="primary" disabled={key === undefined || !isSigned}>
          {t(old === undefined ? 'device.enrol.button' : 'device.enrol.rotateButton')}
        </button>
      </div>
    </form>
  )
}

/** What the device signs, and what it gave back. */
function Proof({
  statement,
  signature,
  isRead,
  onSignature,
}: {
  statement: Omit<Parameters<typeof statementBytes>[0], 'chainId' | 'log'>
  signature: string
  isRead: boolean
  onSignature: (signature: string) => void
}) {
  const { t } = useTranslation()
  const where = useQuery({ queryKey: ['log-domain'], queryFn: () => client.wellKnown(), staleTime: 60_000 })
  if (where.isError) return <Problem error={where.error} onRetry={() => void where.refetch()} />
  const domain = where.data
  const save = () => {
    if (domain === undefined) return
    const { chainId, contracts } = domain
    const bytes = statementBytes({ chainId, log: contracts.EvidenceLog, ...statement })
    saveFile('device-key-statement.bin', 'application/octet-stream', bytes)
  }
  return (
    <>
      <p>{t('device.enrol.prove')}</p>
      <div className="row">
        <button
          type="button"
          disabled={domain === undefined || !Number.isSafeInteger(statement.firstCounter)}
          onClick={save}
        >
          {t('device.enrol.statement')}
        </button>
      </div>
      <p className="small muted block-text">
        <code>openssl pkeyutl -sign -rawin -inkey device-key.pem -in device-key-statement.bin | base64 -w0</code>
      </p>
      <label className="field">
        <span>{t('device.enrol.signature')}</span>
        <textarea
          className="mono"
          rows={3}
          required
          spellCheck={false}
          value={signature}
          aria-invalid={signature !== '' && !isRead}
          onChange={(event) => onSignature(event.target.value)}
        />
        {signature !== '' && !isRead && <span role="alert">{t('device.enrol.noSignature')}</span>}
      </label>
    </>
  )
}
