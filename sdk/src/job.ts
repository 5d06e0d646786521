import { TanlianError } from '@tanlian/units'

/** A relayed act on its way to the chain. */
export interface Job {
  readonly id: string
  readonly state: 'pending' | 'sent' | 'done' | 'failed'
  readonly transaction: `0x${string}` | null
  readonly block: number | null
  /** Why the registry refuses it. */
  readonly code: string | null
  readonly message: string | null
  readonly result: { readonly application: string | null; readonly organization: number | null } | null
}

/**
 * Waits until a relayed act is on the chain or refused, asking at growing distances, at most 2 s.
 * Codes: E_CLIENT_JOB_FAILED with the contract's reason, E_CLIENT_TIMEOUT.
 */
export async function settled(
  client: { job(id: string): Promise<Job> },
  job: Job,
  limitMs: number,
  everyMs: number,
): Promise<Job> {
  const until = performance.now() + limitMs
  let now = job
  for (let pause = everyMs; ; pause = Math.min(2000, pause * 1.3)) {
    if (now.state === 'done') return now
    if (now.state === 'failed') throw failed(now)
    if (performance.now() > until) {
      throw new TanlianError(
        'E_CLIENT_TIMEOUT',
        `Job ${job.id} is still ${now.state} after ${limitMs / 1000} s. It goes on by itself; ask for it again later.`,
        {
          values: { job: job.id, state: now.state },
        },
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
    now = await client.job(job.id)
  }
}

function failed(job: Job): TanlianError {
  const text = `${job.message ?? 'no reason given'} (${job.code ?? 'no code'})`
  return new TanlianError('E_CLIENT_JOB_FAILED', `The chain refused the act: ${text}. Correct it and sign again.`, {
    values: { job: job.id, reason: job.code, detail: job.message },
  })
}
