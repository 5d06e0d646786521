import { createHash } from 'node:crypto'
import {
  type AuditEvidence,
  type AuditedDigest,
  type BatchProof,
  type Block,
  bodySalt,
  cidFromDigest,
  decodeChunk,
  decodeIndex,
  digestOf,
  encodeEntry,
  type Flag,
  fromHex0x,
  type Interval,
  joinParts,
  locate,
  neededAudits,
  type OpenedBody,
  type PackageKey,
  type PackageQuestion,
  packageParts,
  prove,
  proveFromSummary,
  type Summary,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { createDossiers, type Dossier, type Dossiers, headerIn, openPart } from './dossier.ts'
import { carStart, section } from './gateway.ts'
import { countInside, requireSmall } from './proof.ts'
import { confidential, type ReadingRight } from './reading-right.ts'
import { requireBlock } from './tree-store.ts'
import { affordable, findAudits } from './witness-audits.ts'

/** Answers traces (溯源): evidence packages that anyone can check. */
export interface Tracer {
  /**
   * Locates, retrieves and packs (定位, 检索). The same question at the same log size is the same bytes.
   * @param withFrames the raw frames of the readings that mode `readings` opens come along.
   * @param right whose question it is; without one it is the platform's own. Batches that are not open to its asker stay out of the package,
   * which says so by their entries; where none is left there is no answer
   * @throws TanlianError E_NOT_FOUND, E_FILTER_FORM, E_PROOF_READINGS, E_PROOF_FRAMES, E_UNAVAILABLE, E_CONFIDENTIAL…, E_SUMMARY_COARSE.
   */
  trace(question: PackageQuestion, withFrames?: boolean, right?: ReadingRight): Promise<Uint8Array>
  /** The chain went back: nothing remembered counts. */
  clear(): void
  readonly dossiers: Dossiers
}

/** Answers that may be made at once; the rest wait, so that memory stays flat (F26). */
const AT_ONCE = 8

export function createTracer(instance: Omit<Instance, 'tracer'>): Tracer {
  const dossiers = createDossiers(instance)
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
    async trace(question, withFrames = false, right) {
      const view = await viewFor(instance, dossiers, question, right)
      const { hidden, summaries } = view
      // A question has one proof, whatever it is made from; but a summary must show each time that it can answer.
      if (summaries.size > 0) return inTurn(() => answer(instance, dossiers, question, withFrames, view))
      // Cosignatures come after the log has grown: an answer with more of them is another one.
      const { length } = instance.log.checkpoint()
      const name = `${nameOf(question, instance.log.size, instance.log.root())}/${withFrames}/${length}/${[...hidden].join()}`
      const ready = answers.get(name)
      if (ready !== undefined) return ready
      let wait = making.get(name)
      if (wait === undefined) {
        wait = inTurn(() => answer(instance, dossiers, question, withFrames, view)).finally(() => making.delete(name))
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
      answers.clear()
      held = 0
    },
  }
}

async function answer(
  instance: Omit<Instance, 'tracer'>,
  dossiers: Dossiers,
  question: PackageQuestion,
  withFrames: boolean,
  { hidden, summaries }: View,
): Promise<Uint8Array> {
  const dossier = openPart(await dossiers.get(question.organization), hidden)
  const plan = locate(question, dossier.decoded, dossier.declared.values())
  const proofs: BatchProof[] = []
  const bodies: OpenedBody[] = []
  let opened = 0
  for (const { sequence, questions } of plan) {
    const header = digestOf(headerIn(dossier, sequence).block.cid)
    const summary = summaries.get(sequence)
    const tree = summary === undefined ? await instance.trees.get(header) : undefined
    for (const parts of questions) {
      const intervals = parts.map(({ interval }) => interval)
      const asked = { intervals, mode: question.mode }
      const pairs = intervals.map(({ lo, hi }) => [lo, hi] as const)
      if (tree === undefined) {
        proofs.push({ sequence, intervals: pairs, proof: proveFromSummary(summary as Summary, asked) })
        continue
      }
      if (question.mode === 'readings') {
        opened += countInside(tree, asked)
        requireSmall(instance, opened, asked)
        for (const body of await openBodies(instance, dossier, sequence, intervals)) bodies.push(body)
      }
      proofs.push({ sequence, intervals: pairs, proof: prove(tree, asked) })
    }
  }
  const frames = withFrames ? await readFrames(instance, question.organization, bodies) : []
  const asked = plan.map(({ sequence }) => ({
    organization: question.organization,
    digest: digestOf(headerIn(dossier, sequence).block.cid),
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

/** What of an organization is open to whoever asks. */
interface View {
  /** Sequences of batches that are not. */
  readonly hidden: ReadonlySet<number>
  /** Summaries by sequence, of batches whose tree the asker may not be answered from. */
  readonly summaries: ReadonlyMap<number, Summary>
}

/** Holds a question to its asker's right: the headers that go into the package, and what each located batch is answered from. @throws TanlianError E_CONFIDENTIAL */
async function viewFor(
  instance: Omit<Instance, 'tracer'>,
  dossiers: Dossiers,
  question: PackageQuestion,
  right: ReadingRight | undefined,
): Promise<View> {
  if (right === undefined || (await instance.privacy.register.of(question.organization)).length === 0)
    return { hidden: new Set(), summaries: new Map() }
  const whole = await dossiers.get(question.organization)
  const hidden = new Set(await right.hiddenBatches(question.organization))
  for (;;) {
    const { decoded, declared, ...rest } = openPart(whole, hidden)
    const plan = locate(question, decoded, declared.values())
    if (plan.length === 0 && hidden.size > 0) throw confidential()
    const summaries = new Map<number, Summary>()
    const before = hidden.size
    for (const { sequence } of plan) {
      const source = await right
        .sourceOf(digestOf(headerIn({ ...rest, decoded }, sequence).block.cid))
        .catch(unlessConfidential)
      if (source === undefined) hidden.add(sequence)
      else if (source !== 'tree') summaries.set(sequence, source)
    }
    // A batch that goes may have restated another, which is then asked in its place.
    if (hidden.size === before) return { hidden, summaries }
  }
}

/** Of a batch that one may know of and not have proofs of, nothing goes into the package. */
function unlessConfidential(error: unknown): undefined {
  if (!(error instanceof TanlianError) || error.code !== 'E_CONFIDENTIAL') throw error
}

/** The bodies of the readings inside: flag, source and salt, never the seed, which would open the whole chunk (spec section 2). */
async function openBodies(
  instance: Pick<Instance, 'blocks' | 'privacy'>,
  dossier: Dossier,
  sequence: number,
  intervals: readonly Interval[],
): Promise<OpenedBody[]> {
  const { organization, data } = headerIn(dossier, sequence).header
  const { chunks } = decodeIndex(await requireBlock(instance.blocks, digestOf(data)))
  const bodies: OpenedBody[] = []
  for (const item of chunks) {
    const [min, max] = item
    if (!intervals.some(({ lo, hi }) => before(lo, max) && before(min, hi))) continue
    const chunk = decodeChunk(await instance.privacy.chunk(organization, item))
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
  instance: Pick<Instance, 'privacy' | 'config'>,
  organization: number,
  bodies: readonly OpenedBody[],
): Promise<Block[]> {
  const limit = instance.config.limits.frameBytes
  const frames = new Map<string, Block>()
  let held = 0
  for (const { source } of bodies) {
    if (source === null || frames.has(source.toString())) continue
    const bytes = await instance.privacy.frame(organization, source)
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

/** The audit documents that the last words about these batches stand in, each with its entry and its auditor's keys. */
async function auditsAbout(
  instance: Omit<Instance, 'tracer'>,
  batches: readonly AuditedDigest[],
  size: number,
): Promise<{ readonly index: number; readonly evidence: AuditEvidence }[]> {
  const found = await findAudits(
    instance,
    batches.map(({ digest }) => digest),
    size,
  )
  const needed = affordable(neededAudits(batches, found), batches.length)
  if (needed.length === 0) return []
  const keys = await instance.db
    .selectFrom('organization_key')
    .select(['key', 'organization', 'purpose', 'from_sequence', 'to_sequence'])
    .where('organization', 'in', [...new Set(needed.map(({ organization }) => organization))])
    .where('purpose', '=', 2)
    .orderBy('block')
    .orderBy('key')
    .execute()
  return Promise.all(
    needed.map(async ({ organization, sequence, digest, signature, index }) => ({
      index,
      evidence: {
        document: { cid: cidFromDigest(digest), bytes: await requireBlock(instance.blocks, digest) },
        entry: encodeEntry({ kind: 2, organization, sequence, digest }),
        signature,
        keys: keys
          .filter(
            (key) => key.organization === organization && key.from_sequence <= sequence && sequence <= key.to_sequence,
          )
          .map((key): PackageKey => [new Uint8Array(key.key), key.purpose, key.from_sequence, key.to_sequence]),
      },
    })),
  )
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
