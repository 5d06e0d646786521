import type { TFunction } from 'i18next'
import { formatCount } from '../format.ts'
import type { Column } from '../shell/table.tsx'
import { Percent } from './percent.tsx'
import type { Figures } from './record.ts'
import { type Score, scoreOf } from './score.ts'

const SHARES = ['complete', 'timely', 'plausible', 'signed'] as const satisfies readonly (keyof Score)[]

/** The four parts of a score (完整、及时、合理、签名), each with what it means. */
export function shareColumns<T extends Figures>(t: TFunction): readonly Column<T>[] {
  return SHARES.map((name) => ({
    head: t(`monitoring.${name}`),
    hint: t(`monitoring.means.${name}`),
    cell: (one) => (isUnknown(one) ? '–' : <Percent value={scoreOf(one)[name]} />),
  }))
}

/** 缺漏采集 and 重复采集, each with what it means. */
export function countColumns<T extends Figures>(t: TFunction): readonly Column<T>[] {
  const column = (name: 'missing' | 'repeated', of: (one: Figures) => number): Column<T> => ({
    head: t(`monitoring.${name}`),
    hint: t(`monitoring.means.${name}`),
    number: true,
    cell: (one) => (isUnknown(one) ? '–' : formatCount(of(one))),
  })
  return [
    column('missing', ({ missingReadings }) => missingReadings),
    column('repeated', ({ repeated, refused }) => repeated + refused),
  ]
}

/** Of streams that are withheld nothing is known: that is no zero. */
function isUnknown({ expectedSeconds, readings }: Figures): boolean {
  return expectedSeconds === 0 && readings === 0
}
