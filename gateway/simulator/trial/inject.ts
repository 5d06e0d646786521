import type { Sample } from '../../src/arrival.ts'
import type { RuleId } from '../../src/quality/rules.ts'
import { type Arriving, arrivals, type Recording } from './record.ts'

/** One way of meddling with instruments (注入案例), and the rules of which one at least must ask. */
export interface Case {
  readonly id: string
  readonly zh: string
  readonly en: string
  /** The recording that it is done to. */
  readonly recording: string
  readonly expected: readonly RuleId[]
  /** What arrives when it is done from a row on. */
  readonly inject: (recording: Recording, row: number) => Arriving[]
}

/** What fraud.md section 4 does to instruments, and its case F12 on analysers. */
export const CASES: readonly Case[] = [
  {
    id: 'frozen-co2',
    zh: 'CO2 冻结 3 小时',
    en: 'CO2 stands still for 3 hours',
    recording: 'gas-turbine',
    expected: ['flat'],
    inject: (recording, row) => frozen(recording, row, 3, 'CO2 (made)'),
  },
  {
    id: 'frozen-co',
    zh: 'CO 冻结 3 小时',
    en: 'CO stands still for 3 hours',
    recording: 'gas-turbine',
    expected: ['flat'],
    inject: (recording, row) => frozen(recording, row, 3, 'CO'),
  },
  {
    id: 'frozen-moisture',
    zh: '土壤含水率冻结 3 小时',
    en: 'soil moisture stands still for 3 hours',
    recording: 'soil-21',
    expected: ['flat'],
    inject: (recording, row) => frozen(recording, row, 12, 'moisture 5'),
  },
  {
    id: 'clock-hour',
    zh: '设备时钟拨快 1 小时',
    en: 'a device’s clock is put on by 1 hour',
    recording: 'steel-energy',
    expected: ['ahead', 'clock'],
    inject: (recording, row) =>
      arrivals(recording).map((arriving, at) => (at < row ? arriving : shifted(arriving, 3600))),
  },
  {
    id: 'clock-hour-back',
    zh: '设备时钟拨慢 1 小时',
    en: 'a device’s clock is put back by 1 hour',
    recording: 'tetouan-power',
    expected: ['conflict', 'clock'],
    inject: (recording, row) =>
      arrivals(recording).map((arriving, at) => (at < row ? arriving : shifted(arriving, -3600))),
  },
  {
    id: 'removed',
    zh: '删去高负荷 6 小时',
    en: '6 hours of high load are removed',
    recording: 'steel-energy',
    expected: ['gap'],
    inject: (recording, row) => arrivals(recording).filter((_, at) => at < row || at >= row + 24),
  },
  {
    id: 'ratio',
    zh: '馈线 2 互感器变比减半',
    en: 'the current transformer’s ratio of feeder 2 is halved',
    recording: 'tetouan-power',
    expected: ['balance'],
    inject: (recording, row) => scaled(recording, row, 'feeder 2', 0.5),
  },
  {
    id: 'ratio-generator',
    zh: '发电机电表变比减半',
    en: 'the ratio of the generator’s meter is halved',
    recording: 'gas-turbine',
    expected: ['relation'],
    inject: (recording, row) => scaled(recording, row, 'TEY', 0.5),
  },
  {
    id: 'span',
    zh: 'CO2 量程改小，读数乘以 0.9',
    en: 'the span of CO2 is changed: readings × 0.9',
    recording: 'gas-turbine',
    expected: ['combustion'],
    inject: (recording, row) => scaled(recording, row, 'CO2 (made)', 0.9),
  },
  {
    id: 'filter',
    zh: '软件滤波：CO 取 12 点滑动平均',
    en: 'a software filter: CO as a moving mean of 12',
    recording: 'gas-turbine',
    expected: ['entropy'],
    inject: (recording, row) => filtered(recording, row, 'CO', 12),
  },
  {
    id: 'clipped',
    zh: 'NOx 封顶于 55 mg/m³',
    en: 'NOx never shows more than 55 mg/m³',
    recording: 'gas-turbine',
    expected: ['flat'],
    inject: (recording, row) => changed(recording, row, 'NOX', (text) => (Number(text) > 55 ? '55.000' : text)),
  },
  {
    id: 'copied-day',
    zh: '用前一日的数据代替当日',
    en: 'a day is a copy of the day before',
    recording: 'tetouan-power',
    expected: ['copied'],
    inject: (recording, row) => replaced(recording, row, 144, (at) => at - 144),
  },
  {
    id: 'by-hand',
    zh: '人工填写：末位取 0 或 5',
    en: 'written by hand: the last digit is 0 or 5',
    recording: 'gas-turbine',
    expected: ['digits'],
    inject: (recording, row) =>
      changed(recording, row, 'TAT', (text) => (Math.round(Number(text) * 20) / 20).toFixed(2)),
  },
  {
    id: 'stopped',
    zh: '有负荷时标为停运（F）',
    en: 'CO2 is called stopped (F) under load',
    recording: 'gas-turbine',
    expected: ['load'],
    inject: (recording, row) => flagged(recording, row, 6, 'CO2 (made)', 'F', () => true),
  },
  {
    id: 'maintenance',
    zh: 'NOx 高时标为维护（M）',
    en: 'NOx is called maintenance (M) whenever it is high',
    recording: 'gas-turbine',
    expected: ['flags'],
    inject: (recording, row) => flagged(recording, row, 300, 'NOX', 'M', (text) => Number(text) > 65),
  },
  {
    id: 'backdated',
    zh: '补报同一时刻的另一数值',
    en: 'another value is sent for a time that has one',
    recording: 'steel-energy',
    expected: ['conflict'],
    inject: (recording, row) => sentAgain(recording, row, (text) => (Number(text) * 0.8 + 1).toFixed(2)),
  },
  {
    id: 'rollback',
    zh: '表底倒拨 5,000 kWh',
    en: 'a register is turned back by 5,000 kWh',
    recording: 'steel-register',
    expected: ['rollback'],
    inject: (recording, row) => changed(recording, row, 'register', (text) => (Number(text) - 5000).toFixed(2)),
  },
]

/** A packet comes again under another QN: no question, but no second reading either. */
export function duplicated(recording: Recording, row: number): Arriving[] {
  return sentAgain(recording, row, (text) => text)
}

type Text = string | undefined

/** Rows with some changed, as they arrive. */
function rewritten(recording: Recording, change: (cells: readonly Text[], row: number) => readonly Text[]): Arriving[] {
  return arrivals({ ...recording, rows: recording.rows.map(change) })
}

function placeOf({ device }: Recording, name: string): number {
  const place = device.points.findIndex((point) => point.name === name)
  if (place < 0) throw new RangeError(`the recording has no point ${name}`)
  return place
}

/** One point's texts changed from a row on; a point that says nothing stays silent. */
function changed(
  recording: Recording,
  row: number,
  name: string,
  change: (text: string, row: number) => string,
): Arriving[] {
  const place = placeOf(recording, name)
  return rewritten(recording, (cells, at) => {
    const text = cells[place]
    return at < row || text === undefined ? cells : cells.with(place, change(text, at))
  })
}

function frozen(recording: Recording, row: number, rows: number, name: string): Arriving[] {
  const held = recording.rows[row - 1]?.[placeOf(recording, name)] ?? ''
  return changed(recording, row, name, (text, at) => (at < row + rows ? held : text))
}

function scaled(recording: Recording, row: number, name: string, factor: number): Arriving[] {
  return changed(recording, row, name, (text) => {
    const digits = text.split('.')[1]?.length ?? 0
    return (Number(text) * factor).toFixed(digits)
  })
}

function filtered(recording: Recording, row: number, name: string, length: number): Arriving[] {
  const place = placeOf(recording, name)
  return changed(recording, row, name, (_, at) => {
    const window = recording.rows.slice(Math.max(0, at - length + 1), at + 1).map((cells) => Number(cells[place]))
    return (window.reduce((sum, item) => sum + item, 0) / window.length).toFixed(5)
  })
}

function replaced(recording: Recording, row: number, rows: number, by: (row: number) => number): Arriving[] {
  return rewritten(recording, (cells, at) => (at < row || at >= row + rows ? cells : (recording.rows[by(at)] ?? cells)))
}

function shifted({ receivedS, samples }: Arriving, seconds: number): Arriving {
  return { receivedS, samples: samples.map((sample) => ({ ...sample, stamp: sample.stamp + seconds })) }
}

function flagged(
  recording: Recording,
  row: number,
  rows: number,
  name: string,
  flag: Sample['flag'],
  where: (text: string) => boolean,
): Arriving[] {
  return arrivals(recording).map((arriving, at) => ({
    ...arriving,
    samples: arriving.samples.map((sample) =>
      at >= row && at < row + rows && sample.point === name && where(sample.value ?? '') ? { ...sample, flag } : sample,
    ),
  }))
}

/** The row before is sent again beside each of four rows, as `say` has it. */
function sentAgain(recording: Recording, row: number, say: (text: string) => string): Arriving[] {
  return arrivals(recording).flatMap((arriving, at, all) => {
    const before = all[at - 1]
    if (at < row || at >= row + 4 || before === undefined) return [arriving]
    const again = before.samples.map((sample) =>
      sample.value === undefined ? sample : { ...sample, value: say(sample.value) },
    )
    return [arriving, { receivedS: arriving.receivedS + 1, samples: again }]
  })
}
