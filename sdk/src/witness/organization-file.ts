import {
  type AuditResult,
  decodeBlock,
  decodeState,
  emptyState,
  encodeBlock,
  encodeState,
  type OrganizationState,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, makeFolder, readIfThere, writeDurably } from '../node/files.ts'

/** What a witness keeps of one organization, in one file, so that state and findings never part. */
export interface OrganizationRecord {
  readonly state: OrganizationState
  /** What was found and stands in no logged document yet. */
  readonly findings: readonly Finding[]
  /** The next batch, where its blocks could not be had. */
  readonly missing: Missing | undefined
}

export type Finding = readonly [digest: Uint8Array, result: AuditResult]

/** A batch that waits for its blocks. */
export interface Missing {
  readonly digest: Uint8Array
  /** Unix milliseconds of the first try. */
  readonly sinceMs: number
  /** Whether a document says so. */
  readonly told: boolean
}

/** Reads and writes the records of a folder. */
export interface OrganizationFiles {
  /** An organization that is new here has nothing yet. Codes: E_WITNESS_DAMAGED. */
  read(organization: number): Promise<OrganizationRecord>
  /** Resolves once the record would survive a power cut. */
  write(organization: number, record: OrganizationRecord): Promise<void>
}

const FORMAT = 'tanlian/witness-organization/1'

/** Opens the folder. */
export async function openOrganizationFiles(folder: string): Promise<OrganizationFiles> {
  await makeFolder(folder)
  const pathOf = (organization: number) => below(folder, `${organization}.state`)
  return {
    async read(organization) {
      const bytes = await readIfThere(pathOf(organization))
      return bytes === undefined ? newRecord(organization) : readRecord(bytes, pathOf(organization))
    },
    async write(organization, { state, findings, missing }) {
      const { bytes } = encodeBlock({
        format: FORMAT,
        state: encodeState(state),
        findings: findings.map(([digest, result]) =>
          typeof result === 'string' ? [digest, result, null] : [digest, 'failed', result.code],
        ),
        missing: missing === undefined ? null : [missing.digest, missing.sinceMs, missing.told],
      })
      await writeDurably(pathOf(organization), bytes)
    },
  }
}

/** What is known of an organization before its first batch. */
export function newRecord(organization: number): OrganizationRecord {
  return { state: emptyState(organization), findings: [], missing: undefined }
}

function readRecord(bytes: Uint8Array, path: string): OrganizationRecord {
  try {
    const { format, state, findings, missing } = decodeBlock(bytes) as {
      format: string
      state: Uint8Array
      findings: [Uint8Array, string, string | null][]
      missing: [Uint8Array, number, boolean] | null
    }
    if (format !== FORMAT) throw new Error(`it is of format ${format}`)
    return {
      state: decodeState(state),
      findings: findings.map(([digest, word, code]) => [
        digest,
        word === 'failed' ? { code: code ?? '' } : (word as AuditResult),
      ]),
      missing: missing === null ? undefined : { digest: missing[0], sinceMs: missing[1], told: missing[2] },
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TanlianError(
      'E_WITNESS_DAMAGED',
      `The file ${path} cannot be read: ${why}. Restore it from a copy, or delete it: the organization is then audited anew.`,
      { values: { path, why }, cause },
    )
  }
}
