import { parseCid } from '@tanlian/evidence'
import * as z from 'zod'
import { Text, Time } from '../form.ts'

/** A CID of a block, as text; handlers get the CID. */
export const Cid = z
  .string()
  .max(80)
  .refine((text) => isCid(text), 'is no CID of a block of evidence')
  .transform(parseCid)
  .meta({ description: 'CID of a block', override: { type: 'string' } })

function isCid(text: string): boolean {
  try {
    parseCid(text)
    return true
  } catch {
    return false
  }
}

const Seconds = z.int().min(0)
/** A name of a methodology. */
const InputName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,59}$/, 'is no name of an input')
const Stream = z.int().min(1).max(0xffffffff)

const TotalAsked = z.strictObject({
  kind: z.literal('total'),
  type: z
    .string()
    .regex(/^(?:[0-9a-f]{2}){2,3}$|^[0-9a-f]{6}0[01]$/, 'is not two to four bytes of hex of what is valid'),
  streams: z.array(Stream).min(1).max(4096).nullable(),
  from: Seconds,
  to: Seconds,
  quantity: z.string().max(40).optional(),
  seconds: z.number().optional(),
})
const Others = [
  z.strictObject({ kind: z.literal('analysis'), document: z.string().max(80), result: Text(80) }),
  z.strictObject({ kind: z.literal('voucher'), document: z.string().max(80) }),
  z.strictObject({ kind: z.literal('choice') }),
  z.strictObject({ kind: z.literal('manual'), reason: Text(2000) }),
] as const
/** An input as it comes in. */
export const InputAsked = z
  .strictObject({
    name: InputName,
    group: InputName.nullable(),
    row: z.int().min(0).max(19_999),
    value: z.string().min(1).max(200).optional(),
    origin: z.discriminatedUnion('kind', [TotalAsked, ...Others]),
  })
  .meta({ id: 'ReportInputAsked', description: 'A value and where it is from; of a total the question alone counts' })

/** An input as it is shown. */
export const InputShown = z
  .object({
    name: z.string(),
    group: z.string().nullable(),
    row: z.number(),
    value: z.string(),
    origin: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('total'),
        type: z.string(),
        streams: z.array(z.number()).readonly().nullable(),
        from: z.number(),
        to: z.number(),
        quantity: z.string(),
        seconds: z.number(),
      }),
      z.object({ kind: z.literal('analysis'), document: z.string(), result: z.string() }),
      z.object({ kind: z.literal('voucher'), document: z.string() }),
      z.object({ kind: z.literal('choice') }),
      z.object({ kind: z.literal('manual'), reason: z.string() }),
    ]),
  })
  .meta({ id: 'ReportInput', description: 'A value in the input’s unit, and where it is from' })

/** A line of results. */
export const OutputShown = z
  .object({
    name: z.string(),
    zh: z.string(),
    en: z.string(),
    value: z.string(),
    unit: z.string(),
    gas: z.string().nullable(),
    scope: z.string().nullable(),
    role: z.enum(['line', 'total', 'intensity', 'note', 'remainder']),
  })
  .meta({ id: 'ReportOutput' })

/** Where a report may stand. */
export const STAGES = ['submitted', 'verified', 'adverse', 'returned', 'accepted', 'rejected'] as const

/** How the batches below a report are witnessed. */
export const WitnessesShown = z
  .object({
    required: z.number().meta({ description: 'Audits that each batch needs; the platform’s own is one of them' }),
    batches: z.number(),
    short: z.number().meta({ description: 'Batches with fewer' }),
    platform: z.number().meta({ description: 'Batches that this platform audited itself' }),
    least: z.number().meta({ description: 'Other organizations that audited a batch: the least over all batches' }),
  })
  .meta({ id: 'WitnessesBelow' })

/** The same report a year before. */
export const ComparisonShown = z
  .object({
    report: z.string(),
    from: z.number(),
    to: z.number(),
    lines: z.array(
      z.object({
        name: z.string(),
        unit: z.string(),
        before: z.string(),
        now: z.string(),
        changePercent: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'ReportComparison', description: 'Each line against the same stretch of the year before' })

export const Answers = z.array(z.tuple([Text(80), Text(200), Text(2000)])).max(500)

/** The head of a draft. */
export const DraftHead = z
  .object({
    id: z.string(),
    organization: z.number(),
    type: z.enum(['month', 'year']),
    subject: z.string(),
    period: z.string(),
    zone: z.string(),
    from: z.number(),
    to: z.number(),
    methodology: z.string(),
    corrects: z.string().nullable(),
    reason: z.string().nullable(),
    version: z.number(),
    created: Time,
    changed: Time,
  })
  .meta({ id: 'ReportDraft', description: 'A report being prepared' })
