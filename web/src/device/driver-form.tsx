import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type AddressPart,
  addressParts,
  fieldName,
  freeName,
  openAs,
  type Way,
  wantedDevice,
} from './driver-address.ts'
import type { Driver, GatewayState } from './gateway-record.ts'

const WAYS = ['broker', 'outside'] as const satisfies readonly Way[]

/** What a driver asks for, with what usually holds filled in, and what is to be set on the device's side. */
export function DriverForm({
  driver,
  state,
  busy,
  onChange,
  onTest,
}: {
  driver: Driver
  state: GatewayState | undefined
  busy: boolean
  /** What was tried is no longer what stands here. */
  onChange: () => void
  onTest: (wanted: ReturnType<typeof wantedDevice>) => void
}) {
  const { t } = useTranslation()
  const [way, setWay] = useState<Way>('broker')
  const [id, setId] = useState(() => freeName(driver, state))
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [secret] = useState(newToken)
  const parts = addressParts(driver, way, state)
  const open = openAs(driver, state)
  const filled = Object.fromEntries(
    parts.map((part) => {
      const name = fieldName(part)
      return [name, typed[name] ?? (part.made === true ? secret : part.first)]
    }),
  )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const trimmed = Object.fromEntries(Object.entries(filled).map(([name, value]) => [name, value.trim()]))
    onTest(wantedDevice(driver, way, id.trim(), trimmed, state))
  }
  const field = (part: AddressPart) => (
    <PartField
      key={fieldName(part)}
      part={part}
      value={filled[fieldName(part)] ?? ''}
      onChange={(value) => {
        setTyped({ ...typed, [fieldName(part)]: value })
        onChange()
      }}
    />
  )
  const optional = parts.filter((part) => part.optional === true)
  const guide = driver.protocol === 'mqtt' && open === undefined ? way : driver.protocol
  return (
    <form className="stack" onSubmit={submit}>
      {driver.protocol === 'mqtt' && open === undefined && (
        <fieldset className="row">
          <legend>{t('gateway.way')}</legend>
          {WAYS.map((one) => (
            <label key={one} className="choice">
              <input type="radio" name="way" checked={way === one} onChange={() => setWay(one)} />
              {t(`gateway.ways.${one}`)}
            </label>
          ))}
        </fieldset>
      )}
      <div className="grid two">
        <label className="field">
          <span>{t('gateway.id')}</span>
          <input
            required
            maxLength={60}
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            value={id}
            onChange={(event) => {
              setId(event.target.value)
              onChange()
            }}
          />
        </label>
        {parts.filter((part) => part.optional !== true).map(field)}
      </div>
      {optional.length > 0 && (
        <details>
          <summary>{t('gateway.optional')}</summary>
          <div className="grid two">{optional.map(field)}</div>
        </details>
      )}
      <p className="small muted" data-testid="guide">
        {t(`gateway.guide.${guide}`, {
          id,
          group: filled['listen.group'] || '…',
          place: open?.address ?? filled['listen.folder'] ?? filled['listen.port'] ?? '',
        })}
      </p>
      <div className="row">
        <button type="submit" className="primary" disabled={busy}>
          {t('gateway.test')}
        </button>
      </div>
    </form>
  )
}

function PartField({ part, value, onChange }: { part: AddressPart; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation()
  return (
    <label className="field">
      <span>{t(`gateway.address.${fieldName(part)}`)}</span>
      <input
        required={part.optional !== true}
        inputMode={part.form === 'number' ? 'numeric' : 'text'}
        {...(part.form === 'number' ? { pattern: '[0-9]{1,6}' } : {})}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}

/** 128 random bits in hex: a token that nobody guesses. */
function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
