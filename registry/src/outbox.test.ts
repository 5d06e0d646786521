import { encodeEntry } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Intent } from './intent.ts'
import { createOutbox, EMBEDDED_OUTBOX, type Outbox, type OutboxOptions } from './outbox.ts'
import { FAKE_LOG, FAKE_SENDER, type FakeChain, fakeChain, fakeSigner } from './testing/fake-chain.ts'
import { type MemoryStore, memoryStore } from './testing/memory-store.ts'

const OPTIONS: OutboxOptions = { ...EMBEDDED_OUTBOX, entriesPerTransaction: 10, keepBlocks: 64 }

function entry(organization: number, sequence: number): Omit<Intent, 'createdAtMs'> {
  const digest = new Uint8Array(32).fill(organization)
  const data = new Uint8Array(117)
  data.set(encodeEntry({ kind: 1, organization, sequence, digest }))
  return { id: `entry:1:${organization}:${sequence}`, kind: 'entry', to: FAKE_LOG, data }
}

function act(n: number): Omit<Intent, 'createdAtMs'> {
  return { id: `act:${n}`, kind: 'act', to: FAKE_LOG, data: Uint8Array.of(0xac, n) }
}

/** A store and a chain that outlive the outboxes that work on them, and a clock. */
function world(options: Partial<OutboxOptions> = {}) {
  const store = memoryStore()
  const chain = fakeChain()
  let clock = 1_000_000
  const make = () =>
    createOutbox({ store, chain, signer: fakeSigner, options: { ...OPTIONS, ...options }, now: () => clock })
  /** Steps until every intent is settled and everything on its way is mined; a failed step is followed by the next, or by a new outbox. */
  const settle = async (outbox: Outbox, afterFailure: () => Outbox = () => outbox): Promise<Outbox> => {
    let current = outbox
    for (let i = 0; i < 500; i++) {
      try {
        clock += Math.max(1, await current.step())
      } catch {
        clock += 50
        current = afterFailure()
      }
      const moving = [...store.intentsById.values()].some(({ state }) => state === 'waiting' || state === 'carried')
      const open = [...store.transactions.values()].some(({ state }) => state === 'signed' || state === 'included')
      if (!moving && !open) return current
    }
    throw new Error('the outbox does not come to rest')
  }
  return { store, chain, make, settle, pass: (ms: number) => (clock += ms) }
}

const states = (store: MemoryStore) => [...store.intentsById.values()].map(({ id, state }) => `${id} ${state}`)

/** Everything wanted is on the chain exactly once, and the store knows. */
function audit({ store, chain }: { store: MemoryStore; chain: FakeChain }, wanted: readonly string[]) {
  expect(chain.effects().toSorted()).toEqual(wanted.toSorted())
  expect([...store.intentsById.values()].filter(({ state }) => state !== 'done')).toEqual([])
}

test('entries share transactions in their order, an act goes alone in its place', async () => {
  const { store, chain, make, settle } = world()
  const outbox = make()
  for (let i = 1; i <= 12; i++) await outbox.submit(entry(7, i))
  await outbox.submit(act(1))
  await outbox.submit(entry(7, 13))
  await settle(outbox)
  const wanted = [...Array.from({ length: 12 }, (_, i) => `7/${i + 1}`), '0xac01', '7/13']
  expect(chain.effects()).toEqual(wanted)
  expect([...store.transactions.values()].map(({ intents }) => intents.length)).toEqual([10, 2, 1, 1])
})

test('a first entry waits a short while for others, an act does not', async () => {
  const { chain, make } = world({ lingerMs: 100 })
  const outbox = make()
  await outbox.submit(act(1))
  await outbox.step()
  expect(chain.effects()).toEqual(['0xac01'])
  await outbox.submit(entry(7, 1))
  expect(await outbox.step()).toBe(100)
  expect(chain.effects()).toHaveLength(1)
})

test('S31: the same intent twice is one intent, the same id with other content is refused', async () => {
  const { store, chain, make, settle } = world()
  const outbox = make()
  await outbox.submit(entry(7, 1))
  await settle(outbox)
  expect((await outbox.submit(entry(7, 1))).state).toBe('done')
  await expect(outbox.submit({ ...entry(7, 2), id: 'entry:1:7:1' })).rejects.toMatchObject({ code: 'E_OUTBOX_INTENT' })
  await settle(outbox)
  audit({ store, chain }, ['7/1'])
})

test('S30: without permission nothing is looked at, signed or sent, and with it again all goes on', async () => {
  const { store, chain, settle } = world()
  let permitted = false
  const outbox = createOutbox({
    store,
    chain,
    signer: fakeSigner,
    options: OPTIONS,
    permit: () => {
      if (!permitted) throw new TanlianError('E_INDEX_REORG_DEEP', 'another chain')
    },
  })
  await outbox.submit(act(1))
  const silent = () => {
    throw new Error('the chain was asked')
  }
  chain.fail = silent
  await expect(outbox.step()).rejects.toMatchObject({ code: 'E_INDEX_REORG_DEEP' })
  expect(store.transactions.size).toBe(0)
  chain.fail = () => undefined
  permitted = true
  await settle(outbox)
  audit({ store, chain }, ['0xac01'])
})

test('F23: of a list, only what the contract refuses fails, with its code, and can be tried again', async () => {
  const { store, chain, make, settle } = world()
  chain.refused.add(8)
  const outbox = make()
  for (const intent of [entry(7, 1), entry(8, 1), entry(9, 2), entry(7, 2)]) await outbox.submit(intent)
  await settle(outbox)
  expect(chain.effects()).toEqual(['7/1', '7/2'])
  expect(store.intentsById.get('entry:1:8:1')?.failure?.code).toBe('E_ENTRY_KEY_REFUSED')
  expect(store.intentsById.get('entry:1:9:2')?.failure?.code).toBe('E_ENTRY_SEQUENCE_NOT_NEXT')
  chain.refused.delete(8)
  await outbox.retry(['entry:1:8:1'])
  await settle(outbox)
  expect(chain.effects()).toEqual(['7/1', '7/2', '8/1'])
})

test('F23: a refusal that names no place is found by halving', async () => {
  const { store, chain, make, settle } = world()
  const estimate = chain.estimate
  chain.estimate = async (from, call) => {
    const answer = await estimate(from, call)
    return answer.ok ? answer : { ...answer, values: {} }
  }
  chain.refused.add(8)
  const outbox = make()
  for (let i = 1; i <= 7; i++) await outbox.submit(entry(i === 5 ? 8 : 20 + i, 1))
  await settle(outbox)
  expect(states(store).filter((line) => !line.endsWith('done'))).toEqual(['entry:1:8:1 failed'])
})

const SCENARIO = [entry(7, 1), entry(7, 2), act(1), entry(8, 1), entry(7, 3), act(2)]
const WANTED = ['7/1', '7/2', '0xac01', '8/1', '7/3', '0xac02']

test('S31, R28: a crash at any call, before or after it acted, neither loses nor doubles an effect', async () => {
  // First a run without failures counts the calls; then one run for each call and each of the two failures.
  const runWith = async (failing: number): Promise<number> => {
    const one = world({ lingerMs: 0 })
    let calls = 0
    const fail = () => {
      if (calls++ === failing) throw new Error('crash')
    }
    one.store.fail = fail
    one.chain.fail = fail
    let outbox = one.make()
    const restart = () => one.make()
    for (const intent of SCENARIO) {
      // Who submits tries again, as the platform does after its own crash.
      await outbox.submit(intent).catch(() => outbox.submit(intent))
    }
    outbox = await one.settle(outbox, restart)
    audit(one, WANTED)
    return calls
  }
  const calls = await runWith(-1)
  expect(calls).toBeGreaterThan(60)
  for (let failing = 0; failing < calls; failing++) await runWith(failing)
})

test('S31: the same without a new start: a step that fails is followed by the next step', async () => {
  for (let failing = 0; failing < 200; failing++) {
    const one = world({ lingerMs: 0 })
    let calls = 0
    const outbox = one.make()
    for (const intent of SCENARIO) await outbox.submit(intent)
    const fail = () => {
      if (calls++ === failing) throw new Error('no answer')
    }
    one.store.fail = fail
    one.chain.fail = fail
    await one.settle(outbox)
    audit(one, WANTED)
  }
})

test('S30, S31: whatever blocks the chain forgets, at whatever moments, everything is on it once in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ forget: fc.nat(6), steps: fc.nat(4), restart: fc.boolean(), fail: fc.nat(40) }), {
        maxLength: 8,
      }),
      async (faults) => {
        const one = world({ lingerMs: 0, entriesPerTransaction: 2, confirmations: 2 })
        let outbox = one.make()
        const wanted = [...WANTED]
        for (const intent of SCENARIO) await outbox.submit(intent)
        for (const [i, fault] of faults.entries()) {
          await outbox.submit(entry(30 + i, 1))
          wanted.push(`${30 + i}/1`)
          let calls = 0
          one.chain.fail = () => {
            if (calls++ === fault.fail) throw new Error('no answer')
          }
          for (let step = 0; step < fault.steps; step++) await outbox.step().catch(() => undefined)
          one.chain.forget(fault.forget)
          if (fault.restart) outbox = one.make()
        }
        one.chain.fail = () => undefined
        // With two confirmations, the last transaction is done only when something follows it.
        for (let i = 0; i < 100; i++) {
          await outbox.step()
          one.pass(100)
          one.chain.foreign([Uint8Array.of(0xf0, i)])
        }
        expect(
          one.chain
            .effects()
            .filter((effect) => !effect.startsWith('0xf0'))
            .toSorted(),
        ).toEqual(wanted.toSorted())
        expect(states(one.store).filter((line) => !line.endsWith('done'))).toEqual([])
      },
    ),
    { numRuns: 60, seed: 3 },
  )
})

test('R28: no bytes are sent that are not saved, nor others than those', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  const unsaved: string[] = []
  const send = chain.send
  chain.send = (bytes) => {
    const saved = [...store.transactions.values()].flatMap(({ attempts }) => attempts.map((attempt) => attempt.bytes))
    if (!saved.includes(bytes)) unsaved.push(bytes)
    return send(bytes)
  }
  chain.leastFee = 12n
  const outbox = make()
  for (const intent of SCENARIO) await outbox.submit(intent)
  await settle(outbox)
  chain.forget(2)
  await settle(make())
  audit({ store, chain }, WANTED)
  expect(unsaved).toEqual([])
})

test('a rolled back chain gets the same bytes again, in the order of nonces', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0, entriesPerTransaction: 1 })
  const outbox = make()
  for (let i = 1; i <= 5; i++) await outbox.submit(entry(7, i))
  await settle(outbox)
  const before = [...store.transactions.values()].map(({ included }) => included?.transaction)
  chain.forget(4)
  expect(chain.effects()).toEqual(['7/1'])
  await settle(make())
  await settle(outbox)
  audit({ store, chain }, ['7/1', '7/2', '7/3', '7/4', '7/5'])
  expect([...store.transactions.values()].map(({ included }) => included?.transaction)).toEqual(before)
})

test('S30, S31: a chain that goes back between the look and the question refuses nothing for good', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  const outbox = make()
  for (let i = 1; i <= 3; i++) await outbox.submit(entry(7, i))
  await settle(outbox)
  let killed = false
  chain.fail = (what, when) => {
    if (what !== 'estimate' || when !== 'before' || killed) return
    killed = true
    chain.forget(1)
  }
  await outbox.submit(entry(7, 4))
  await settle(outbox)
  expect(killed).toBe(true)
  audit({ store, chain }, ['7/1', '7/2', '7/3', '7/4'])
})

test('F22: an offer that is too low is raised with the same nonce, and only one of the two is mined', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  chain.leastFee = 14n
  const outbox = make()
  await outbox.submit(entry(7, 1))
  await settle(outbox)
  audit({ store, chain }, ['7/1'])
  const [record] = store.transactions.values()
  expect(record?.attempts.map(({ feePerGas }) => feePerGas)).toEqual([10n, 12n, 14n])
})

test('F22: where gas was free and is no longer, the first offer above nothing is one wei', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  chain.fees = async () => ({ feePerGas: 0n, priorityFeePerGas: 0n })
  const outbox = make()
  await outbox.submit(entry(7, 1))
  await settle(outbox)
  expect([...store.transactions.values()][0]?.attempts.map(({ feePerGas }) => feePerGas)).toEqual([0n, 1n])
})

test('R10: the fee is never raised above the limit', async () => {
  const { store, chain, make, pass } = world({ lingerMs: 0, maxFeePerGas: 12n })
  chain.leastFee = 14n
  const outbox = make()
  await outbox.submit(entry(7, 1))
  for (let i = 0; i < 20; i++) {
    await outbox.step()
    pass(10_000)
  }
  expect([...store.transactions.values()][0]?.attempts.at(-1)?.feePerGas).toBe(12n)
})

test('an entry that its organization sent itself in the meantime is done, and does not take the others with it', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  const outbox = make()
  for (const intent of [entry(7, 1), entry(8, 1), entry(7, 2)]) await outbox.submit(intent)
  let once = false
  chain.beforeMining = () => {
    if (!once) chain.foreign([entry(8, 1).data])
    once = true
  }
  await settle(outbox)
  audit({ store, chain }, ['8/1', '7/1', '7/2'])
  expect(store.intentsById.get('entry:1:8:1')).toMatchObject({ nonce: null, state: 'done' })
  expect([...store.transactions.values()].map(({ included }) => included?.ok)).toEqual([false, true])
})

test('a list that was mined and reverted lets its intents go for good', async () => {
  const { store, chain, make, pass } = world({ lingerMs: 0, keepBlocks: 5, confirmations: 3 })
  const outbox = make()
  for (const intent of [entry(7, 1), entry(8, 1)]) await outbox.submit(intent)
  let once = false
  chain.beforeMining = () => {
    if (!once) chain.foreign([entry(8, 1).data])
    once = true
  }
  for (let i = 0; i < 12; i++) {
    pass(await outbox.step())
    chain.foreign([Uint8Array.of(0xf0, i)])
  }
  expect(outbox.open).toEqual([])
  expect(states(store)).toEqual(['entry:1:7:1 done', 'entry:1:8:1 done'])
  expect(store.intentsById.get('entry:1:7:1')?.nonce).toBe(1)
  expect(chain.effects().filter((effect) => effect.includes('/'))).toEqual(['8/1', '7/1'])
})

test('an intent is done at the configured depth, and no longer when the chain forgets it', async () => {
  const { store, chain, make, pass } = world({ lingerMs: 0, confirmations: 3 })
  const outbox = make()
  await outbox.submit(entry(7, 1))
  const look = async () => {
    for (let i = 0; i < 2; i++) pass(await outbox.step())
    return store.intentsById.get('entry:1:7:1')
  }
  expect(await look()).toMatchObject({ state: 'carried', nonce: 0 })
  chain.foreign([Uint8Array.of(0xf1)])
  expect(await look()).toMatchObject({ state: 'carried' })
  chain.foreign([Uint8Array.of(0xf2)])
  expect(await look()).toMatchObject({ state: 'done', block: 1 })
  chain.paused = true
  chain.forget(3)
  expect(await look()).toMatchObject({ state: 'carried', nonce: 0, transaction: null, block: null })
})

test('F29: with a store from an old backup, no nonce is used twice and what landed since is found', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0, entriesPerTransaction: 1 })
  const outbox = make()
  for (const intent of [entry(7, 1), entry(7, 2), entry(7, 3)]) await outbox.submit(intent)
  const backup = [...store.intentsById]
  await settle(outbox)
  store.transactions.clear()
  for (const [id, intent] of backup) store.intentsById.set(id, intent)
  const restored = make()
  await restored.submit(entry(7, 4))
  await settle(restored)
  audit({ store, chain }, ['7/1', '7/2', '7/3', '7/4'])
  expect([...store.transactions.keys()]).toEqual([3])
})

test('a nonce that another sender used with our key is left behind, and its intents go on', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0 })
  chain.paused = true
  const outbox = make()
  await outbox.submit(entry(7, 1))
  await outbox.step()
  chain.foreign([Uint8Array.of(1)], FAKE_SENDER)
  chain.paused = false
  await settle(outbox)
  expect(chain.effects()).toEqual(['0x01', '7/1'])
  expect([...store.transactions.values()].map(({ state, included }) => [state, included?.ok])).toEqual([
    ['final', undefined],
    ['done', true],
  ])
})

test('S30: nothing is sent to a chain that forgot what was final, and work goes on when it is back', async () => {
  const { store, chain, make, settle } = world({ lingerMs: 0, entriesPerTransaction: 1, keepBlocks: 3 })
  const outbox = make()
  for (let i = 1; i <= 10; i++) await outbox.submit(entry(7, i))
  await settle(outbox)
  expect(outbox.open).toHaveLength(3)
  const whole = [...chain.blocks]
  chain.forget(8)
  await outbox.submit(entry(7, 11))
  await expect(outbox.step()).rejects.toMatchObject({ code: 'E_OUTBOX_CHAIN_SHORT' })
  expect(chain.effects()).toHaveLength(2)
  chain.blocks.splice(0, chain.blocks.length, ...whole)
  await settle(outbox)
  audit(
    { store, chain },
    Array.from({ length: 11 }, (_, i) => `7/${i + 1}`),
  )
})

test('R27: a second outbox with the same key does not start', async () => {
  const { make } = world()
  const [first, second] = [make(), make()]
  await first.start()
  await expect(second.start()).rejects.toMatchObject({ code: 'E_OUTBOX_HELD' })
  await first.stop()
  await second.start()
  await second.stop()
})

test('an intent that comes while the outbox looks for one is not left until the next look', async () => {
  const store = memoryStore()
  const outbox = createOutbox({
    store,
    chain: fakeChain(),
    signer: fakeSigner,
    options: { ...OPTIONS, lingerMs: 0, pollMs: 1, idleMs: 60_000 },
  })
  const { waiting } = store
  let looks = 0
  store.waiting = async (limit) => {
    const found = await waiting(limit)
    if (looks++ === 0) await outbox.submit(entry(7, 1))
    return found
  }
  await outbox.start()
  await expect.poll(() => store.intentsById.get('entry:1:7:1')?.state, { interval: 5 }).toBe('done')
  await outbox.stop()
})

test('a running outbox wakes for a new intent and says what keeps it from working', async () => {
  const store = memoryStore()
  const chain = fakeChain()
  const problems: (string | undefined)[] = []
  const outbox = createOutbox({
    store,
    chain,
    signer: fakeSigner,
    options: { ...OPTIONS, lingerMs: 0, pollMs: 1, idleMs: 60_000 },
    alarm: (problem) => problems.push(problem?.code),
  })
  await outbox.start()
  await outbox.submit(entry(7, 1))
  await expect.poll(() => store.intentsById.get('entry:1:7:1')?.state, { interval: 5 }).toBe('done')
  chain.fail = () => {
    throw new Error('connection refused')
  }
  await outbox.submit(entry(7, 2))
  await expect.poll(() => outbox.problem?.code, { interval: 5 }).toBe('E_OUTBOX_UNREACHABLE')
  chain.fail = () => undefined
  await expect.poll(() => store.intentsById.get('entry:1:7:2')?.state, { interval: 5 }).toBe('done')
  await outbox.stop()
  expect(problems).toEqual(['E_OUTBOX_UNREACHABLE', undefined])
})
