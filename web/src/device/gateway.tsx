import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAge, formatBytes, formatCount } from '../format.ts'
import { Age } from '../monitoring/age.tsx'
import { Percent } from '../monitoring/percent.tsx'
import { useNow } from '../monitoring/use-projected.ts'
import { Page } from '../shell/page.tsx'
import { Table } from '../shell/table.tsx'
import type { GatewayState, LiveValue } from './gateway-record.ts'
import { GatewayWizard } from './gateway-wizard.tsx'
import { useGateway } from './use-gateway.ts'

/** The gateway's own page (网关), served by the gateway on the plant's machine: what arrives now, what is kept, what is sent, and a wizard for one more device. */
export function GatewayPage() {
  const { t } = useTranslation()
  const { connection, heardMs, state, values } = useGateway()
  const [adding, setAdding] = useState(false)
  return (
    <Page
      title={t('gateway.title')}
      lead={state === undefined ? t('gateway.lead') : t('gateway.leadOf', state.plant)}
      actions={
        !adding && (
          <button type="button" className="primary" onClick={() => setAdding(true)}>
            {t('gateway.add')}
          </button>
        )
      }
    >
      <Age connection={{ state: connection, heardMs }} />
      {state?.problem !== undefined && <p className="note failed">{state.problem}</p>}
      {adding && <GatewayWizard state={state} onClose={() => setAdding(false)} />}
      {state !== undefined && (
        <>
          <Values state={state} values={values} />
          <Keeping state={state} />
          <Devices state={state} />
        </>
      )}
    </Page>
  )
}

function Values({ state, values }: { state: GatewayState; values: readonly LiveValue[] }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const scores = new Map(state.scores.map((score) => [score.stream, score]))
  const part = (stream: number, name: 'complete' | 'timely' | 'plausible' | 'signed') => {
    const value = scores.get(stream)?.[name]
    return <Percent value={value === undefined ? undefined : Math.floor(value / 100)} />
  }
  return (
    <section className="sheet">
      <h2>{t('gateway.values')}</h2>
      {values.length === 0 ? (
        <p className="muted">{t('gateway.noValues')}</p>
      ) : (
        <Table
          label={t('gateway.values')}
          rows={values}
          keyOf={({ stream }) => stream}
          columns={[
            { head: t('gateway.point'), lead: true, cell: ({ device, point }) => `${device} · ${point}` },
            {
              head: t('gateway.value'),
              number: true,
              cell: ({ value, unit, flag }) => (value === undefined ? (flag ?? '–') : `${value} ${unit}`),
            },
            { head: t('gateway.age'), cell: ({ receivedMs }) => formatAge(receivedMs, nowMs) },
            {
              head: t('device.flag'),
              cell: ({ flag, rule }) => [flag, rule].filter((one) => one !== undefined).join(' · '),
            },
            { head: t('monitoring.complete'), cell: ({ stream }) => part(stream, 'complete') },
            { head: t('monitoring.timely'), cell: ({ stream }) => part(stream, 'timely') },
            { head: t('monitoring.plausible'), cell: ({ stream }) => part(stream, 'plausible') },
            { head: t('monitoring.signed'), cell: ({ stream }) => part(stream, 'signed') },
          ]}
        />
      )}
    </section>
  )
}

/** Journal and uplink. */
function Keeping({ state: { journal, uplink, lag, open, plant } }: { state: GatewayState }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  return (
    <section className="sheet">
      <h2>{t('gateway.keeping')}</h2>
      <div className="grid">
        <Fact value={formatCount(journal.next)} text={t('gateway.kept')} />
        <Fact
          value={`${formatBytes(journal.bytes)} / ${formatBytes(journal.budgetBytes)}`}
          text={t('gateway.budget')}
        />
        <Fact value={formatCount(open)} text={t('gateway.open', { lag: formatCount(lag) })} />
        <Fact value={formatCount(uplink.waiting)} text={t('gateway.waiting')} />
        <Fact
          value={uplink.lastSequence === undefined ? '–' : formatCount(uplink.lastSequence)}
          text={
            uplink.lastMs === undefined
              ? t('gateway.neverSent')
              : t('gateway.sent', { age: formatAge(uplink.lastMs, nowMs) })
          }
        />
      </div>
      {!plant.signs && <p className="note unchecked">{t('gateway.noKey')}</p>}
      {journal.stopped && <p className="note failed">{t('gateway.stopped')}</p>}
      {uplink.problem !== undefined && (
        <p className="note unchecked">
          {t('gateway.uplinkProblem')} {uplink.problem.message} <code>{uplink.problem.code}</code>
        </p>
      )}
    </section>
  )
}

function Fact({ value, text }: { value: string; text: string }) {
  return (
    <p className="figure">
      <b>{value}</b>
      <span>{text}</span>
    </p>
  )
}

function Devices({ state }: { state: GatewayState }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  return (
    <section className="sheet">
      <h2>{t('gateway.devices')}</h2>
      {state.devices.length === 0 && <p className="muted">{t('gateway.noDevices')}</p>}
      <Table
        label={t('gateway.devices')}
        rows={state.devices}
        keyOf={({ id }) => id}
        columns={[
          { head: t('gateway.device'), lead: true, cell: ({ id }) => id },
          { head: t('gateway.driver'), cell: ({ model, protocol }) => `${model} · ${protocol}` },
          {
            head: t('gateway.connection'),
            cell: ({ presence }) => t(presence?.connected === true ? 'gateway.connected' : 'gateway.away'),
          },
          {
            head: t('device.lastHeard'),
            cell: ({ presence }) => (presence?.lastMs === undefined ? '–' : formatAge(presence.lastMs, nowMs)),
          },
          { head: t('gateway.refused'), number: true, cell: ({ presence }) => formatCount(presence?.refused ?? 0) },
          { head: t('monitoring.signed'), cell: ({ signs }) => t(signs ? 'shell.yes' : 'shell.no') },
        ]}
      />
      <p className="small muted">
        {state.protocols.map(({ name, address }) => `${name} ${address ?? ''}`.trim()).join(' · ')}
      </p>
    </section>
  )
}
