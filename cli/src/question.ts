import { type Filter, fromHex, KINDS } from '@tanlian/evidence'
import { DEFAULT_ZONE, periodWindow } from '@tanlian/units'
import { usageError } from './command.ts'

/** Arguments that make a question: types, streams, window. */
export const QUESTION_ARGS = {
  type: {
    type: 'string',
    valueHint: 'TYPE',
    description: {
      en: 'electricity, fuel, co2 …, a kind, or hex of one to four bytes; several with commas',
      zh: '电力、燃料、co2 …，或种类名，或一至四字节十六进制；多个以逗号分隔',
    },
  },
  stream: {
    type: 'string',
    valueHint: 'N',
    description: { en: 'Only these streams, with commas', zh: '仅这些数据流，以逗号分隔' },
  },
  year: { type: 'string', valueHint: 'YYYY', description: { en: 'A year', zh: '一年' } },
  month: { type: 'string', valueHint: 'YYYY-MM', description: { en: 'A month', zh: '一个月' } },
  day: { type: 'string', valueHint: 'YYYY-MM-DD', description: { en: 'A day', zh: '一天' } },
  from: {
    type: 'string',
    valueHint: 'TIME',
    description: { en: 'RFC 3339 or Unix seconds', zh: 'RFC 3339 时间或 Unix 秒' },
  },
  to: {
    type: 'string',
    valueHint: 'TIME',
    description: { en: 'RFC 3339 or Unix seconds, not included', zh: 'RFC 3339 时间或 Unix 秒，不含该时刻' },
  },
  zone: {
    type: 'string',
    valueHint: 'ZONE',
    description: { en: `Zone of calendar windows (${DEFAULT_ZONE})`, zh: `日历时段所用的时区（${DEFAULT_ZONE}）` },
  },
  readings: {
    type: 'boolean',
    description: { en: 'Open the readings, not only totals', zh: '打开逐条读数，而不仅是合计' },
  },
} as const

/** The classes of spec section 1 by the words of the trade. */
const CLASSES: Readonly<Record<string, string>> = {
  fuel: '01',
  electricity: '02',
  heat: '03',
  gas: '04',
  co2: '0401',
  ch4: '0402',
  n2o: '0403',
  material: '05',
  product: '06',
  transport: '07',
  farm: '08',
  removal: '09',
  act: '0a',
  environment: '0b',
  temperature: '0b01',
  humidity: '0b02',
  moisture: '0b03',
  control: '0c',
  燃料: '01',
  电力: '02',
  热力: '03',
  温室气体: '04',
  环境: '0b',
}
const ALL_CLASSES = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '0a', '0b', '0c']
/** Seconds beyond which no window of a person's question lies: the year 9999. */
const END_OF_TIME = 253_402_300_800

/** What the arguments of a question may be. */
export interface QuestionArgs {
  readonly type?: string | undefined
  readonly stream?: string | undefined
  readonly year?: string | undefined
  readonly month?: string | undefined
  readonly day?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly zone?: string | undefined
}

/** The filter that a person's words mean; every type and all of time where nothing is said. Codes: E_CLI_USAGE, E_PERIOD_FORM, E_ZONE_UNKNOWN. */
export function readFilter(args: QuestionArgs): Filter {
  const types = (args.type === undefined ? ALL_CLASSES : args.type.split(',').map(typeHex)).map((hex) => fromHex(hex))
  return {
    types,
    ...(args.stream === undefined ? {} : { streams: args.stream.split(',').map(streamNumber) }),
    ...readWindow(args),
  }
}

/** False for a question about all of time. */
export function isBounded({ from, to }: Filter): boolean {
  return from > 0 && to < END_OF_TIME
}

function readWindow(args: QuestionArgs): { from: number; to: number } {
  const periods = [args.year, args.month, args.day].filter((period) => period !== undefined)
  const [period] = periods
  if (periods.length > 1 || (period !== undefined && (args.from !== undefined || args.to !== undefined))) {
    throw usageError({
      en: 'Name one window: --year, --month, --day, or --from and --to.',
      zh: '请只指定一个时段：--year、--month、--day，或 --from 与 --to。',
    })
  }
  if (period !== undefined) return periodWindow(period, args.zone)
  return {
    from: args.from === undefined ? 0 : moment(args.from),
    to: args.to === undefined ? END_OF_TIME : moment(args.to),
  }
}

/** The bytes of a type that a person's word means, as hex. Codes: E_CLI_USAGE. */
export function typeHex(word: string): string {
  const name = word.trim().toLowerCase()
  const known = CLASSES[name]
  if (known !== undefined) return known
  if (/^([0-9a-f]{2}){1,4}$/.test(name)) return name
  const kind = KINDS.find(({ en, zh }) => en === name || zh === word.trim())
  if (kind !== undefined) return kind.type.toString(16).padStart(6, '0')
  throw usageError({
    en: `${word} is no type. Use a word such as ${Object.keys(CLASSES).slice(0, 6).join(', ')}, or one to four bytes of hex.`,
    zh: `${word} 不是类型。请用 ${Object.keys(CLASSES)
      .filter((name) => /\p{Script=Han}/u.test(name))
      .join('、')} 等词，或一至四字节十六进制。`,
  })
}

function streamNumber(text: string): number {
  if (/^[1-9][0-9]{0,9}$/.test(text.trim())) return Number(text)
  throw usageError({
    en: `${text} is no stream: streams are numbers from 1.`,
    zh: `${text} 不是数据流：数据流为从 1 起的编号。`,
  })
}

function moment(text: string): number {
  if (/^[0-9]{1,11}$/.test(text)) return Number(text)
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(time) && time >= 0 && time % 1000 === 0) return time / 1000
  throw usageError({
    en: `${text} is no moment: give Unix seconds or a time such as 2018-03-01T00:00:00+08:00.`,
    zh: `${text} 不是时刻：请给出 Unix 秒，或如 2018-03-01T00:00:00+08:00 的时间。`,
  })
}
