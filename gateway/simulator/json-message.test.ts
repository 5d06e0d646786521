import { checkEd25519, ed25519PublicKey } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import type { Device } from '../src/device.ts'
import { encodeFrame } from '../src/frame.ts'
import { jsonArrival } from '../src/protocols/json-arrival.ts'
import type { Message } from './courier.ts'
import { jsonMessage, signMessage } from './json-message.ts'

const device: Device = {
  id: 'mill-meter',
  model: 'submeter-mqtt',
  protocol: 'mqtt',
  address: {},
  zone: 'UTC',
  points: [
    {
      ...{ name: 'imported', stream: 1, type: 0x020100, unit: 'kWh', value: 'register', scale: '1', offset: '0' },
      ...{
        rounding: 'exact',
        interval: 60,
        stamp: 'end',
        source: { field: 'imported' },
        limits: {},
        definition: 'test',
      },
    },
  ],
}
const message: Message = {
  device: 'mill-meter',
  counter: 7,
  atMs: 1_767_571_200_000,
  values: [{ point: 'imported', count: 12_350n, digits: 2, register: true }],
}
const key = new Uint8Array(32).fill(5)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

test('a message has its numbers digit for digit', () => {
  expect(text(jsonMessage(device, message))).toBe('{"ts":1767571200000,"seq":7,"metrics":{"imported":123.50}}')
})

test('what a device signs is taken by the gateway for signed, and made again it is the same bytes', () => {
  const kept = jsonMessage(device, message, key)
  const sent = signMessage(device, kept, key)
  expect(signMessage(device, jsonMessage(device, message, key), key)).toEqual(sent)
  const arrival = jsonArrival(sent, device, 'mqtt', message.atMs)
  if (typeof arrival === 'string') throw new Error(arrival)
  const { bytes, counter = 0, signed, signature = new Uint8Array() } = arrival
  expect([text(bytes), counter]).toEqual([text(kept), 7])
  const { salt = new Uint8Array(), received = 0 } = signed ?? {}
  const frame = encodeFrame({ bytes, device: 'mill-meter', protocol: 'mqtt', received, salt, counter })
  expect(checkEd25519(frame, signature, ed25519PublicKey(key))).toBe(true)
})
