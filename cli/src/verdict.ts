import { EVIDENCE_ERRORS, kindInfo, type Verdict, type VerdictLine } from '@tanlian/evidence'
import { formatMean, formatNumber, formatQuantity } from '@tanlian/units'
import type { Output, Text } from './output.ts'
import { reasonText, stepText } from './verdict-text.ts'

/** What each step of a verdict is called when it holds. Values in braces come from the line. */
const STEPS: Readonly<Record<VerdictLine['step'], Text>> = {
  log: { en: 'log root = chain (block {block})', zh: '日志根 = 链上（区块 {block}）' },
  entries: { en: '{batches} batches in sequence, none missing', zh: '{batches} 个批次连续无缺' },
  signatures: { en: '{signatures} signatures', zh: '{signatures} 个签名' },
  inclusion: { en: '{entries} entries in the log', zh: '{entries} 个条目在日志中' },
  proofs: { en: '{proofs} proofs', zh: '{proofs} 个证明' },
  complete: { en: 'complete', zh: '完整' },
  bodies: {
    en: '{opened} readings opened; raw frames: {signed} signed by their device, {unsigned} by the gateway alone, {absent} not included',
    zh: '已打开 {opened} 条读数；原始帧：设备签名 {signed} 个，仅网关签名 {unsigned} 个，未附 {absent} 个',
  },
  restatements: { en: '{restatements} restatements applied', zh: '已应用 {restatements} 次重述' },
  witnesses: { en: '{witnesses} witnesses', zh: '{witnesses} 个见证方' },
}
const VALIDITIES: readonly Text[] = [
  { en: 'measured', zh: '实测' },
  { en: 'entered or estimated', zh: '人工或估算' },
  { en: 'not valid', zh: '无效' },
]

/**
 * Prints a verdict (spec section 8): steps that hold in a row, each one that does not on a line of its own with the reason, then totals by
 * validity, capture rate, delay, and what was not checked.
 * @param bounded false for a question about all of time, whose capture rate says nothing
 */
export function printVerdict(out: Output, verdict: Verdict, bounded: boolean): void {
  const { colors } = out
  const label = out.say({ en: 'check', zh: '验证' })
  const held = verdict.lines.filter(({ ok }) => ok === true)
  const failed = verdict.lines.filter(({ ok }) => ok === false)
  const open = verdict.lines.filter(({ ok }) => ok === null)
  const indent = ' '.repeat(out.language === 'zh' ? 6 : 10)
  const head = `${label}${' '.repeat(indent.length - (out.language === 'zh' ? 4 : label.length))}`
  out.line(head + held.map((line) => `${colors.green('✔')} ${stepText(out, STEPS[line.step], line)}`).join('   '))
  const signers = verdict.lines[0]?.values.signers
  if (typeof signers === 'string' && signers !== '')
    out.line(`${indent}${colors.green('✔')} ${out.say({ en: 'checkpoint signed by', zh: '检查点签署者' })} ${signers}`)
  for (const line of failed)
    out.line(`${indent}${colors.red('✘')} ${line.step}  ${reasonText(out, EVIDENCE_ERRORS, line)}`)
  for (const total of verdict.totals) out.line(totalText(out, total))
  if (verdict.totals.length === 0 && failed.length === 0)
    out.line(out.say({ en: 'no readings fit the question', zh: '没有符合条件的读数' }))
  if (bounded && verdict.capture.of > 0) {
    const { least, greatest } = verdict.delaySeconds ?? {}
    const delay =
      least === undefined || greatest === undefined
        ? ''
        : `   ${out.say({ en: 'delay', zh: '延迟' })} ${duration(out, least)} – ${duration(out, greatest)}`
    out.line(`${out.say({ en: 'capture', zh: '捕获率' })} ${percent(verdict.capture)} %${delay}`)
  }
  const notes = [...new Set(open.map((line) => reasonText(out, EVIDENCE_ERRORS, line)))]
  if (notes.length > 0) out.line(colors.yellow(`${out.say({ en: 'not checked', zh: '未检查' })}: ${notes.join(' ')}`))
}

function totalText(out: Output, { type, validity, count, quantity, seconds }: Verdict['totals'][number]): string {
  const locale = out.language === 'zh' ? 'zh-CN' : 'en'
  const kind = kindInfo(type)
  const name = kind === undefined ? type.toString(16).padStart(6, '0') : kind[out.language]
  const readings = `${formatNumber(count, locale)} ${out.say({ en: 'readings', zh: '条读数' })}`
  const state = out.say(VALIDITIES[validity] as Text)
  // Quantities of readings that are not valid are no amounts of anything.
  if (kind === undefined || validity === 2) return `${name}  ${readings}  ${state}`
  const amount =
    kind.sort === 'gauge'
      ? `${out.say({ en: 'mean', zh: '均值' })} ${formatMean(quantity, BigInt(seconds), kind.unit, { locale })}`
      : formatQuantity(quantity, kind.unit, { locale })
  return `${out.colors.bold(amount)}   ${readings}   ${name}, ${state}`
}

function percent({ seconds, of }: { seconds: number; of: number }): string {
  // Rounded down: 100.0 is said only where nothing is missing.
  return (Math.floor((1000 * seconds) / of) / 10).toFixed(1)
}

function duration(out: Output, seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} ${out.say({ en: 'd', zh: '天' })}`
}
