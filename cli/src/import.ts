import type { RowError } from '@tanlian/evidence'
import { requireFile, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, connect } from './connect.ts'
import { errorText } from './exit.ts'
import { type ImportJob, openJob } from './import/job.ts'
import type { Plan } from './import/plan.ts'
import { findRecord, isWithdrawn, listRecords } from './import/record.ts'
import { type ImportProgress, planJob, requireRows, runImport } from './import/run.ts'
import { withdrawImport } from './import/withdraw.ts'
import { openKey } from './keys.ts'
import { agree } from './organization.ts'
import { type Owner, ownerOf } from './owner.ts'
import { readPrivacy } from './seal.ts'

const KEY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: { en: 'Key set of the organization', zh: '该组织的密钥组' },
  default: 'main',
} as const
/** Bad rows that are printed; the file of --rejected has them all. */
const SHOWN_FAULTS = 20
const SHOWN_OF_A_SORT = 5

const file = command(
  'import file',
  {
    en: 'Turn a table into signed batches and send them (in short: tanlian import FILE)',
    zh: '把表格变成签名的批次并上传（可简写为 tanlian import FILE）',
  },
  {
    file: {
      type: 'positional',
      description: { en: 'CSV (also .gz), TOA5 .dat or .xlsx', zh: 'CSV（可为 .gz）、TOA5 .dat 或 .xlsx' },
      required: true,
    },
    map: {
      type: 'string',
      valueHint: 'FILE',
      description: { en: 'Mapping (YAML): what the columns mean', zh: '映射文件（YAML）：各列的含义' },
      required: true,
    },
    'dry-run': {
      type: 'boolean',
      description: {
        en: 'Check all rows and stop; needs no key and no platform',
        zh: '只检查所有行；不需要密钥和平台',
      },
    },
    rejected: {
      type: 'string',
      valueHint: 'FILE',
      description: {
        en: 'Write the bad rows, with column and reason, to a CSV file',
        zh: '把有问题的行及其列和原因写入 CSV 文件',
      },
    },
    sheet: { type: 'string', valueHint: 'NAME', description: { en: 'Sheet of a workbook', zh: '工作簿中的工作表' } },
    encoding: {
      type: 'string',
      valueHint: 'NAME',
      description: { en: 'Encoding of the text, such as gbk', zh: '文本编码，例如 gbk' },
    },
    delimiter: {
      type: 'string',
      valueHint: 'CHAR',
      description: { en: 'Character between cells', zh: '单元格之间的分隔符' },
    },
    limit: {
      type: 'string',
      valueHint: 'N',
      description: {
        en: 'Send at most N batches now; another run goes on',
        zh: '本次最多上传 N 个批次；再次运行会继续',
      },
    },
    seal: {
      type: 'string',
      valueHint: 'MODES',
      description: {
        en: 'Who may read: open, shared (the platform audits and draws) or closed; by type as electricity=shared,co2=closed; as chosen by `privacy choose` where it is left out',
        zh: '可读范围：open（公开）、shared（平台可验算与绘图）或 closed（封闭）；可按类型指定，如 电力=shared,co2=closed；省略时按 `privacy choose` 的选择',
      },
    },
    key: KEY_ARG,
    'passphrase-file': {
      type: 'string',
      valueHint: 'FILE',
      description: { en: 'File with the passphrase', zh: '存有口令的文件' },
    },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const options = {
      ...(args.sheet === undefined ? {} : { sheet: args.sheet }),
      ...(args.encoding === undefined ? {} : { encoding: args.encoding }),
      ...(args.delimiter === undefined ? {} : { delimiter: args.delimiter }),
    }
    // A slip in a name is told before a passphrase is asked for.
    const privacy = args.seal === undefined ? undefined : readPrivacy(args.seal)
    for (const path of [args.file, args.map]) await requireFile(path)
    const sender = args['dry-run'] === true ? undefined : await openSender(context, args.key)
    const job = await openJob(args.file, args.map, sender?.organization ?? 0, options)
    const plan = await planJob(job, (progress) => out.progress(progressText(context, progress)))
    out.clear()
    if (plan.faultCount > 0) await refuseRows(context, job, plan, args.rejected)
    requireRows(job, plan)
    const rows = `${plan.rows.toLocaleString('en')} ${out.say({ en: 'rows', zh: '行' })}, ${plan.readings.toLocaleString('en')} ${out.say({ en: 'readings', zh: '条读数' })}, ${plan.windows.length} ${out.say({ en: 'batches', zh: '个批次' })}`
    if (sender === undefined) {
      out.line(`${out.colors.green('✔')} ${job.name}  ${rows}`)
      out.data({
        id: job.id,
        rows: plan.rows,
        readings: plan.readings,
        batches: plan.windows.length,
        from: plan.from,
        to: plan.to,
      })
      return
    }
    out.note(`${job.name}  ${rows}`)
    const result = await runImport(job, plan, {
      home: context.home,
      connection: sender.connection,
      key: sender.key,
      ...(privacy === undefined ? {} : { privacy }),
      ...(args.limit === undefined ? {} : { limit: wholeNumber(args.limit) }),
      onProgress: (progress) => out.progress(progressText(context, progress)),
    })
    out.clear()
    const state =
      result.batches === result.of ? out.say({ en: 'complete', zh: '完整' }) : `${result.batches} / ${result.of}`
    out.line(
      `${out.colors.green('✔')} ${result.id.slice(0, 12)}  ${state}  ${rows}  ${out.say({ en: 'sequence', zh: '序号' })} ${result.firstSequence ?? '–'}–${result.lastSequence ?? '–'}  ${result.seconds.toFixed(1)} s`,
    )
    out.data(result)
  },
  [
    'import meters.csv --map mapping.yaml --dry-run',
    'import meters.csv --map mapping.yaml --rejected bad-rows.csv',
    'import meters.csv --map mapping.yaml --seal shared',
    'import list',
  ],
)

const list = command(
  'import list',
  { en: 'Imports made from this folder', zh: '列出本文件夹的导入' },
  CONNECT_ARGS,
  async (context) => {
    const { log } = await connect(context)
    const { out } = context
    const all = await listRecords(context.home, log)
    for (const record of all) {
      const state = !isWithdrawn(record)
        ? ''
        : `  ${out.say({ en: 'withdrawn', zh: '已撤回' })}: ${record.withdrawals.at(-1)?.reason}`
      out.line(
        `${record.id.slice(0, 12)}  ${out.say({ en: 'organization', zh: '组织' })} ${record.organization}  ${record.readings.toLocaleString('en')}  ${record.name}${state}`,
      )
      out.data(record)
    }
    if (all.length === 0)
      out.note(out.say({ en: 'No import was made from this folder yet.', zh: '本文件夹尚无导入。' }))
  },
)

const withdraw = command(
  'import withdraw',
  { en: 'Take an import back by a restatement; nothing is deleted', zh: '以重述方式撤回一次导入；不删除任何数据' },
  {
    id: {
      type: 'positional',
      description: { en: 'Id of the import, or its beginning', zh: '导入编号，或其开头几位' },
      required: true,
    },
    reason: {
      type: 'string',
      valueHint: 'TEXT',
      description: { en: 'Why; everybody can read it', zh: '原因；所有人可见' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const sender = await openSender(context, args.key)
    const record = await findRecord(context.home, sender.connection.log, args.id)
    await agree(
      context,
      out.say({
        en: `withdraw ${record.name}, ${record.readings} readings`,
        zh: `撤回 ${record.name} 的 ${record.readings} 条读数`,
      }),
    )
    const withdrawal = await withdrawImport(record, args.reason, {
      home: context.home,
      connection: sender.connection,
      key: sender.key,
    })
    out.line(
      `${out.colors.green('✔')} ${out.say({ en: 'withdrawn by batch', zh: '已由批次撤回' })} ${withdrawal.sequences.join(', ')}`,
    )
    out.data({ id: record.id, ...withdrawal })
  },
)

/** `tanlian import FILE`, `import list`, `import withdraw`. */
export const importCommand = group(
  'import',
  { en: 'Turn tables into signed batches', zh: '把表格变成签名的批次' },
  { file, list, withdraw },
)

/** The key for batches of a set, opened, and whose it is. Codes: E_KEY_MISSING, E_CLI_NOT_FOUND. */
async function openSender(context: Context, name: string): Promise<Owner> {
  const key = await openKey(context, name, 'batches')
  const connection = await connect(context)
  return { connection, organization: await ownerOf(connection.client, key), key }
}

/** Names the bad rows and ends the command. @throws TanlianError E_IMPORT_ROWS, always. */
async function refuseRows(context: Context, job: ImportJob, plan: Plan, rejected: string | undefined): Promise<never> {
  const { out } = context
  const shown = worthShowing(plan.faults)
  for (const fault of shown) out.line(`${out.colors.red('✘')} ${faultText(context, fault)}`)
  const more = plan.faultCount - shown.length
  if (more > 0)
    out.line(
      out.say({
        en: `… ${more} more${rejected === undefined ? '; --rejected FILE lists them' : ''}`,
        zh: `… 另有 ${more} 条${rejected === undefined ? '；可用 --rejected FILE 列出' : ''}`,
      }),
    )
  if (rejected !== undefined) {
    const lines = plan.faults.map(({ row, column, code, message }) =>
      [row, column ?? '', code, message].map(csvCell).join(','),
    )
    await writeDurably(rejected, `row,column,code,message\n${lines.join('\n')}\n`)
    out.note(`${out.say({ en: 'bad rows are in', zh: '有问题的行已写入' })} ${rejected}`)
  }
  throw new TanlianError(
    'E_IMPORT_ROWS',
    `${plan.faultCount} cells or rows of ${job.name} cannot be used. Correct them; nothing was signed or sent.`,
    {
      values: { file: job.name, faults: plan.faultCount, first: plan.faults[0]?.row ?? 0 },
    },
  )
}

/** The first faults, and few of one sort: a mapping that does not fit makes the same fault in every row. */
function worthShowing(faults: readonly RowError[]): RowError[] {
  const seen = new Map<string, number>()
  return faults
    .filter(({ code, column }) => {
      const sort = `${code} ${column}`
      const count = (seen.get(sort) ?? 0) + 1
      seen.set(sort, count)
      return count <= SHOWN_OF_A_SORT
    })
    .slice(0, SHOWN_FAULTS)
}

function faultText({ out }: Context, { row, column, code, message, values }: RowError): string {
  const where = `${out.say({ en: `row ${row}`, zh: `第 ${row} 行` })}${column === null ? '' : `  ${column}`}`
  return `${where}  ${errorText(new TanlianError(code, message.replace(/^Row \d+: /, ''), { values }), out.language)}`
}

function progressText({ out }: Context, progress: ImportProgress): string {
  if (progress.phase === 'reading') {
    const share = progress.size === 0 ? 100 : Math.floor((100 * progress.bytes) / progress.size)
    return `${out.say({ en: 'reading', zh: '读取' })}  ${share} %  ${progress.rows.toLocaleString('en')} ${out.say({ en: 'rows', zh: '行' })}`
  }
  const { batches, of, readings, ofReadings } = progress
  return `${out.say({ en: 'sending', zh: '上传' })}  ${batches} / ${of} ${out.say({ en: 'batches', zh: '批次' })}  ${readings.toLocaleString('en')} / ${ofReadings.toLocaleString('en')}`
}

/** A cell that a spreadsheet takes as text, whatever it begins with (safety R20). */
function csvCell(value: string | number): string {
  const text = String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function wholeNumber(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  throw usageError({ en: `${text} is not a whole number above zero.`, zh: `${text} 不是大于零的整数。` })
}
