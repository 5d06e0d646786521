import {
  type AuditedBatch,
  auditBatch,
  type Block,
  type ChainFacts,
  checkPackage,
  cidFromDigest,
  compareKeys,
  decodeChunk,
  decodeHeader,
  decodeIndex,
  decodePackage,
  digestOf,
  type EvidencePackage,
  emptyState,
  encodeKey,
  fromHex0x,
  openCar,
  recoverEntrySigner,
  toHex,
  type Verdict,
  validityOf,
  writeCar,
} from '@tanlian/evidence'
import { DOMAIN, LOG_CONTRACT } from './chain.ts'
import type { Window } from './enterprise.ts'
import { hold, windowOf } from './properties.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Any gateway: a block by its digest, or nothing. */
export type Gateway = (digest: Uint8Array) => Promise<Uint8Array | undefined>

/** What an audit from outside found of an organization's batches. */
export interface OutsideAudit {
  readonly held: readonly { readonly sequence: number; readonly digest: string; readonly audited: AuditedBatch }[]
  readonly failed: readonly { readonly sequence: number; readonly digest: string; readonly code: string }[]
  readonly unavailable: readonly string[]
}

/** Rebuilds all batches of an organization from the chain's events and the blocks alone, and audits each. */
export async function auditFromOutside(world: World, organization: number, gateway: Gateway): Promise<OutsideAudit> {
  let state = emptyState(organization)
  const held: OutsideAudit['held'][number][] = []
  const failed: OutsideAudit['failed'][number][] = []
  const unavailable: string[] = []
  for (const { entry, signature } of world.chain.entries()) {
    if (entry.organization !== organization) continue
    const { sequence } = entry
    const digest = toHex(entry.digest)
    const signer = recoverEntrySigner(entry, DOMAIN, signature)
    hold(
      world.chain.keyValid(organization, signer, 1, sequence),
      `S13: ${organization}/${sequence} is signed by no key of it`,
    )
    const car = await carOf(entry.digest, gateway)
    if (car === undefined) {
      unavailable.push(digest)
      continue
    }
    const audited = auditBatch(state, openCar(car))
    if (audited.ok && audited.missing.length === 0) {
      held.push({ sequence, digest, audited })
      state = audited.state
    } else {
      failed.push({ sequence, digest, code: audited.ok ? 'E_FRAME_MISSING' : audited.code })
      // Its readings count as nothing; the next header names it all the same.
      state = { ...state, sequence, previous: cidFromDigest(entry.digest) }
    }
  }
  return { held, failed, unavailable }
}

/** The CAR of a batch, gathered block by block from the header. */
async function carOf(digest: Uint8Array, gateway: Gateway): Promise<Uint8Array | undefined> {
  const blocks = new Map<string, Block>()
  const want = async (wanted: Uint8Array): Promise<Uint8Array | undefined> => {
    const bytes = await gateway(wanted)
    if (bytes !== undefined) blocks.set(toHex(wanted), { cid: cidFromDigest(wanted), bytes })
    return bytes
  }
  const header = await want(digest)
  if (header === undefined) return undefined
  const { data, streams } = decodeHeader(header)
  const index = await want(digestOf(data))
  if (index === undefined || (await want(digestOf(streams))) === undefined) return undefined
  for (const [, , , cid] of decodeIndex(index).chunks) {
    const chunk = await want(digestOf(cid))
    if (chunk === undefined) return undefined
    for (const source of decodeChunk(chunk).sources) await want(digestOf(source))
  }
  return writeCar(cidFromDigest(digest), [...blocks.values()])
}

/** A question and its answer by a naive model: readings of the windows in the log's order, those restated later left out. */
export async function askAndCompare(world: World, organization: number, random: Random): Promise<EvidencePackage> {
  const tracer = world.process?.instance.tracer
  hold(tracer !== undefined, 'the platform does not answer at the end')
  const uplinks = world.uplinks.filter((one) => one.organization === organization)
  const items = uplinks.flatMap(({ streams }) => streams)
  const item = random.pick(items)
  const whole = [item.type >>> 16, (item.type >>> 8) & 0xff, item.type & 0xff, random.int(0, 2)]
  const type = Uint8Array.from(whole.slice(0, random.int(1, 4)))
  const from = world.startS - 30 * 86_400 + 900 * random.int(-10, 60) + random.int(0, 2)
  const to = from + 900 * random.int(1, 120) + random.int(0, 2)
  const streams = random.chance(0.4) ? [item.stream] : undefined
  const mode = random.chance(0.3) ? 'readings' : 'total'
  const question = {
    organization,
    types: [type],
    from,
    to,
    mode,
    ...(streams === undefined ? {} : { streams }),
  } as const
  const pack = decodePackage(await tracer.trace(question))
  const verdict = checkPackage(pack, factsOf(world, pack))
  hold(verdict.status === 'verified', `S11: an honest answer is not verified: ${failures(verdict)}`)
  const naive = naiveTotals(world, organization, (reading, key) => {
    const inside = type.every((byte, at) => key[at] === byte)
    return (
      inside &&
      (streams === undefined || streams.includes(reading.stream)) &&
      reading.start >= from &&
      reading.start < to
    )
  })
  const proven = verdict.totals.map(
    ({ type: of, validity, count, quantity, seconds }) => `${of}/${validity}: ${count} ${quantity} ${seconds}`,
  )
  hold(
    proven.join('; ') === naive.join('; '),
    `S11: proven totals are ${proven.join('; ')}, naive ones ${naive.join('; ')}`,
  )
  return pack
}

/** An operator who hides the last batch, or answers from an old root, is seen by whoever asks the chain. */
export function requireLiesSeen(world: World, pack: EvidencePackage, random: Random): void {
  const last = pack.headers.length - 1
  if (last < 1) return
  const headers = pack.headers.slice(0, last)
  const declared = new Set(headers.map(({ bytes }) => decodeHeader(bytes).streams.toString()))
  const hidden: EvidencePackage = {
    ...pack,
    headers,
    streams: pack.streams.filter(({ cid }) => declared.has(cid.toString())),
    entries: pack.entries.slice(0, last),
    signatures: pack.signatures.slice(0, last),
    anchors: pack.anchors.slice(0, last),
    inclusion: { ...pack.inclusion, indexes: pack.inclusion.indexes.slice(0, last) },
  }
  const verdict = checkPackage(hidden, factsOf(world, hidden))
  hold(verdict.status === 'failed', 'S7, S9: an answer that hides the last batch is verified')
  hold(
    verdict.lines.some(({ code }) => code === 'E_VERDICT_HEAD'),
    `a hidden batch is not named as such: ${failures(verdict)}`,
  )
  const size = random.int(1, pack.log.size)
  if (size === pack.log.size) return
  const old: EvidencePackage = { ...pack, log: { ...pack.log, size, root: world.chain.rootAt(size) ?? pack.log.root } }
  hold(checkPackage(old, factsOf(world, old)).status === 'failed', 'S9: an answer from an old root is verified')
}

/** What the asker reads from a node itself. */
export function factsOf(world: World, pack: EvidencePackage): ChainFacts {
  const { chain } = world
  const own = chain.entries().filter(({ entry }) => entry.organization === pack.question.organization)
  const head = own.at(-1)?.entry
  return {
    chainId: DOMAIN.chainId,
    log: fromHex0x(LOG_CONTRACT),
    root: chain.rootAt(pack.log.size),
    head: { sequence: head?.sequence ?? 0, digest: head?.digest ?? new Uint8Array(32) },
    depth: chain.blocks.length - 1 - pack.log.block,
    keyValid: (organization, account, kind, sequence) => chain.keyValid(organization, account, kind, sequence),
  }
}

type Chosen = (reading: Window['readings'][number], key: Uint8Array) => boolean

function naiveTotals(world: World, organization: number, chosen: Chosen): string[] {
  let live: { readonly reading: Window['readings'][number]; readonly key: Uint8Array }[] = []
  for (const { entry } of world.chain.entries()) {
    if (entry.organization !== organization) continue
    const made = world.made.get(toHex(entry.digest))
    hold(made !== undefined, 'the log has a batch that nobody made')
    const { readings, restates } = windowOf(world, made.note)
    live = live.filter(
      ({ key }) => !restates.some(({ lo, hi }) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0),
    )
    for (const reading of readings)
      live.push({
        reading,
        key: encodeKey(reading.type * 256 + validityOf(reading.flag), reading.stream, reading.start),
      })
  }
  const totals = new Map<string, { type: number; validity: number; count: number; quantity: bigint; seconds: number }>()
  for (const { reading, key } of live) {
    if (!chosen(reading, key)) continue
    const validity = validityOf(reading.flag)
    const name = `${reading.type}/${validity}`
    const total = totals.get(name) ?? { type: reading.type, validity, count: 0, quantity: 0n, seconds: 0 }
    total.count++
    total.quantity += BigInt(reading.quantity)
    total.seconds += reading.seconds
    totals.set(name, total)
  }
  return [...totals.values()]
    .sort((a, b) => a.type - b.type || a.validity - b.validity)
    .map(({ type, validity, count, quantity, seconds }) => `${type}/${validity}: ${count} ${quantity} ${seconds}`)
}

function failures({ lines }: Verdict): string {
  return lines
    .filter(({ ok }) => ok === false)
    .map(({ step, code, message }) => `${step} ${code} ${message}`)
    .join('; ')
}
