import { buildReportPackage, dossierOf, type ReportLife } from '@tanlian/accounting'
import {
  type Block,
  cidFromDigest,
  digestOf,
  encodeEntry,
  fromHex0x,
  multiproof,
  type PackagedDocument,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Dossier } from '../evidence/dossier.ts'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'
import { partyOf } from '../organization/view.ts'
import { findProgram } from './program.ts'

const kept = new WeakMap<Instance, Map<string, Promise<Uint8Array>>>()
const KEPT_MAX = 8

/**
 * A report with all that doing it again needs but the chain itself (报告证据包, docs/spec/report-package.md). The same report at the same size of the
 * log is the same bytes.
 * @throws TanlianError E_REPORT_LOGGED while the report is on its way into the log, E_UNAVAILABLE
 */
export function packageOf(instance: Instance, life: ReportLife): Promise<Uint8Array> {
  const known = kept.get(instance) ?? new Map<string, Promise<Uint8Array>>()
  kept.set(instance, known)
  const name = `${life.cid}/${instance.log.size}`
  let wait = known.get(name)
  if (wait === undefined) {
    wait = build(instance, life)
    known.set(name, wait)
    wait.catch(() => known.delete(name))
    const [oldest] = known.keys()
    if (known.size > KEPT_MAX && oldest !== undefined) known.delete(oldest)
  }
  return wait
}

async function build(instance: Instance, life: ReportLife): Promise<Uint8Array> {
  const { organization, content: report } = life
  const dossier = await instance.tracer.dossiers.get(organization)
  const documents = await documentsOf(instance, dossierOf(instance.documents.register, life.cid), dossier.size)
  if (!documents.some(({ document }) => document.cid.equals(life.cid)))
    throw new TanlianError('E_REPORT_LOGGED', 'The report is on its way into the log; its package comes after it.', {
      values: { retryAfterS: 2 },
    })
  const before = dossier.indexes.filter((index) => index < report.size).length
  const part = firstHeaders(dossier, Math.min(before + 1, dossier.headers.length))
  const indexes = [...part.indexes, ...documents.map(({ index }) => index)]
  const places = [...new Set(indexes)].sort((a, b) => a - b)
  const speaking = [...new Set([organization, ...documents.map((one) => one.organization)])].sort((a, b) => a - b)
  const [{ blocks }, parties, keys] = await Promise.all([
    findProgram(instance, report.methodology, report.factors),
    partiesOf(instance, speaking),
    keysOf(instance, speaking),
  ])
  const { contracts, chainId } = instance.chain
  return buildReportPackage(
    {
      report: life.cid,
      organization,
      headers: part.headers,
      entries: part.entries,
      signatures: part.signatures,
      streams: part.streams,
      documents,
      blocks,
      parties,
      keys,
      log: { size: dossier.size, root: dossier.root, chain: chainId, block: dossier.block },
      contracts: { registry: fromHex0x(contracts.OrganizationRegistry, 20), log: fromHex0x(contracts.EvidenceLog, 20) },
      inclusion: { indexes, path: multiproof(places, dossier.size, (from, to) => instance.log.rangeHash(from, to)) },
      anchors: [...part.anchors, ...documents.map(({ anchor }) => anchor)],
      checkpoint: instance.log.size === dossier.size ? instance.log.checkpoint() : '',
    },
    (sequence) => instance.trees.get(digestOf((part.headers[sequence - 1] as Block).cid)),
  )
}

/** The first headers of an organization, and the streams blocks that they name. */
function firstHeaders(dossier: Dossier, count: number) {
  const named = new Set(dossier.decoded.slice(0, count).map(({ streams }) => streams.toString()))
  return {
    headers: dossier.headers.slice(0, count),
    entries: dossier.entries.slice(0, count),
    signatures: dossier.signatures.slice(0, count),
    indexes: dossier.indexes.slice(0, count),
    anchors: dossier.anchors.slice(0, count),
    streams: dossier.streams.filter(({ cid }) => named.has(cid.toString())),
  }
}

type PlacedDocument = PackagedDocument & {
  readonly organization: number
  readonly index: number
  readonly anchor: readonly [block: number, time: number]
}

/** Documents with their entries, in the order of the log; those that are not in it yet are left out. */
async function documentsOf(instance: Instance, cids: readonly CID[], size: number): Promise<PlacedDocument[]> {
  const rows = await instance.db
    .selectFrom('entry as e')
    .innerJoin('accepted as a', 'a.digest', 'e.digest')
    .select(['e.index', 'e.organization', 'e.sequence', 'e.digest', 'e.block', 'e.time_s', 'a.signature'])
    .where(
      'e.digest',
      'in',
      cids.map((cid) => digestOf(cid)),
    )
    .where('e.kind', '=', 2)
    .where('e.index', '<', size)
    .orderBy('e.index')
    .execute()
  return Promise.all(
    rows.map(async ({ index, organization, sequence, digest, block, time_s, signature }) => {
      const plain = new Uint8Array(digest)
      return {
        document: { cid: cidFromDigest(plain), bytes: await requireBlock(instance.blocks, plain) },
        entry: encodeEntry({ kind: 2, organization, sequence, digest: plain }),
        signature: new Uint8Array(signature),
        organization,
        index,
        anchor: [block, time_s] as const,
      }
    }),
  )
}

async function partiesOf({ db }: Instance, organizations: readonly number[]) {
  const rows = await db
    .selectFrom('organization')
    .select(['id', 'kind'])
    .where('id', 'in', organizations)
    .orderBy('id')
    .execute()
  return rows.map(({ id, kind }) => [id, partyOf(kind)] as const)
}

async function keysOf({ db }: Instance, organizations: readonly number[]) {
  const rows = await db
    .selectFrom('organization_key')
    .select(['organization', 'key', 'purpose', 'from_sequence', 'to_sequence'])
    .where('organization', 'in', organizations)
    .where('purpose', 'in', [1, 2])
    .orderBy('organization')
    .orderBy('block')
    .orderBy('key')
    .execute()
  return rows.map(
    ({ organization, key, purpose, from_sequence, to_sequence }) =>
      [organization, new Uint8Array(key), purpose, from_sequence, to_sequence] as const,
  )
}
