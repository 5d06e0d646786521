import * as z from 'zod'

/** How grave an alert is (级别). */
export const SEVERITIES = ['info', 'warning', 'critical'] as const
/** One of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number]

const Level = z.int().meta({
  description: 'Base unit: of a gauge its mean over the reading, of an amount the amount an hour',
})
const Percent = z.int().min(0).max(100)

/** What each kind of rule is set by. Numbers are whole, so that a reading is held against them exactly. */
export const SETTINGS = {
  /** A reading below or above a level. */
  threshold: z
    .strictObject({ least: Level.optional(), most: Level.optional() })
    .refine(({ least, most }) => least !== undefined || most !== undefined, 'has neither least nor most')
    .refine(({ least, most }) => least === undefined || most === undefined || least <= most, 'has least above most'),
  /** A change between neighbours of more than so much a minute. */
  rate: z.strictObject({ mostPerMinute: z.int().min(0) }),
  /** A stretch without readings of at least so many intervals. */
  gap: z.strictObject({ intervals: z.int().min(1).max(100_000) }),
  /** A message that says it is from later than it was received, by more than so many seconds: the device's clock is ahead. */
  drift: z.strictObject({ seconds: z.int().min(1).max(31_536_000) }),
  /** More than so many percent of a batch's readings of a stream, at least so many of them, are not valid. */
  quality: z.strictObject({ percent: Percent, readings: z.int().min(1).max(1_000_000) }),
  /** Less than so many percent of a whole day (Asia/Shanghai) measured. */
  capture: z.strictObject({ percent: Percent }),
  /** A message of a device that is enrolled to sign: not signed, broken, by another key, or after its last good counter (S13). */
  signature: z.strictObject({}),
  /** A device that counts its messages left some out, or sent one again. */
  counter: z.strictObject({}),
  /** No reading was received for so many seconds. */
  silence: z.strictObject({ seconds: z.int().min(10).max(31_536_000) }),
  /** A deadline of a report project is not met so many days ahead of it. */
  deadline: z.strictObject({ days: z.int().min(1).max(120) }),
} as const

/** A kind of rule. */
export type RuleKind = keyof typeof SETTINGS
/** What a rule of a kind is set by. */
export type Settings<K extends RuleKind = RuleKind> = z.infer<(typeof SETTINGS)[K]>

/** A rule as it is evaluated. */
export type Rule = {
  [K in RuleKind]: {
    readonly id: string
    readonly kind: K
    /** Only this stream; undefined for every one. */
    readonly stream: number | undefined
    /** Only streams whose type begins so, hex. */
    readonly type: string | undefined
    readonly settings: Settings<K>
  }
}[RuleKind]

/** Rules that an organization starts with: what can be told without knowing its instruments. */
export const FIRST_RULES = [
  { name: '缺漏采集 gap', kind: 'gap', severity: 'warning', settings: { intervals: 4 } },
  { name: '无效数据 quality', kind: 'quality', severity: 'warning', settings: { percent: 25, readings: 4 } },
  { name: '捕集率 capture', kind: 'capture', severity: 'warning', settings: { percent: 75 } },
  { name: '时钟超前 drift', kind: 'drift', severity: 'critical', settings: { seconds: 300 } },
  { name: '设备签名 signature', kind: 'signature', severity: 'critical', settings: {} },
  { name: '重复与缺号 counter', kind: 'counter', severity: 'warning', settings: {} },
] as const satisfies readonly { name: string; kind: RuleKind; severity: Severity; settings: object }[]
