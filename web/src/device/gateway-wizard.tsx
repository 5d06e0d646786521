import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment, formatSeconds } from '../format.ts'
import { useNow } from '../monitoring/use-projected.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import type { wantedDevice } from './driver-address.ts'
import { DriverForm } from './driver-form.tsx'
import { askGateway, type Driver, type GatewayState, problemOf, type Tried } from './gateway-record.ts'

type Wanted = ReturnType<typeof wantedDevice>
type Heard = Extract<Tried, { ok: true }>

/** 选驱动 → 测试连接 → 看到实时值: a device is added only once it has said something. */
export function GatewayWizard({ state, onClose }: { state: GatewayState | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const drivers = useQuery({
    queryKey: ['drivers'],
    queryFn: () => askGateway<{ models: readonly Driver[]; tryMs: number }>('/api/drivers'),
  })
  const [driver, setDriver] = useState<Driver | undefined>(undefined)
  const [wanted, setWanted] = useState<Wanted | undefined>(undefined)
  const [heard, setHeard] = useState<Heard | undefined>(undefined)
  const [sinceMs, setSinceMs] = useState<number | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>(undefined)
  const work = (job: Promise<unknown>) => {
    setSinceMs(Date.now())
    setProblem(undefined)
    job.catch(setProblem).finally(() => setSinceMs(undefined))
  }
  const forget = () => {
    setHeard(undefined)
    setProblem(undefined)
  }
  const test = (asked: Wanted) => {
    setWanted(asked)
    forget()
    work(
      askGateway<Tried>('/api/test-connection', asked).then((tried) =>
        tried.ok ? setHeard(tried) : setProblem(problemOf(tried)),
      ),
    )
  }
  const add = () => work(askGateway('/api/devices', wanted).then(onClose))
  const step = heard !== undefined ? 3 : driver === undefined ? 1 : 2
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
      <DriverChoice
        models={drivers.data?.models ?? []}
        chosen={driver}
        onChoose={(chosen) => {
          setDriver(chosen)
          forget()
        }}
      />
      {driver !== undefined && (
        <DriverForm
          key={driver.name}
          driver={driver}
          state={state}
          busy={sinceMs !== undefined}
          onChange={forget}
          onTest={test}
        />
      )}
      {sinceMs !== undefined && <Listening sinceMs={sinceMs} limitMs={drivers.data?.tryMs ?? 0} />}
      {problem !== undefined && <Problem error={problem} />}
      {heard !== undefined && driver !== undefined && (
        <>
          <HeardValues driver={driver} heard={heard} />
          <div className="row">
            <button type="button" className="primary" disabled={sinceMs !== undefined} onClick={add}>
              {t('gateway.keep')}
            </button>
          </div>
        </>
      )}
    </section>
  )
}

/** The models that the gateway knows, by the protocol that they speak. */
function DriverChoice({
  models,
  chosen,
  onChoose,
}: {
  models: readonly Driver[]
  chosen: Driver | undefined
  onChoose: (driver: Driver | undefined) => void
}) {
  const { t, i18n } = useTranslation()
  const protocols = [...new Set(models.map(({ protocol }) => protocol))].sort()
  return (
    <label className="field">
      <span>{t('gateway.driver')}</span>
      <select
        value={chosen?.name ?? ''}
        onChange={(event) => onChoose(models.find(({ name }) => name === event.target.value))}
      >
        <option value="">{t('gateway.choose')}</option>
        {protocols.map((protocol) => (
          <optgroup key={protocol} label={t(`gateway.protocol.${protocol}`)}>
            {models
              .filter((one) => one.protocol === protocol)
              .map((one) => (
                <option key={one.name} value={one.name}>
                  {i18n.language === 'en' ? one.en : one.zh}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

/** How long it was listened, of how long it will be. */
function Listening({ sinceMs, limitMs }: { sinceMs: number; limitMs: number }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const gone = Math.max(0, Math.min(limitMs, nowMs - sinceMs))
  return (
    <div>
      <p role="status">{t('gateway.testing', { most: formatSeconds(limitMs / 1000) })}</p>
      <progress value={gone} max={limitMs} aria-label={t('gateway.test')} />
    </div>
  )
}

function HeardValues({ driver, heard }: { driver: Driver; heard: Heard }) {
  const { t, i18n } = useTranslation()
  const nameOf = (point: string) => {
    const known = driver.points.find(({ name }) => name === point)
    return known === undefined ? point : i18n.language === 'en' ? known.en : known.zh
  }
  return (
    <>
      <p className="note">{t('gateway.heard', { after: formatSeconds(Math.ceil(heard.afterMs / 1000)) })}</p>
      <Table
        label={t('gateway.values')}
        rows={heard.samples}
        keyOf={({ point, stamp }) => `${point}/${stamp}`}
        columns={[
          { head: t('gateway.point'), lead: true, cell: ({ point }) => nameOf(point) },
          {
            head: t('gateway.value'),
            number: true,
            cell: ({ value, unit, flag }) => (value === undefined ? (flag ?? '–') : `${value} ${unit ?? ''}`.trim()),
          },
          { head: t('stream.when'), cell: ({ stamp }) => formatMoment(stamp) },
        ]}
      />
    </>
  )
}
