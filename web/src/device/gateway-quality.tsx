import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { Figure } from '../monitoring/figure.tsx'
import { Percent } from '../monitoring/percent.tsx'
import { type Column, Table } from '../shell/table.tsx'
import type { GatewayState } from './gateway-record.ts'

type Score = GatewayState['scores'][number]

/** How each stream is collected here (采集质量): 缺漏采集 and 重复采集 as the gateway itself counts them, before anything is sent. */
export function GatewayQuality({ state }: { state: GatewayState }) {
  const { t } = useTranslation()
  const { scores, devices } = state
  const names = new Map(
    devices.flatMap(({ id, points }) => points.map(({ stream, name }) => [stream, `${id} · ${name}`] as const)),
  )
  const sum = (of: (counts: Score['counts']) => number) => scores.reduce((total, { counts }) => total + of(counts), 0)
  const share = (name: 'complete' | 'timely' | 'plausible' | 'signed'): Column<Score> => ({
    head: t(`monitoring.${name}`),
    hint: t(`gateway.means.${name}`),
    cell: ({ [name]: value }) => <Percent value={value === undefined ? undefined : Math.floor(value / 100)} />,
  })
  const count = (name: 'missing' | 'repeated' | 'conflicts' | 'refused'): Column<Score> => ({
    head: t(`gateway.count.${name}`),
    hint: t(`gateway.means.${name}`),
    number: true,
    cell: ({ counts }) => formatCount(counts[name]),
  })
  if (scores.length === 0) return null
  return (
    <section className="sheet">
      <h2>{t('gateway.quality')}</h2>
      <div className="grid figures">
        <Figure value={sum(({ readings }) => readings)} text={t('gateway.readings')} />
        <Figure value={sum(({ missing }) => missing)} text={t('gateway.missing')} />
        <Figure value={sum(({ repeated }) => repeated)} text={t('gateway.repeated')} />
        <Figure value={sum(({ conflicts }) => conflicts)} text={t('gateway.conflicts')} />
      </div>
      <Table
        label={t('gateway.quality')}
        rows={scores}
        keyOf={({ stream }) => stream}
        columns={[
          { head: t('gateway.point'), lead: true, cell: ({ stream }) => names.get(stream) ?? stream },
          share('complete'),
          share('timely'),
          share('plausible'),
          share('signed'),
          count('missing'),
          count('repeated'),
          count('conflicts'),
          count('refused'),
        ]}
      />
    </section>
  )
}
