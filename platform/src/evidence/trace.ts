import { createHash } from 'node:crypto'
import {
  type AuditEvidence,
  type BatchProof,
  type Block,
  bodySalt,
  cidFromDigest,
  decodeChunk,
  decodeDocument,
  decodeIndex,
  digestOf,
  encodeEntry,
  type Flag,
  fromHex0x,
  type Interval,
  joinParts,
  locate,
  type OpenedBody,
  type PackageKey,
  type PackageQuestion,
  packageParts,
  prove,
  readAuditContent,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { createDossiers, type Dossier, type Dossiers } from './dossier.ts'
import { carStart, section } from './gateway.ts'
import { countInside, requireSmall } from './proof.ts'
import { requireBlock } from './tree-store.ts'
import { findAudits } from './witness-audits.ts'

/** Answers traces (溯源): evidence packages that anyone can check. */
export interface Tracer {
  /**
   * Locates, retrieves and packs (定位, 检索). The same question at the same log size is the same bytes.
   * @param withFrames the raw frames of the readings that mode `readings` opens come along.
   * @throws TanlianError E_NOT_FOUND, E_FILTER_FORM, E_PROOF_READINGS, E_PROOF_FRAMES, E_UNAVAILABLE.
   */
  trace(question: PackageQuestion, withFrames?: boolean): Promise<Uint8Array>
  /** The chain went back: nothing remembered counts. */
  clear(): void
  readonly dossiers: Dossiers
}

/** Answers that may be made at once; the rest wait, so that memory stays flat (F26). */
const AT_ONCE = 8

export function createTracer(instance: Omit<Instance, 'tracer'>): Tracer {
  const dossiers = createDossiers(instance)
  const audits = createAuditIndex(instance)
  const answers = new Map<string, Uint8Array>()
  const making = new Map<string, Promise<Uint8Array>>()
  let held = 0
  let working = 0
  const turns: (() => void)[] = []

  const remember = (name: string, answer: Uint8Array) => {
    const budget = instance.config.limits.answerBytes
    if (answer.length * 4 > budget) return
    answers.set(name, answer)
    held += answer.length
    for (const [oldest, bytes] of answers) {
      if (held <= budget) return
      answers.delete(oldest)
      held -= bytes.length
    }
  }
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (working >= AT_ONCE) await new Promise<void>((resolve) => turns.push(resolve))
    working++
    try {
      return await work()
    } finally {
      working--
      turns.shift()?.()
    }
  }
  return {
    dossiers,
    async trace(question, withFrames = false) {
      // Cosignatures come after the log has grown: an answer with more of them is another one.
      const { length } = instance.log.checkpoint()
      const name = `${nameOf(question, instance.log.size, instance.log.root())}/${withFrames}/${length}`
      const ready = answers.get(name)
      if (ready !== undefined) return ready
      let wait = making.get(name)
      if (wait === undefined) {
        wait = inTurn(() => answer(instance, dossiers, audits, question, withFrames)).finally(() => making.delete(name))
        making.set(name, wait)
        wait.then(
          (bytes) => remember(name, bytes),
          () => {},
        )
      }
      return wait
    },
    clear() {
      dossiers.clear()
      audits.clear()
      answers.clear()
      held = 0
    },
  }
}

async function answer(
  instance: Omit<Instance, 'tracer'>,
  dossiers: Dossiers,
  audits: AuditIndex,
  question: PackageQuestion,
  withFrames: boolean,
): Promise<Uint8Array> {
  const dossier = await dossiers.get(question.organization)
  const plan = locate(question, dossier.decoded, dossier.declared.values())
  const proofs: BatchProof[] = []
  const bodies: OpenedBody[] = []
  let opened = 0
  for (const { sequence, questions } of plan) {
    const header = digestOf((dossier.headers[sequence - 1] as Dossier['headers'][number]).cid)
    const tree = await instance.trees.get(header)
    for (const parts of questions) {
      const intervals = parts.map(({ interval }) => interval)
      const asked = { intervals, mode: question.mode }
      if (question.mode === 'readings') {
        opened += countInside(tree, asked)
        requireSmall(instance, opened, asked)
        for (const body of await openBodies(instance, dossier, sequence, intervals)) bodies.push(body)
      }
      proofs.push({ sequence, intervals: intervals.map(({ lo, hi }) => [lo, hi] as const), proof: prove(tree, asked) })
    }
  }
  const frames = withFrames ? await readFrames(instance, question.organization, bodies) : []
  const asked = plan.map(({ sequence }) => ({
    organization: question.organization,
    digest: digestOf((dossier.headers[sequence - 1] as Dossier['headers'][number]).cid),
  }))
  const witnesses = await auditsAbout(instance, asked, dossier.size)
  const { contracts, chainId } = instance.chain
  const root = joinParts(
    dossier.parts,
    dossiers.inclusion([...dossier.indexes, ...witnesses.map(({ index }) => index)], dossier.size),
    packageParts({
      question,
      proofs,
      bodies,
      frames,
      audits: witnesses.map(({ evidence }) => evidence),
      log: { size: dossier.size, root: dossier.root, chain: chainId, block: dossier.block },
      contracts: { registry: fromHex0x(contracts.OrganizationRegistry, 20), log: fromHex0x(contracts.EvidenceLog, 20) },
      checkpoint: instance.log.size === dossier.size ? instance.log.checkpoint() : '',
    }),
  )
  const digest = createHash('sha256').update(root).digest()
  // The bytes of `encodePackage`: only root, frames and audits are particular to this question.
  return Buffer.concat([
    carStart(digest),
    section(digest, root),
    dossier.sections,
    ...frames.map(({ cid, bytes }) => section(digestOf(cid), bytes)),
    ...witnesses.map(({ evidence: { document } }) => section(digestOf(document.cid), document.bytes)),
  ])
}

/** The bodies of the readings inside: flag, source and salt, never the seed, which would open the whole chunk (spec section 2). */
async function openBodies(
  instance: Pick<Instance, 'blocks'>,
  dossier: Dossier,
  sequence: number,
  intervals: readonly Interval[],
): Promise<OpenedBody[]> {
  const { data } = dossier.decoded[sequence - 1] as Dossier['decoded'][number]
  const { chunks } = decodeIndex(await requireBlock(instance.blocks, digestOf(data)))
  const bodies: OpenedBody[] = []
  for (const [min, max, , cid] of chunks) {
    if (!intervals.some(({ lo, hi }) => before(lo, max) && before(min, hi))) continue
    const chunk = decodeChunk(await requireBlock(instance.blocks, digestOf(cid)))
    const key = new Uint8Array(min)
    const view = new DataView(key.buffer)
    for (const [start, , , flag, source] of chunk.rows) {
      view.setBigUint64(8, BigInt(start))
      if (!intervals.some(({ lo, hi }) => before(lo, key) && before(key, hi))) continue
      const origin = source === null ? null : (chunk.sources[source] as OpenedBody['source'])
      bodies.push({ sequence, key: key.slice(), flag: flag as Flag, source: origin, salt: bodySalt(chunk.seed, key) })
    }
  }
  return bodies
}

/** The frames that the bodies name, each once. @throws TanlianError E_PROOF_FRAMES, E_UNAVAILABLE */
async function readFrames(
  instance: Pick<Instance, 'blocks' | 'config'>,
  bodies: readonly OpenedBody[],
): Promise<Block[]> {
  const limit = instance.config.limits.frameBytes
  const frames = new Map<string, Block>()
  let held = 0
  for (const { source } of bodies) {
    if (source === null || frames.has(source.toString())) continue
    const bytes = await requireBlock(instance.blocks, digestOf(source))
    held += bytes.length
    if (held > limit)
      throw new TanlianError(
        'E_PROOF_FRAMES',
        `The frames of these ${bodies.length} readings are more than ${limit} bytes. Ask for a shorter window, or without frames.`,
        { values: { readings: bodies.length, limit } },
      )
    frames.set(source.toString(), { cid: source, bytes })
  }
  return [...frames.values()]
}

/** a ≤ b as unsigned bytes. */
function before(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) <= 0
}

interface FoundAudit {
  readonly index: number
  readonly evidence: AuditEvidence
}

/** Which audit documents in the log speak of which batches. */
interface AuditIndex {
  about(digests: readonly string[], organization: number, size: number): Promise<readonly FoundAudit[]>
  clear(): void
}

function createAuditIndex(instance: Omit<Instance, 'tracer'>): AuditIndex {
  let documents: {
    readonly index: number
    readonly organization: number
    readonly digest: Uint8Array
    readonly speaksOf: ReadonlySet<string>
  }[] = []
  let readUpTo = 0
  let reading: Promise<void> | undefined

  const read = async (size: number) => {
    const rows = await instance.db
      .selectFrom('entry')
      .innerJoin('accepted', 'accepted.digest', 'entry.digest')
      .select(['entry.index', 'entry.organization', 'entry.digest'])
      .where('accepted.document', '=', 'audit')
      .where('entry.index', '>=', readUpTo)
      .where('entry.index', '<', size)
      .orderBy('entry.index')
      .execute()
    for (const { index, organization, digest } of rows) {
      const bytes = await instance.blocks.get(digest)
      if (bytes === undefined) continue
      const { held, failed } = readAuditContent(decodeDocument(bytes).content)
      const speaksOf = new Set([...held, ...failed.map(([batch]) => batch)].map(toHex))
      documents.push({ index, organization, digest: new Uint8Array(digest), speaksOf })
    }
    readUpTo = Math.max(readUpTo, size)
  }
  return {
    async about(digests, organization, size) {
      if (readUpTo < size) {
        reading ??= read(size).finally(() => {
          reading = undefined
        })
        await reading
      }
      const found = documents.filter(
        (one) =>
          one.organization !== organization && one.index < size && digests.some((digest) => one.speaksOf.has(digest)),
      )
      return Promise.all(found.map(async (one) => ({ index: one.index, evidence: await evidenceOf(instance, one) })))
    },
    clear() {
      documents = []
      readUpTo = 0
    },
  }
}

async function evidenceOf(
  instance: Omit<Instance, 'tracer'>,
  { digest, organization }: { readonly digest: Uint8Array; readonly organization: number },
): Promise<AuditEvidence> {
  const [row, keys] = await Promise.all([
    instance.db
      .selectFrom('accepted')
      .select(['sequence', 'signature'])
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow(),
    instance.db
      .selectFrom('organization_key')
      .select(['key', 'purpose', 'from_sequence', 'to_sequence'])
      .where('organization', '=', organization)
      .where('purpose', '=', 2)
      .orderBy('block')
      .orderBy('key')
      .execute(),
  ])
  return {
    document: { cid: cidFromDigest(digest), bytes: await requireBlock(instance.blocks, digest) },
    entry: encodeEntry({ kind: 2, organization, sequence: row.sequence, digest }),
    signature: new Uint8Array(row.signature),
    keys: keys.map((key): PackageKey => [new Uint8Array(key.key), key.purpose, key.from_sequence, key.to_sequence]),
  }
}

function nameOf(question: PackageQuestion, size: number, root: Uint8Array): string {
  const { organization, types, streams, from, to, mode } = question
  return [organization, types.map(toHex).join(), streams?.join() ?? '', from, to, mode, size, toHex(root)].join('/')
}

/** Types as the query has them: one to four bytes of hex each. @throws TanlianError E_FILTER_FORM */
export function readTypes(texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => {
    if (!/^(?:[0-9a-f]{2}){1,4}$/.test(text))
      throw new TanlianError(
        'E_FILTER_FORM',
        `The type ${text.slice(0, 20)} is not one to four bytes of lower-case hex.`,
        {
          values: { type: text.slice(0, 20) },
        },
      )
    return new Uint8Array(Buffer.from(text, 'hex'))
  })
}
