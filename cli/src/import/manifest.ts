import { toHex } from '@tanlian/evidence'
import { type Client, type ImportManifest, openClient, signIn } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { ImportJob } from './job.ts'
import type { Plan } from './plan.ts'

/** The import as the platform shows it to everybody: complete, or k of n batches (导入清单). */
export interface Manifest {
  readonly id: string
  /** Says that a batch belongs to the import; told to the platform some at a time. */
  add(sequence: number): Promise<void>
  /** Tells what is not told yet. @returns the manifest as it stands. */
  flush(): Promise<ImportManifest>
}

/** Sequences that are told in one request. */
const TOLD_AT_ONCE = 200
/** Least time between two tellings, milliseconds: people who watch see it grow, and the platform has other work. */
const TOLD_EVERY_MS = 1000

/**
 * Announces an import, or finds the one that was announced before for the same file and mapping. The organization's own key signs in for
 * it. @param known sequences that earlier runs sent.
 */
export async function openManifest(
  base: string,
  job: ImportJob,
  plan: Plan,
  key: Uint8Array,
  known: readonly number[],
): Promise<Manifest> {
  const { organization } = job
  const client = await openSignedIn(base, organization, key)
  const manifest = (await findManifest(client, job)) ?? (await announce(client, job, plan))
  const told = new Set(manifest.sequences)
  let untold = known.filter((sequence) => !told.has(sequence))
  let last = performance.now()
  const tell = async (): Promise<ImportManifest> => {
    let now = manifest
    while (untold.length > 0) {
      const sequences = untold.slice(0, TOLD_AT_ONCE)
      now = await client.http.json<ImportManifest>(`/v1/organizations/${organization}/imports/${manifest.id}/batches`, {
        method: 'POST',
        json: { sequences },
      })
      untold = untold.slice(sequences.length)
    }
    last = performance.now()
    return now
  }
  await tell()
  return {
    id: manifest.id,
    async add(sequence) {
      untold.push(sequence)
      if (untold.length >= TOLD_AT_ONCE || performance.now() - last > TOLD_EVERY_MS) await tell()
    },
    flush: tell,
  }
}

/** A client with a session of an organization's key; for as long as one session lasts, an hour. */
export async function openSignedIn(base: string, organization: number, key: Uint8Array): Promise<Client> {
  const { token } = await signIn(openClient({ base }), organization, key)
  return openClient({ base, headers: () => ({ authorization: `Bearer ${token}` }) })
}

/** The manifest of the same file and mapping that is not withdrawn. */
export async function findManifest(
  client: Client,
  job: Pick<ImportJob, 'organization' | 'file' | 'mappingDigest'>,
): Promise<ImportManifest | undefined> {
  const [file, mapping] = [toHex(job.file), toHex(job.mappingDigest)]
  for await (const item of client.imports(job.organization)) {
    if (item.sha256 === file && item.mapping === mapping && item.state !== 'withdrawn') return item
  }
  return undefined
}

async function announce(client: Client, job: ImportJob, plan: Plan): Promise<ImportManifest> {
  const manifest = await client.http.json<ImportManifest>(`/v1/organizations/${job.organization}/imports`, {
    method: 'POST',
    json: {
      name: job.name.slice(0, 200),
      sha256: toHex(job.file),
      mapping: toHex(job.mappingDigest),
      readings: plan.readings,
      batches: plan.windows.length,
    },
  })
  if (manifest.batches === plan.windows.length) return manifest
  throw new TanlianError(
    'E_IMPORT_CHANGED',
    `The file ${job.name} was announced with ${manifest.batches} batches and gives ${plan.windows.length} now.`,
    {
      values: { file: job.name },
    },
  )
}
