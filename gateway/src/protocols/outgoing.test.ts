import { expect, test } from 'vitest'
import { createOutgoing } from './outgoing.ts'

test('what is said in one turn is taken as one, in its order, and begins once', () => {
  let begun = 0
  const outgoing = createOutgoing(() => begun++)
  expect(outgoing.take()).toBeUndefined()
  const said: number[] = []
  for (let id = 0; id < 300; id++) {
    outgoing.sendWord(0x4002_0000 | id)
    outgoing.send(Uint8Array.of(id & 255, 7))
    said.push(0x40, 2, id >> 8, id & 255, id & 255, 7)
  }
  const first = outgoing.take()
  outgoing.sendWord(-1)
  // What was taken is the socket's: the next turn does not write over it.
  expect([...(first ?? [])]).toEqual(said)
  expect([...(outgoing.take() ?? [])]).toEqual([255, 255, 255, 255])
  expect([outgoing.take(), begun]).toEqual([undefined, 2])
})
