import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAge, formatBytes, formatCount } from '../format.ts'
import { Age } from '../monitoring/age.tsx'
import { Figure } from '../monitoring/figure.tsx'
import { useNow } from '../monitoring/use-projected.ts'
import { errorText } from '../shell/error-text.ts'
import { Page } from '../shell/page.tsx'
import { Table } from '../shell/table.tsx'
import { GatewayQuality } from './gateway-quality.tsx'
import { type GatewayState, type LiveValue, problemOf } from './gateway-record.ts'
import { GatewayWizard } from './gateway-wizard.tsx'
import { useGateway } from './use-gateway.ts'

/** Protocols whose devices come and go with each message: they are never away. */
const UNCONNECTED: ReadonlySet<string> = new Set(['http', 'file'])

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
          <Values values={values} />
          <GatewayQuality state={state} />
          <Keeping state={state} />
          <Devices state={state} />
        </>
      )}
    </Page>
  )
}

function Values({ values }: { values: readonly LiveValue[] }) {
  const { t } = useTranslation()
  const nowMs = useNow()
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
          ]}
        />
      )}
    </section>
  )
}

/** Journal and uplink. */
function Keeping({ state: { journal, uplink, lag, open, plant } }: { state: GatewayState }) {
  const { t, i18n } = useTranslation()
  const nowMs = useNow()
  return (
    <section className="sheet">
      <h2>{t('gateway.keeping')}</h2>
      <div className="grid figures">
        <Figure value={formatCount(journal.next)} text={t('gateway.kept')} />
        <Figure
          value={`${formatBytes(journal.bytes)} / ${formatBytes(journal.budgetBytes)}`}
          text={t('gateway.budget')}
        />
        <Figure value={formatCount(open)} text={t('gateway.open', { lag: formatCount(lag) })} />
        <Figure value={formatCount(uplink.waiting)} text={t('gateway.waiting')} />
        <Figure
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
          {t('gateway.uplinkProblem')} {errorText(problemOf(uplink.problem), i18n.language)}{' '}
          <code>{uplink.problem.code}</code>
        </p>
      )}
    </section>
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
            cell: ({ presence, protocol }) =>
              UNCONNECTED.has(protocol)
                ? t('gateway.unconnected')
                : t(presence?.connected === true ? 'gateway.connected' : 'gateway.away'),
          },
          {
            head: t('device.lastHeard'),
            cell: ({ presence }) => (presence?.lastMs === undefined ? '–' : formatAge(presence.lastMs, nowMs)),
          },
          {
            head: t('gateway.count.repeated'),
            hint: t('gateway.means.messages'),
            number: true,
            cell: ({ counts }) => formatCount(counts?.repeated ?? 0),
          },
          {
            head: t('gateway.refused'),
            hint: t('gateway.means.refusedMessages'),
            number: true,
            cell: ({ presence, counts }) => formatCount(Math.max(presence?.refused ?? 0, counts?.refused ?? 0)),
          },
          { head: t('monitoring.signed'), cell: ({ signs }) => t(signs ? 'shell.yes' : 'shell.no') },
        ]}
      />
      <p className="small muted">
        {state.protocols.map(({ name, address }) => `${name} ${address ?? ''}`.trim()).join(' · ')}
      </p>
    </section>
  )
}
