import { checkInclusion, encodeEntry, equalBytes, leafHash, toHex } from '@tanlian/evidence'
import { closeWindow } from './enterprise.ts'
import { endFaults, FAULTS, isMining } from './faults.ts'
import { askAndCompare, auditFromOutside, requireLiesSeen } from './outside.ts'
import { isPlant, measure, requireAllSealed } from './plant.ts'
import { PROMISE_SECONDS } from './platform.ts'
import { createProperties, hold, type Properties } from './properties.ts'
import { createWorld, runPlatform, runUplink, type World } from './world.ts'

/** What one seed was and did. */
export interface Report {
  readonly seed: string
  readonly faults: readonly string[]
  readonly steps: number
  readonly windows: number
  readonly acknowledged: number
  readonly entries: number
  readonly deaths: number
  readonly questions: number
  readonly refusals: string
}

const BLOCK_MS = 1000
const STORM_MS = 60_000
/** After the faults: what is late has the promised time, twice over, since a restart begins it anew. */
const CALM_MS = 2 * PROMISE_SECONDS * 1000
const QUESTIONS = 3

/**
 * One seed: enterprises measure, sign and send through a storm of faults, then the storm ends. Every step is held to the safety properties;
 * in the end everything acknowledged is anchored (L1), and an audit from outside finds what was measured.
 * @throws Error that names the property which did not hold, with the line that replays the seed
 */
export async function simulate(seed: string): Promise<Report> {
  const world = createWorld(seed)
  const draw = world.random.fork('faults')
  const drawn = FAULTS.filter(({ drawn }) => draw.chance(drawn))
  let steps = 0
  try {
    const properties = createProperties(world)
    const step = () => {
      steps++
      properties.check()
      if (world.wrong !== undefined) throw world.wrong
    }
    begin(world, properties)
    await world.clock.run(world.clock.now() + 3000, step)
    const stormEndMs = world.clock.now() + STORM_MS
    for (const fault of drawn) {
      const random = world.random.fork(fault.id)
      fault.begin?.(world, random)
      const { strike, everyMs } = fault
      if (strike === undefined || everyMs === undefined) continue
      const again = () => {
        if (world.clock.now() >= stormEndMs) return
        Promise.resolve(strike.call(fault, world, random)).catch((error: unknown) => {
          world.wrong ??= error instanceof Error ? error : new Error(String(error))
        })
        world.clock.after(random.int(everyMs >> 1, 2 * everyMs), again)
      }
      world.clock.after(random.int(1000, 2 * everyMs), again)
    }
    await world.clock.run(stormEndMs, step)
    endFaults(world)
    world.tell('the storm ends')
    await world.clock.run(world.clock.now() + CALM_MS, step)
    properties.checkProjection()
    await requireAllAnchored(world)
    const questions = await auditWhole(world)
    return {
      seed,
      faults: drawn.map(({ id }) => id),
      steps,
      windows: world.uplinks.reduce((sum, { journal }) => sum + journal.length, 0),
      acknowledged: world.acknowledged.size,
      entries: world.chain.entries().length,
      deaths: world.counts.deaths,
      questions,
      refusals: refusalsOf(world),
    }
  } catch (error) {
    const what = error instanceof Error ? error : new Error(String(error))
    throw new Error(
      [
        `${what.message}`,
        `  seed ${seed} after ${steps} steps; faults: ${drawn.map(({ id }) => id).join(', ')}`,
        `  refusals: ${refusalsOf(world)}`,
        ...world.story.slice(-12).map((line) => `  ${line}`),
        `  replay: SEED=${seed} npx vitest run test/simulation`,
      ].join('\n'),
      { cause: what },
    )
  }
}

function refusalsOf({ counts }: World): string {
  return [...counts.refusals].map(([code, count]) => `${code} ${count}`).join(', ')
}

/** Starts everybody: the chain, the platform, the uplinks and their meters. */
function begin(world: World, properties: Properties): void {
  const { clock, chain } = world
  const mine = () => {
    if (isMining(world)) chain.mine(Math.floor(clock.now() / 1000))
    clock.after(BLOCK_MS, mine)
  }
  clock.after(BLOCK_MS, mine)
  runPlatform(world)
  const measuredUntilMs = clock.now() + STORM_MS
  for (const uplink of world.uplinks) {
    runUplink(world, uplink)
    const random = world.random.fork(`meters ${uplink.name}`)
    const again = (act: () => void, least: number, most: number) => {
      if (clock.now() >= measuredUntilMs) return
      act()
      clock.after(random.int(least, most), () => again(act, least, most))
    }
    if (isPlant(uplink))
      for (const meter of uplink.meters) {
        const own = random.fork(meter.device.id)
        again(() => measure(uplink, meter, clock, world.network, own), 1000, 4000)
      }
    else
      clock.after(random.int(0, 5000), () =>
        again(() => closeWindow(uplink, random, random.chance(0.15)), 3000, 15_000),
      )
  }
  const look = () => {
    properties.checkProjection()
    clock.after(5000, look)
  }
  clock.after(5000, look)
}

/** L1, S1, S8: everything that has a receipt is in the log, proven by the platform to be; and every window that was closed has a receipt. */
async function requireAllAnchored(world: World): Promise<void> {
  const { chain, process, acknowledged } = world
  hold(process !== undefined, 'L1: the platform does not answer after the storm')
  const { problem } = process.indexer
  hold(problem === null, `L1: reading of the chain stands still: ${problem?.message}`)
  const root = chain.rootAt(process.log.size)
  hold(root !== undefined && equalBytes(process.log.root(), root), 'S29: the log is not the contract’s')
  const entries = chain.entries()
  hold(process.log.size === entries.length, `L1: the log was read to ${process.log.size} of ${entries.length} entries`)
  const places = new Map(entries.map((one) => [toHex(one.entry.digest), one]))
  for (const { receipt, note, uplink } of acknowledged.values()) {
    if (world.faithless.has(uplink.organization)) continue
    const place = places.get(receipt.digest)
    hold(place !== undefined, `L1: window ${note} has a receipt and is not in the log`)
    const { index, entry } = place
    const path = process.log.inclusion(index, entries.length)
    const checked = checkInclusion({ leaf: leafHash(encodeEntry(entry)), index, size: entries.length, root, path })
    hold(checked.ok, `S8: the inclusion proof of window ${note} does not hold`)
  }
  for (const uplink of world.uplinks) {
    if (world.faithless.has(uplink.organization)) continue
    for (const { note } of uplink.journal)
      hold(acknowledged.has(note), `L1: window ${note} was closed and never acknowledged`)
    if (isPlant(uplink)) requireAllSealed(uplink)
  }
}

/** The audit from outside, and random questions against the naive model. @returns the number of questions */
async function auditWhole(world: World): Promise<number> {
  const { process } = world
  hold(process !== undefined, 'the platform does not answer at the end')
  const random = world.random.fork('questions')
  let questions = 0
  for (const organization of new Set(world.uplinks.map((uplink) => uplink.organization))) {
    const { held, failed, unavailable } = await auditFromOutside(world, organization, (digest) =>
      process.blocks.get(digest),
    )
    if (world.faithless.has(organization)) {
      for (const { digest } of held)
        hold(!world.refused.has(digest), 'S7: a batch with false labels passes the audit from outside')
      continue
    }
    hold(
      failed.length === 0,
      `S5, S6: from outside ${organization}/${failed[0]?.sequence} fails with ${failed[0]?.code}`,
    )
    hold(unavailable.length === 0, `S1: from outside batch ${unavailable[0]} of ${organization} is not to be had`)
    const entries = world.chain.entries().filter(({ entry }) => entry.organization === organization)
    hold(held.length === entries.length, 'S3: the audit from outside passed over an entry')
    if (entries.length === 0) continue
    for (let i = 0; i < QUESTIONS; i++, questions++) {
      const pack = await askAndCompare(world, organization, random)
      if (i === 0) requireLiesSeen(world, pack, random)
    }
  }
  return questions
}
