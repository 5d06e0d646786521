import { checkProof, decodeHeader, encodeEntry, toHex } from '@tanlian/evidence'
import type { ChainEvent } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import { DOMAIN } from './chain.ts'
import { draftOf, signedBatch, type Uplink } from './enterprise.ts'
import { falseRootOf } from './false-labels.ts'
import { createLife } from './life.ts'
import { isPlant } from './plant.ts'
import { CONFIRMATIONS, REORG_DEPTH } from './platform.ts'
import { hold } from './properties.ts'
import type { Random } from './random.ts'
import { accept, fail, type World } from './world.ts'

/** A fault of safety.md section 9, or an evil mode of its section 10: what it does while the storm lasts. */
export interface Fault {
  readonly id: string
  readonly what: string
  /** Probability that a seed draws it. */
  readonly drawn: number
  /** Done once when the storm begins. */
  begin?(world: World, random: Random): void
  /** Done again and again, `everyMs` apart on average. */
  readonly everyMs?: number
  strike?(world: World, random: Random): void | Promise<void>
}

/** All that a seed may draw. */
export const FAULTS: readonly Fault[] = [
  {
    id: 'F1-F5',
    what: 'processes die at any call, before or after it acted',
    drawn: 0.7,
    begin(world, random) {
      world.dying = { platform: 1 / random.int(400, 3000), uplink: 1 / random.int(40, 300) }
    },
  },
  {
    id: 'F7',
    what: 'power cuts at the platform: of what was not synced a torn part stays, or nothing',
    drawn: 0.5,
    everyMs: 20_000,
    strike(world, random) {
      world.tell('power cut at the platform')
      world.process?.life.kill()
      world.machine.disk.crash(random.pick([0, 0, 0.3, 0.9]))
    },
  },
  {
    id: 'F8',
    what: 'a sync of the block store fails: the process ends',
    drawn: 0.3,
    everyMs: 40_000,
    strike: ({ machine }) => machine.disk.fail('sync', new Error('EIO')),
  },
  {
    id: 'F10',
    what: 'power cuts at the enterprises: writes that were not synced are lost',
    drawn: 0.5,
    everyMs: 6000,
    strike(world, random) {
      const uplink = random.pick(world.uplinks)
      uplink.life?.kill()
      uplink.disk.crash(random.pick([0, 0.5]))
    },
  },
  {
    id: 'F6',
    what: 'the platform’s disk is full for a while',
    drawn: 0.3,
    everyMs: 30_000,
    strike({ machine, clock }, random) {
      const { disk } = machine
      const taken = disk.room
      disk.room = random.int(0, 12_000)
      clock.after(random.int(2000, 6000), () => {
        disk.room = taken
      })
    },
  },
  {
    id: 'F6-gateway',
    what: 'a gateway’s disk is full for a while: it refuses before it acknowledges',
    drawn: 0.3,
    everyMs: 20_000,
    strike({ uplinks, clock }, random) {
      const plants = uplinks.filter(isPlant)
      if (plants.length === 0) return
      const { disk } = random.pick(plants)
      const taken = disk.room
      disk.room = random.int(0, 3000)
      clock.after(random.int(1000, 6000), () => {
        disk.room = taken
      })
    },
  },
  {
    id: 'F8-gateway',
    what: 'a sync of a gateway’s disk fails: the process ends',
    drawn: 0.3,
    everyMs: 20_000,
    strike({ uplinks }, random) {
      const plants = uplinks.filter(isPlant)
      if (plants.length > 0) random.pick(plants).disk.fail('sync', new Error('EIO'))
    },
  },
  {
    id: 'F14-gateway',
    what: 'a gateway’s clock jumps',
    drawn: 0.3,
    everyMs: 10_000,
    strike({ uplinks }, random) {
      const plants = uplinks.filter(isPlant)
      // As far as a device's own stamps are still believed.
      if (plants.length > 0) random.pick(plants).skewMs = random.int(-200_000, 200_000)
    },
  },
  {
    id: 'F11-F12',
    what: 'requests are doubled, delayed, overtaken and lost on the way there or back',
    drawn: 0.7,
    begin(world, random) {
      world.network.weather = {
        loss: random.int(0, 30) / 100,
        doubling: random.int(0, 40) / 100,
        delayMs: random.int(20, 3000),
      }
    },
  },
  {
    id: 'F15',
    what: 'a machine of an enterprise is cut off for a while',
    drawn: 0.4,
    everyMs: 10_000,
    strike({ network, uplinks, clock }, random) {
      const { name } = random.pick(uplinks)
      network.apart.add(name)
      clock.after(random.int(2000, 15_000), () => network.apart.delete(name))
    },
  },
  {
    id: 'F16',
    what: 'two instances accept at the same time on one database',
    drawn: 0.5,
    everyMs: 8000,
    strike(world, random) {
      const { process, clock } = world
      if (process === undefined) return
      const life = createLife(() => undefined)
      process.life.onEnd(() => life.kill())
      world.twin = { ...process.instance, db: world.machine.database.connect(life) }
      clock.after(random.int(2000, 8000), () => {
        world.twin = undefined
        life.kill()
      })
    },
  },
  {
    id: 'F17',
    what: 'the chain stands still',
    drawn: 0.4,
    everyMs: 30_000,
    strike(world, random) {
      stopMining(world, random.int(5000, 25_000))
    },
  },
  {
    id: 'F18',
    what: 'reorganizations within the depth that is followed; some transactions wait again, some are gone',
    drawn: 0.6,
    everyMs: 12_000,
    strike(world, random) {
      const depth = Math.min(random.int(1, REORG_DEPTH - 1), followedDepth(world))
      if (depth < 1) return
      world.tell(`reorganization of ${depth} blocks`)
      world.chain.reorganize(depth, secondsOf(world), () => random.chance(0.6))
    },
  },
  {
    id: 'F18-deep',
    what: 'a reorganization deeper than that: reading stops with an alarm, and goes on when the chain is back',
    drawn: 0.25,
    everyMs: 45_000,
    strike: deepReorganization,
  },
  {
    id: 'F19',
    what: 'the chain forgets its last blocks and all that waited, as a killed development chain does',
    drawn: 0.4,
    everyMs: 20_000,
    strike(world, random) {
      const depth = Math.min(random.int(1, REORG_DEPTH - 1), followedDepth(world))
      if (depth < 1) return
      world.tell(`the chain forgets ${depth} blocks`)
      world.chain.forget(depth)
    },
  },
  {
    id: 'F20',
    what: 'a node alters events, or keeps some back',
    drawn: 0.4,
    everyMs: 15_000,
    strike: lie,
  },
  {
    id: 'F21',
    what: 'calls of the node fail before or after they acted',
    drawn: 0.6,
    begin({ machine }, random) {
      const probability = random.int(1, 20) / 100
      machine.node.fault = () => {
        if (random.chance(probability)) throw new Error('no answer')
      }
    },
  },
  {
    id: 'F22',
    what: 'offers are too low for a while, and the node forgets what waits',
    drawn: 0.4,
    everyMs: 25_000,
    strike({ chain, clock }, random) {
      chain.leastFee = BigInt(random.int(8, 20))
      if (random.chance(0.5)) chain.dropWaiting()
      clock.after(random.int(5000, 25_000), () => {
        chain.leastFee = 1n
      })
    },
  },
  {
    id: 'own-append',
    what: 'an organization sends an acknowledged entry to the contract itself',
    drawn: 0.4,
    everyMs: 9000,
    strike: appendOwn,
  },
  {
    id: 'thief',
    what: 'a stolen key signs outside its range, a stranger’s key signs at all',
    drawn: 0.5,
    everyMs: 9000,
    strike: steal,
  },
  {
    id: 'builder',
    what: 'a builder puts false labels on hidden nodes; the platform is sent the batch',
    drawn: 0.5,
    everyMs: 9000,
    strike: (world, random) => buildFalsely(world, random, false),
  },
  {
    id: 'builder-chain',
    what: 'such a builder sends its entry to the contract (F23: the list goes on without what cannot follow it)',
    drawn: 0.25,
    everyMs: 30_000,
    strike: (world, random) => buildFalsely(world, random, true),
  },
]

/** Ends every fault: machines are reachable, disks have room, the chain moves. */
export function endFaults(world: World): void {
  const { network, machine, chain, uplinks } = world
  world.dying = { platform: 0, uplink: 0 }
  world.twin = undefined
  network.weather = { loss: 0, doubling: 0, delayMs: 20 }
  network.apart.clear()
  machine.node.fault = () => {}
  machine.node.lie = undefined
  machine.disk.room = Number.MAX_SAFE_INTEGER
  for (const plant of uplinks.filter(isPlant)) {
    plant.disk.room = Number.MAX_SAFE_INTEGER
    plant.skewMs = 0
  }
  chain.leastFee = 1n
  pausedUntil.delete(world)
}

const pausedUntil = new WeakMap<World, number>()

function stopMining(world: World, ms: number): void {
  pausedUntil.set(world, world.clock.now() + ms)
}

/** Whether blocks are made at the moment. */
export function isMining(world: World): boolean {
  return world.clock.now() >= (pausedUntil.get(world) ?? 0)
}

function secondsOf({ clock }: World): number {
  return Math.floor(clock.now() / 1000)
}

/** How many blocks the chain may lose now so that the platform follows: several losses between two of its looks are one to it. */
function followedDepth({ chain, machine }: World): number {
  const [mark] = machine.database.all('select max(number) as number from chain_mark')
  return chain.blocks.length - 1 - Number(mark?.number ?? 0) + REORG_DEPTH
}

/** S30: while the chain is another one below the depth, nothing of the projection moves and the reason is named. */
function deepReorganization(world: World, random: Random): void {
  const { chain, clock, machine } = world
  if (chain.blocks.length < 3 * REORG_DEPTH || !isMining(world)) return
  const depth = 2 * REORG_DEPTH + random.int(0, 4)
  // To a platform that is behind it is no other chain: it would follow it, and never come back.
  if (depth <= followedDepth(world)) return
  const before = chain.branch
  world.tell('reorganization deeper than what is followed')
  chain.reorganize(depth, secondsOf(world), () => false)
  const ms = random.int(5000, 10_000)
  stopMining(world, ms + 1)
  const rows = () =>
    JSON.stringify(machine.database.all('select count(*) as events, max(block) as block from chain_event'))
  let kept: string | undefined
  // An answer that was under way may still be kept; from then on nothing moves.
  clock.after(2500, () => {
    kept = rows()
  })
  clock.after(ms, () => {
    if (kept !== rows()) fail(world, new Error('S30: the projection moved while the chain was another one'))
    // Where the old branch was gone within reach, the projection may have followed; else it comes back to it.
    chain.show(before)
  })
}

/** F20: one event is altered or one entry kept back, so that the events no longer make the contract's root. */
function lie({ machine, clock }: World, random: Random): void {
  const keepBack = machine.node.twoNodes && random.chance(0.5)
  machine.node.lie = (events: readonly ChainEvent[]) => {
    if (keepBack) return []
    const at = events.findIndex(({ name }) => name === 'Appended')
    const event = events[at]
    if (event?.name !== 'Appended') return events
    const digest: `0x${string}` = `0x${toHex(new Uint8Array(32).fill(0x11))}`
    return events.with(at, { ...event, digest })
  }
  clock.after(random.int(3000, 10_000), () => {
    machine.node.lie = undefined
  })
}

function appendOwn(world: World, random: Random): void {
  const { chain, machine } = world
  const uplink = random.pick(world.uplinks)
  const { organization } = uplink
  if (world.faithless.has(organization)) return
  const next = chain.entries().filter(({ entry }) => entry.organization === organization).length + 1
  const [row] = machine.database.all(
    'select digest, signature from accepted where organization = ? and kind = 1 and sequence = ?',
    organization,
    next,
  )
  if (row === undefined) return
  const digest = row.digest as Uint8Array
  world.handedIn.add(toHex(digest))
  const entry = encodeEntry({ kind: 1, organization, sequence: next, digest })
  chain.handIn([new Uint8Array([...entry, ...(row.signature as Uint8Array)])])
}

/** The head as a cheat sees it: the platform's, or else the chain's. */
function headOf({ machine }: World, organization: number): { sequence: number; digest: Uint8Array | undefined } {
  const [row] = machine.database.all(
    'select sequence, digest from accepted where organization = ? and kind = 1 order by sequence desc limit 1',
    organization,
  )
  return { sequence: Number(row?.sequence ?? 0), digest: row?.digest as Uint8Array | undefined }
}

/** S13: neither the platform nor the contract takes what a thief signs outside the key's range. */
async function steal(world: World, random: Random): Promise<void> {
  const { process, chain, stolen } = world
  const victim = world.uplinks[0] as Uplink
  const window = victim.journal.at(-1)
  if (process === undefined || window === undefined) return
  const { organization } = victim
  const head = headOf(world, organization)
  const key = random.chance(0.6) ? stolen : random.bytes(32)
  const sequence = key === stolen ? Math.max(3, head.sequence + 1) : head.sequence + 1
  const previous = head.digest ?? new Uint8Array(32).fill(1)
  const forged = signedBatch(
    draftOf(victim, window, random),
    { organization, sequence, previous: sequence === 1 ? undefined : previous },
    DOMAIN,
    key,
  )
  world.refused.set(toHex(forged.entry.digest), 'anywhere')
  chain.handIn([forged.relayed])
  await requireRefused(world, process.life.reply(accept(process.instance, forged)), 'S13: what a thief signed', [
    'E_KEY_REFUSED',
  ])
}

/** S7: labels of hidden nodes that a proof would pass fail the audit. */
async function buildFalsely(world: World, random: Random, toChain: boolean): Promise<void> {
  const { process, chain } = world
  // The first enterprise is the thief's victim and keeps its word.
  const uplink = random.pick(world.uplinks.filter(({ organization }) => organization !== 2))
  const window = uplink?.journal.findLast(
    ({ readings, restates }) => restates.length === 0 && readings.filter(({ quantity }) => quantity > 1).length >= 6,
  )
  if (process === undefined || uplink === undefined || window === undefined) return
  const { organization, key } = uplink
  // Six leaves: both children of the top hold two or more, so that a proof can hide both.
  const later = window.readings.slice(0, 6).map((reading) => ({ ...reading, start: reading.start + 10_000_000 }))
  const draft = draftOf(uplink, { ...window, readings: later }, random)
  const lie = falseRootOf(draft)
  const passed = checkProof(lie.root, { intervals: [lie.interval], mode: 'total' }, lie.proof)
  hold(
    passed.ok && passed.totals[0]?.quantity === lie.claimed && lie.claimed !== lie.truth,
    'the false label is no lie that a proof passes',
  )
  const head = toChain ? chainHead(world, organization) : headOf(world, organization)
  const alter = (header: Record<string, unknown>) => {
    header.tree = lie.root
  }
  const { sequence } = head
  const batch = signedBatch(draft, { organization, sequence: sequence + 1, previous: head.digest }, DOMAIN, key, alter)
  hold(decodeHeader(batch.header.bytes).sequence === sequence + 1, 'the cheat’s header is of the form')
  world.refused.set(toHex(batch.entry.digest), toChain ? 'here' : 'anywhere')
  if (toChain) {
    world.tell(`organization ${organization} sends a false batch to the contract`)
    world.faithless.add(organization)
    chain.handIn([batch.relayed])
  }
  await requireRefused(world, process.life.reply(accept(process.instance, batch)), 'S7: a batch with false labels', [
    'E_AUDIT_TREE',
    // Others were faster, or the chain holds another batch there.
    'E_SEQUENCE_HEAD',
    'E_SEQUENCE_CHAIN',
    'E_AUDIT_SEQUENCE',
    'E_AUDIT_PREVIOUS',
    'E_AUDIT_OVERLAP',
  ])
}

function chainHead({ chain }: World, organization: number): { sequence: number; digest: Uint8Array | undefined } {
  const last = chain.entries().findLast(({ entry }) => entry.organization === organization)?.entry
  return { sequence: last?.sequence ?? 0, digest: last?.digest }
}

const OUR_OWN_TROUBLE = ['E_STORAGE_FULL', 'E_BUSY', 'E_ORGANIZATION_UNKNOWN']

async function requireRefused(
  world: World,
  answer: Promise<unknown>,
  what: string,
  codes: readonly string[],
): Promise<void> {
  try {
    await answer
  } catch (error) {
    const code = error instanceof TanlianError ? error.code : undefined
    if (code !== undefined && ![...codes, ...OUR_OWN_TROUBLE].includes(code))
      fail(world, new Error(`${what} was refused with ${code}`))
    return
  }
  fail(world, new Error(`${what} got a receipt`))
}

/** Blocks after which an entry counts as anchored. */
export const ANCHORED_DEPTH = CONFIRMATIONS + 1
