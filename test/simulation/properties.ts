import { equalBytes, toHex, toHex0x } from '@tanlian/evidence'
import { applyEvents, emptyProjection } from '@tanlian/registry'
import { simulatedSigner } from './chain.ts'
import type { Window } from './enterprise.ts'
import type { Acknowledgement, World } from './world.ts'

/** Holds the world to the safety properties; called after every step. Throws an error that names the property. */
export interface Properties {
  /** What may have changed since the last call. */
  check(): void
  /** S29, S30: the projection is the fold of the chain's events, whenever it stands on the present chain. */
  checkProjection(): void
  /** The platform's own records were replaced by older ones (F29): what was seen of them before does not count. */
  forget(): void
}

export function createProperties(world: World): Properties {
  let accepted = 0
  let tip = ''
  let sent = 0
  let acknowledged = 0
  const calldata = new Map<number, string>()
  return {
    check() {
      const { database } = world.machine
      if (database.misread !== undefined) throw database.misread
      const [{ count } = { count: 0 }] = database.all('select count(*) as count from accepted')
      if (count !== accepted) {
        accepted = Number(count)
        requireAccepted(world)
      }
      const { blocks } = world.chain
      const newest = blocks.at(-1)?.hash ?? ''
      if (newest !== tip) {
        // Blocks without events, on top of what was looked at, change nothing in the log.
        const seen = blocks.findLastIndex(({ hash }) => hash === tip)
        tip = newest
        if (seen === -1 || blocks.slice(seen + 1).some(({ events }) => events.length > 0)) requireLog(world)
      }
      for (; sent < world.chain.broadcast.length; sent++) requireSaved(world, sent, calldata)
      if (acknowledged !== world.acknowledged.size) {
        for (const one of [...world.acknowledged.values()].slice(acknowledged)) requireHeld(world, one)
        acknowledged = world.acknowledged.size
      }
    },
    checkProjection: () => requireFold(world),
    forget() {
      accepted = 0
      calldata.clear()
    },
  }
}

/** S1, S2, S3, S6, S13 of what the platform took. */
function requireAccepted(world: World): void {
  const rows = world.machine.database.all(
    'select organization, sequence, digest, signer, tree from accepted order by organization, kind, sequence',
  )
  const notes = new Set<string>()
  let last: { organization: number; sequence: number; digest: string } | undefined
  for (const row of rows) {
    const { organization, sequence, digest, signer, tree } = row as unknown as AcceptedRow
    const name = toHex(digest)
    const before = last?.organization === organization ? last : undefined
    hold(
      sequence === (before?.sequence ?? 0) + 1,
      `S3: organization ${organization} has ${sequence} after ${before?.sequence}`,
    )
    hold(!world.refused.has(name), `S7, S13: batch ${name} of a cheat or thief was accepted`)
    hold(
      world.chain.keyValid(organization, toHex0x(signer), 1, sequence),
      `S13: ${organization}/${sequence} is signed by no key of it`,
    )
    const made = world.made.get(name)
    hold(made !== undefined, `S3: nobody made the accepted batch ${name}`)
    hold(made.previous === before?.digest, `S3: ${organization}/${sequence} does not name the batch before it`)
    hold(!notes.has(made.note), `S1: window ${made.note} was accepted twice`)
    notes.add(made.note)
    requireSums(tree, windowOf(world, made.note))
    last = { organization, sequence, digest: name }
  }
}

/** S1, S3, S10, S13, S31 of the log on the chain. */
function requireLog(world: World): void {
  const heads = new Map<number, { sequence: number; digest: string }>()
  const notes = new Set<string>()
  for (const { entry, signature } of world.chain.entries()) {
    const { organization, sequence } = entry
    const name = toHex(entry.digest)
    const before = heads.get(organization)
    hold(
      sequence === (before?.sequence ?? 0) + 1,
      `S3: the log has ${organization}/${sequence} after ${before?.sequence}`,
    )
    heads.set(organization, { sequence, digest: name })
    hold(world.refused.get(name) !== 'anywhere', `S13: the thief's batch ${name} is in the log`)
    if (world.refused.has(name)) continue
    const made = world.made.get(name)
    hold(made !== undefined, `S3: nobody made batch ${name} of the log`)
    hold(!notes.has(made.note), `S1, S31: window ${made.note} is in the log twice`)
    notes.add(made.note)
    if (world.handedIn.has(name) || world.faithless.has(organization)) continue
    const [row] = world.machine.database.all('select signature from accepted where digest = ?', entry.digest)
    hold(
      row !== undefined && equalBytes(row.signature as Uint8Array, signature),
      `S10: ${organization}/${sequence} was anchored before it was accepted`,
    )
  }
}

/** R28, S31: signed bytes are saved before the node sees them, and a nonce never carries two different calls. */
function requireSaved(world: World, at: number, calldata: Map<number, string>): void {
  const one = world.chain.broadcast[at]
  if (one === undefined || one.sender !== simulatedSigner.address) return
  const rows = world.machine.database.all('select attempts from outbox_transaction where nonce = ?', one.nonce)
  hold(
    rows.some(({ attempts }) => String(attempts).includes(one.hash)),
    `R28: transaction ${one.hash} was sent before its bytes were saved`,
  )
  const before = calldata.get(one.nonce) ?? one.data
  hold(before === one.data, `S31: nonce ${one.nonce} was used for two different calls`)
  calldata.set(one.nonce, one.data)
}

/** S1, S2: a receipt that reached its enterprise is what the platform holds at that place. */
function requireHeld(world: World, { receipt, note }: Acknowledgement): void {
  const [row] = world.machine.database.all(
    'select digest from accepted where organization = ? and kind = 1 and sequence = ?',
    receipt.organization,
    receipt.sequence,
  )
  hold(
    row !== undefined && toHex(row.digest as Uint8Array) === receipt.digest,
    `S1: window ${note} has a receipt, and its place is not held by it`,
  )
}

/** S6: the root's sums are the exact sums of the readings. */
function requireSums(tree: Uint8Array, { readings }: Window): void {
  const view = new DataView(tree.buffer, tree.byteOffset)
  const sums = [32, 40, 48].map((at) => view.getBigUint64(at))
  const naive = [
    BigInt(readings.length),
    readings.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n),
    readings.reduce((sum, { seconds }) => sum + BigInt(seconds), 0n),
  ]
  hold(sums.join() === naive.join(), `S6: a root says ${sums.join()}, its readings ${naive.join()}`)
}

function requireFold(world: World): void {
  const { database } = world.machine
  const [mark] = database.all('select number, hash from chain_mark order by number desc limit 1')
  if (mark === undefined) return
  const block = world.chain.blocks[Number(mark.number)]
  if (block === undefined || block.hash !== toHex0x(mark.hash as Uint8Array)) return
  const events = world.chain.blocks.slice(0, block.number + 1).flatMap((one) => one.events)
  const { projection, changes } = applyEvents(emptyProjection(), events)
  const same = (what: string, rows: readonly string[], query: string) => {
    const kept = database.all(query).map((row) => Object.values(row).map(textOf).join(' '))
    hold(
      kept.join('\n') === rows.join('\n'),
      `S29: the table of ${what} is not the fold of the chain at block ${block.number}`,
    )
  }
  same(
    'entries',
    changes.entries.map((row) =>
      [row.index, row.organization, row.sequence, row.digest, row.block, row.transaction].join(' '),
    ),
    'select "index", organization, sequence, digest, block, "transaction" from entry order by "index"',
  )
  same(
    'heads',
    [...projection.heads.values()]
      .sort((a, b) => a.organization - b.organization)
      .map((row) => [row.organization, row.sequence, row.digest].join(' ')),
    'select organization, sequence, digest from head order by organization',
  )
  same(
    'roots',
    changes.roots.map((row) => [row.size, row.root, row.block].join(' ')),
    'select size, root, block from log_root order by size',
  )
  same(
    'organizations',
    [...projection.organizations.values()].map((row) => [row.id, row.kind, row.platform ?? ''].join(' ')),
    'select id, kind, platform from organization order by id',
  )
  const { process } = world
  if (process?.indexer.cursor?.hash === block.hash && process.log.size === block.size)
    hold(
      equalBytes(process.log.root(), world.chain.rootAt(block.size) ?? new Uint8Array()),
      `S29: the log's root is not the contract's at size ${block.size}`,
    )
}

/** The window that an uplink's journal has under this name. */
export function windowOf(world: World, note: string): Window {
  for (const { journal } of world.uplinks) {
    const found = journal.find((window) => window.note === note)
    if (found !== undefined) return found
  }
  throw new Error(`no uplink has a window ${note}`)
}

interface AcceptedRow {
  readonly organization: number
  readonly sequence: number
  readonly digest: Uint8Array
  readonly signer: Uint8Array
  readonly tree: Uint8Array
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? toHex0x(value) : value === null ? '' : String(value)
}

/** Ends the simulation where a property does not hold. */
export function hold(holds: boolean, property: string): asserts holds {
  if (!holds) throw new Error(property)
}
