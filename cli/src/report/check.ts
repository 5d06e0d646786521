import { ACCOUNTING_ERRORS, checkReportPackage, type ReportLine, type ReportVerdict } from '@tanlian/accounting'
import { decodeReportPackage, EVIDENCE_ERRORS } from '@tanlian/evidence'
import { openChain, openRpc, reportChainFacts, reportLogFacts } from '@tanlian/sdk'
import type { Context } from '../command.ts'
import { EXIT } from '../exit.ts'
import { expectedAddress } from '../log-address.ts'
import type { Output, Text } from '../output.ts'
import { openPackage } from '../package-file.ts'
import { reasonText, stepText } from '../verdict-text.ts'

/** What each step of doing a report again is called when it holds. Values in braces come from the line. */
const STEPS: Readonly<Record<ReportLine['step'], Text>> = {
  log: { en: 'log root = chain (block {block})', zh: '日志根 = 链上（区块 {block}）' },
  entries: { en: '{batches} batches in sequence, none missing', zh: '{batches} 个批次连续无缺' },
  signatures: { en: '{signatures} signatures', zh: '{signatures} 个签名' },
  inclusion: { en: '{entries} entries in the log', zh: '{entries} 个条目在日志中' },
  anchors: { en: 'blocks, times and parties are the chain’s', zh: '区块、时间和主体类别与链上一致' },
  documents: { en: '{documents} documents keep the rules', zh: '{documents} 份文档符合规则' },
  proofs: { en: '{totals} totals proven over {batches} batches', zh: '{totals} 个总量由 {batches} 个批次证明' },
  methodology: { en: 'methodology {methodology} {version}', zh: '方法学 {methodology} {version}' },
  totals: { en: 'totals and values are the evidence’s', zh: '总量与数值与证据一致' },
  outputs: { en: '{outputs} outputs recomputed, equal', zh: '{outputs} 项结果复算一致' },
  trace: { en: 'trace equal', zh: '追溯一致' },
  witnesses: { en: '{witnesses} witnesses audited every batch', zh: '{witnesses} 个见证方审计了全部批次' },
  sources: {
    en: 'values: {total} measured, {analysis} by a laboratory, {voucher} from documents, {choice} chosen, {manual} entered by hand',
    zh: '数值：实测 {total}，实验室 {analysis}，凭证 {voucher}，选项 {choice}，手工填写 {manual}',
  },
}

const STAGES: Readonly<Record<NonNullable<ReportVerdict['stage']>, Text>> = {
  submitted: { en: 'submitted', zh: '已提交' },
  verified: { en: 'verified', zh: '已核查' },
  adverse: { en: 'with an adverse opinion', zh: '核查意见为否定' },
  returned: { en: 'sent back', zh: '已退回' },
  accepted: { en: 'accepted', zh: '已接受' },
  rejected: { en: 'rejected', zh: '未接受' },
}

/** Does a report again from its package's file, with a chain node's word where one is named, and says line by line what held. */
export async function checkReportFile(context: Context, bytes: Uint8Array): Promise<void> {
  const { out, settings } = context
  const pack = openPackage(context, bytes, decodeReportPackage)
  if (pack === undefined) return
  const rpc = settings.get('rpc')
  const chain =
    rpc === undefined ? undefined : openChain(openRpc({ url: rpc }), await expectedAddress(context, rpc, pack))
  const asked =
    chain === undefined ? {} : { chain: await reportChainFacts(chain, pack), log: await reportLogFacts(chain, pack) }
  const verdict = checkReportPackage(pack, asked)
  printReport(out, verdict)
  const { recomputed, documents, report, ...rest } = verdict
  const outputs = recomputed?.outputs ?? []
  out.data({ ...rest, cid: pack.report.toString(), subject: report?.subject, period: report?.period, outputs })
  if (verdict.status === 'failed') process.exitCode = EXIT.failed
}

function printReport(out: Output, { organization, report, stage, lines, recomputed }: ReportVerdict): void {
  const { colors } = out
  const title = report === undefined ? '' : ` ${report.subject}, ${daysOf(report.period, report.zone)}`
  const state = stage === undefined ? '' : `, ${out.say(STAGES[stage])}`
  out.line(`${out.say({ en: 'report    organization', zh: '报告  组织' })} ${organization},${title}${state}`)
  for (const line of lines.filter(({ ok }) => ok === true))
    out.line(`${colors.green('✔')} ${stepText(out, STEPS[line.step], line)}`)
  for (const line of lines.filter(({ ok }) => ok === false))
    out.line(`${colors.red('✘')} ${line.step}  ${reasonOf(out, line)}`)
  for (const [name, value, unit] of recomputed?.outputs ?? []) out.line(`  ${name}  ${colors.bold(`${value} ${unit}`)}`)
  const open = [...new Set(lines.filter(({ ok }) => ok === null).map((line) => reasonOf(out, line)))]
  if (open.length > 0) out.line(colors.yellow(`${out.say({ en: 'not checked', zh: '未检查' })}: ${open.join(' ')}`))
}

function reasonOf(out: Output, line: ReportLine): string {
  const said = reasonText(out, { ...EVIDENCE_ERRORS, ...ACCOUNTING_ERRORS }, line)
  return line.code === undefined ? said : `${said} (${line.code})`
}

/** First and last day of a period in its zone. */
function daysOf([from, to]: readonly [number, number], zone: string): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
  return `${day.format(from * 1000)} – ${day.format((to - 1) * 1000)}`
}
