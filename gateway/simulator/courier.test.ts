import { expect, test } from 'vitest'
import { createPlantClock } from './clock.ts'
import { type Message, openCourier, type Wire } from './courier.ts'
import { parseFaults } from './fault.ts'
import { createRandom } from './random.ts'

const message = (counter: number): Message => ({ device: 'd', counter, atMs: counter * 1000, values: [] })
const clock = createPlantClock({ fromMs: 0, speed: 1e6, startedMs: Date.now() })

function open(order: string, wire: Partial<Wire> = {}) {
  const sent: string[] = []
  const acknowledged: number[] = []
  const courier = openCourier({
    wire: {
      send: async (given, again) => {
        sent.push(again === 0 ? `${given.counter}` : `${given.counter}'`)
        return Uint8Array.of(given.counter)
      },
      close: async () => {},
      ...wire,
    },
    faults: parseFaults(order),
    random: createRandom(1),
    clock,
    fromMs: 0,
    onAcknowledged: ({ counter }) => acknowledged.push(counter),
    window: 1,
  })
  return { courier, sent, acknowledged }
}

async function run(order: string, count = 4) {
  const { courier, sent, acknowledged } = open(order)
  for (let counter = 1; counter <= count; counter++) courier.post(message(counter))
  await courier.drain()
  await courier.close()
  return { sent, acknowledged }
}

test('every message is acknowledged once, in order where nothing goes wrong', async () => {
  expect(await run('')).toEqual({ sent: ['1', '2', '3', '4'], acknowledged: [1, 2, 3, 4] })
})

test('what is lost is sent again; what is doubled or sent anew counts once', async () => {
  expect(await run('loss=1', 2)).toEqual({ sent: ['1', '2'], acknowledged: [1, 2] })
  expect(await run('duplicate=1', 2)).toEqual({ sent: ['1', '1', '2', '2'], acknowledged: [1, 2] })
  expect(await run('resend=1', 2)).toEqual({ sent: ['1', "1'", '2', "2'"], acknowledged: [1, 2] })
})

test('a silent device sends nothing, and only what was sent is acknowledged', async () => {
  expect(await run('silence=1')).toEqual({ sent: [], acknowledged: [] })
})

test('a message that lets others pass comes after the next one, a delayed one at the latest when all is let go', async () => {
  const { acknowledged } = await run('reorder=0.5,delay=0.1', 40)
  expect(acknowledged).not.toEqual([...acknowledged].sort((a, b) => a - b))
  expect([...acknowledged].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
})

test('the same seed, the same misfortune', async () => {
  const order = 'reorder=0.3,duplicate=0.2,silence=0.2'
  expect(await run(order, 30)).toEqual(await run(order, 30))
})

test('a wire that fails is tried until it answers', async () => {
  let failures = 2
  const { courier, acknowledged } = open('', {
    send: async ({ counter }) => {
      if (failures-- > 0) throw new Error('cut')
      return Uint8Array.of(counter)
    },
  })
  courier.post(message(1))
  expect(courier.waiting).toBe(1)
  await courier.drain()
  expect(acknowledged).toEqual([1])
  await courier.close()
})
