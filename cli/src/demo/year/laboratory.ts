import { parseCid } from '@tanlian/evidence'
import type { Statement } from '@tanlian/sdk'
import { periodOf, periodWindow } from '@tanlian/units'
import { ZONE } from './report.ts'
import type { Desk } from './statements.ts'

const HOUR = 3600

/** This month's coal through the laboratory (采样、封样、交接、收样、检测), each step by whoever takes it, within the hours of today. */
export async function analyseCoal(plant: Desk, laboratory: Desk): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  const month = periodOf(now, 'month', ZONE)
  const { from, to } = periodWindow(month, ZONE)
  const say = (kind: string, content: Record<string, unknown>) => async (): Promise<Statement> => ({
    kind,
    content,
    blocks: [],
  })
  const sample = await plant.log(
    `sample/${month}`,
    say('sample', {
      format: 'tanlian/sample/1',
      label: `${month} 入炉煤 as-fired coal`,
      material: 'as-fired coal',
      stream: null,
      period: [from, to],
      taken: now - 5 * HOUR,
      sealed: now - 5 * HOUR + 600,
      seal: `TL-${month}`,
    }),
  )
  const handover = await plant.log(
    `handover/${sample}`,
    say('handover', {
      format: 'tanlian/handover/1',
      sample: parseCid(sample),
      laboratory: laboratory.organization,
      at: now - 4 * HOUR,
    }),
  )
  const receipt = await laboratory.log(
    `receipt/${handover}`,
    say('receipt', {
      format: 'tanlian/sample-receipt/1',
      handover: parseCid(handover),
      at: now - 3 * HOUR,
      intact: true,
    }),
  )
  await laboratory.log(
    `analysis/${receipt}`,
    say('analysis', {
      format: 'tanlian/analysis/1',
      receipt: parseCid(receipt),
      number: `DEMO-${month}`,
      analysed: now - HOUR,
      results: [
        { name: 'coalCarbon', value: '0.5534', unit: 'tC/t[coal, as received]', method: 'GB/T 476' },
        { name: 'coalNcv', value: '21.274', unit: 'GJ[LHV]/t[coal, as received]', method: 'GB/T 213' },
      ],
      report: null,
    }),
  )
}
