import type { WitnessStatus } from '@tanlian/sdk/witness'
import type { Output } from './output.ts'

/** A status line at most so often, milliseconds. */
const TELL_MS = 2_000

/** Prints the status whenever it has changed, now and then; the function that comes back prints the last one and ends. */
export function tellStatus(out: Output, status: () => WitnessStatus): () => void {
  let last = ''
  const tell = () => {
    const now = status()
    const line = statusLine(out, now)
    if (line === last) return
    last = line
    out.note(line)
    if (out.format === 'jsonl') out.data(now)
  }
  const timer = setInterval(tell, TELL_MS)
  return () => {
    clearInterval(timer)
    tell()
    out.clear()
    if (out.format === 'json') out.data(status())
  }
}

/** How a witness is, in one line. */
function statusLine({ colors, say }: Output, status: WitnessStatus): string {
  const { size, block, audited, waiting, failed, unavailable, closed, documents, findings, cosigned, problem } = status
  const parts = [
    `${say({ en: 'log', zh: '日志' })} ${size} (${say({ en: 'block', zh: '区块' })} ${block})`,
    `${say({ en: 'audited', zh: '已审计' })} ${audited}/${audited + waiting}`,
    ...(failed > 0 ? [colors.red(`${say({ en: 'failed', zh: '未通过' })} ${failed}`)] : []),
    ...(unavailable > 0 ? [colors.yellow(`${say({ en: 'unavailable', zh: '不可用' })} ${unavailable}`)] : []),
    ...(closed > 0 ? [`${say({ en: 'sealed for others', zh: '未向本方开放' })} ${closed}`] : []),
    `${say({ en: 'documents', zh: '审计文件' })} ${documents}${findings > 0 ? ` (+${findings})` : ''}`,
    `${say({ en: 'cosigned', zh: '已联署' })} ${cosigned}`,
    ...(status.equivocations > 0
      ? [colors.red(`${say({ en: 'equivocations', zh: '双签' })} ${status.equivocations}`)]
      : []),
    ...(status.complaints > 0
      ? [colors.red(`${say({ en: 'promises not kept', zh: '未履行的承诺' })} ${status.complaints}`)]
      : []),
  ]
  const sign = problem === undefined ? colors.green('●') : colors.yellow('○')
  return `${sign} ${parts.join(' · ')}${problem === undefined ? '' : ` · ${problem.code}: ${problem.message}`}`
}
