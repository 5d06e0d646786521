import { setTimeout as pause } from 'node:timers/promises'
import { openClient } from '@tanlian/sdk'
import type { Context } from '../command.ts'
import type { Keyring } from '../demo/keyring.ts'
import { type DemoState, seedDemo } from '../demo/seed.ts'
import { padTo } from '../output.ts'

/** Longest wait for the log to take up what was accepted; receipts promise half of it. */
const LOG_LIMIT_MS = 60_000
const LOG_LOOK_MS = 200

/** Seeds the demo beside a platform that listens already, and shows how it comes along. */
export async function fillDemo(
  { out }: Context,
  options: {
    readonly url: string
    readonly home: string
    readonly keyring: Keyring
    readonly signal: AbortSignal
    readonly step: (name: string, detail: string) => void
  },
): Promise<void> {
  const { step, signal } = options
  const head = `${out.colors.dim('│')} ${padTo('data', 10)}`
  out.note(
    `${head} ${out.say({ en: 'coming in; the pages can be opened and watched now', zh: '正在导入；现在即可打开页面查看' })}`,
  )
  const state = await seedDemo({
    ...options,
    onState: ({ parties, ofParties, batches, ofBatches, readings }) =>
      out.progress(
        `${head} ${parties}/${ofParties} ${out.say({ en: 'parties', zh: '个主体' })}  ${batches}/${ofBatches} ${out.say({ en: 'batches', zh: '个批次' })}  ${grouped(readings)} ${out.say({ en: 'readings', zh: '条读数' })}`,
      ),
  })
  if (signal.aborted) return
  out.clear()
  step(
    'data',
    `${grouped(state.readings)} ${out.say({ en: 'readings in', zh: '条读数，' })} ${state.batches} ${out.say({ en: 'batches', zh: '个批次' })}`,
  )
  const size = await logSize(options.url, state, signal)
  step('log', `${size} ${out.say({ en: 'entries', zh: '个条目' })}`)
}

/** The size of the log once it holds everything that was accepted, or what it has come to within the limit. */
async function logSize(url: string, { batches, datasets }: DemoState, signal: AbortSignal): Promise<number> {
  const client = openClient({ base: url })
  const limit = performance.now() + LOG_LIMIT_MS
  for (;;) {
    const { size } = await client.log()
    if (size >= batches + datasets || signal.aborted || performance.now() > limit) return size
    await pause(LOG_LOOK_MS)
  }
}

/** A count with thin groups of three, as in every language. */
function grouped(count: number): string {
  return count.toLocaleString('en').replaceAll(',', ' ')
}
