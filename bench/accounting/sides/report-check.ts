/** What runs in the browser: opens a report package and does the report again. */
import { checkReportPackage } from '@tanlian/accounting'
import { decodeReportPackage } from '@tanlian/evidence'

export function checkTimed(bytes: Uint8Array): { ms: number; lines: string } {
  const from = performance.now()
  const verdict = checkReportPackage(decodeReportPackage(bytes))
  const ms = performance.now() - from
  return { ms, lines: verdict.lines.map(({ step, ok, code }) => `${step} ${ok} ${code ?? ''}`).join('\n') }
}

Object.assign(globalThis, { checkTimed })
