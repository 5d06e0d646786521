import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment, formatSeconds } from '../format.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { addressParts, wantedDevice } from './driver-address.ts'
import { askGateway, type Driver, type GatewayState, type Tried } from './gateway-record.ts'

type Wanted = ReturnType<typeof wantedDevice>

/** 选驱动 → 测试连接 → 看到实时值: a device is added only once it has said something. */
export function GatewayWizard({ state, onClose }: { state: GatewayState | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation()
  const drivers = useQuery({
    queryKey: ['drivers'],
    queryFn: () => askGateway<{ models: readonly Driver[] }>('/api/drivers'),
  })
  const [driver, setDriver] = useState<Driver | undefined>(undefined)
  const [wanted, setWanted] = useState<Wanted | undefined>(undefined)
  const [tried, setTried] = useState<Tried | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>(undefined)
  const work = (job: Promise<unknown>) => {
    setBusy(true)
    setProblem(undefined)
    job.catch(setProblem).finally(() => setBusy(false))
  }
  const test = (asked: Wanted) => {
    setWanted(asked)
    setTried(undefined)
    work(askGateway<Tried>('/api/test-connection', asked).then(setTried))
  }
  const add = () => work(askGateway('/api/devices', wanted).then(onClose))
  const step = tried?.ok === true ? 3 : driver === undefined ? 1 : 2
  return (
    <section className="sheet stack" data-testid="wizard">
      <div className="row between">
        <h2>{t('gateway.add')}</h2>
        <button type="button" onClick={onClose}>
          {t('shell.close')}
        </button>
      </div>
      <ol className="row wizard-steps">
        {[1, 2, 3].map((one) => (
          <li key={one} aria-current={one === step ? 'step' : undefined}>
            {t(`gateway.step.${one}`)}
          </li>
        ))}
      </ol>
      {drivers.isError && <Problem error={drivers.error} onRetry={() => void drivers.refetch()} />}
      <label className="field">
        <span>{t('gateway.driver')}</span>
        <select
          value={driver?.name ?? ''}
          onChange={(event) => {
            setDriver(drivers.data?.models.find(({ name }) => name === event.target.value))
            setTried(undefined)
          }}
        >
          <option value="">{t('gateway.choose')}</option>
          {drivers.data?.models.map((one) => (
            <option key={one.name} value={one.name}>
              {i18n.language === 'en' ? one.en : one.zh}
            </option>
          ))}
        </select>
      </label>
      {driver !== undefined && (
        <AddressForm key={driver.name} driver={driver} state={state} busy={busy} onTest={test} />
      )}
      {busy && <p role="status">{t('gateway.testing')}</p>}
      {problem !== undefined && <Problem error={problem} />}
      {tried?.ok === false && (
        <div className="note failed" role="alert">
          <p>{tried.message}</p>
          <code>{tried.code}</code>
        </div>
      )}
      {tried?.ok === true && (
        <>
          <p className="note">{t('gateway.heard', { after: formatSeconds(Math.ceil(tried.afterMs / 1000)) })}</p>
          <Table
            label={t('gateway.values')}
            rows={tried.samples}
            keyOf={({ point, stamp }) => `${point}/${stamp}`}
            columns={[
              { head: t('gateway.point'), lead: true, cell: ({ point }) => point },
              { head: t('gateway.value'), number: true, cell: ({ value, flag }) => value ?? flag ?? '–' },
              { head: t('stream.when'), cell: ({ stamp }) => formatMoment(stamp) },
            ]}
          />
          <div className="row">
            <button type="button" className="primary" disabled={busy} onClick={add}>
              {t('gateway.keep')}
            </button>
          </div>
        </>
      )}
    </section>
  )
}

function AddressForm({
  driver,
  state,
  busy,
  onTest,
}: {
  driver: Driver
  state: GatewayState | undefined
  busy: boolean
  onTest: (wanted: Wanted) => void
}) {
  const { t } = useTranslation()
  const parts = addressParts(driver.protocol, state)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const filled = Object.fromEntries([...form].map(([name, value]) => [name, String(value).trim()]))
    onTest(wantedDevice(driver, filled.id ?? '', filled, state))
  }
  return (
    <form className="stack" onSubmit={submit}>
      <div className="grid two">
        <label className="field">
          <span>{t('gateway.id')}</span>
          <input name="id" required maxLength={60} pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" />
        </label>
        {parts.map(({ name, isNumber, first }) => (
          <label key={name} className="field">
            <span>{t(`gateway.address.${name}`)}</span>
            <input name={name} required defaultValue={first} inputMode={isNumber ? 'numeric' : 'text'} />
          </label>
        ))}
      </div>
      <div className="row">
        <button type="submit" className="primary" disabled={busy}>
          {t('gateway.test')}
        </button>
      </div>
    </form>
  )
}
