import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWaiting, WaitingMessage } from './waiting.ts'

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: fc.constantFrom('a', 'b', 'c') }) },
  fc.record({ find: fc.constantFrom('a', 'b', 'c', 'd') }),
  fc.record({ leave: fc.nat({ max: 4 }) }),
)

test('messages that wait are found under their names until they leave, whenever they are asked for', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const waiting = createWaiting()
      let twin: WaitingMessage[] = []
      let rank = 0
      for (const one of steps) {
        if ('add' in one) {
          const name = one.add
          const message = new WaitingMessage('meter', {
            ...{ kind: 'frame', receivedMs: 0, rank: rank++, name, content: name, block: new Uint8Array() },
          })
          waiting.add(message)
          twin.push(message)
        } else if ('find' in one) {
          expect(waiting.find(one.find)).toEqual(twin.filter(({ name }) => name === one.find))
        } else {
          const count = Math.min(one.leave, twin.length)
          waiting.leave(count)
          twin = twin.slice(count)
        }
      }
    }),
    { numRuns: 1000 },
  )
})
