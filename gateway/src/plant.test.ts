import { ed25519PublicKey, proveEnrolment, toHex } from '@tanlian/evidence'
import { describe, expect, test } from 'vitest'
import { readModels } from './model.ts'
import { readPlant } from './plant.ts'

const models = await readModels(new URL('../devices', import.meta.url).pathname)
const secret = new Uint8Array(32).fill(9)
const publicKey = ed25519PublicKey(secret)
const proof = toHex(proveEnrolment({ organization: 7, device: 'm1', publicKey, firstCounter: 10 }, secret))
const next = new Uint8Array(32).fill(10)
const nextKey = ed25519PublicKey(next)
const nextProof = toHex(proveEnrolment({ organization: 7, device: 'm1', publicKey: nextKey, firstCounter: 100 }, next))

const GOOD = `
format: tanlian/plant/1
organization: 7
platform: https://tanlian.example
key: works
zone: Asia/Shanghai
devices:
  - id: sdm
    model: eastron-sdm630
    address: { host: 10.0.0.5, unit: 3 }
    points:
      imported: { stream: 1, interval: 900, ratio: "80", limits: { rollover: "800000000" } }
      exported: 2
  - id: m1
    model: meter-json
    keys:
      - { public: "${toHex(publicKey)}", proof: "${proof}", first: 10, last: 99, end: 4 }
      - { public: "${toHex(nextKey)}", proof: "${nextProof}", first: 100, stream: 5 }
    points: { imported: 3 }
    zone: "+09:00"
listen:
  mqtt: { broker: { port: 8883, certificate: c.pem, key: k.pem, authority: a.pem } }
  modbus-tcp: {}
batch: { seconds: 600, readings: 1000 }
privacy: { "02": shared, "0401": closed, all: open }
journal: { budget: "2 GiB" }
`

describe('a plant file', () => {
  test('is read with its models, its own intervals and ratios, and the keys of its devices', () => {
    const plant = readPlant(GOOD, models, '/etc/tanlian')
    expect(plant).toMatchObject({
      organization: 7,
      platform: 'https://tanlian.example',
      key: 'works',
      batch: { seconds: 600, readings: 1000 },
      privacy: [
        { prefix: Uint8Array.of(2), mode: 'shared' },
        { prefix: Uint8Array.of(4, 1), mode: 'closed' },
        { prefix: new Uint8Array(0), mode: 'open' },
      ],
      journal: { budgetBytes: 2 * 1024 ** 3 },
      listen: {
        mqtt: { broker: { host: '127.0.0.1', port: 8883, authority: '/etc/tanlian/a.pem' } },
        'modbus-tcp': {},
      },
    })
    const [sdm, m1] = plant.devices
    expect(sdm).toMatchObject({
      protocol: 'modbus-tcp',
      zone: 'Asia/Shanghai',
      points: [
        { name: 'imported', stream: 1, interval: 900, scale: '80', limits: { rollover: '800000000' } },
        { name: 'exported', stream: 2, interval: 60, scale: '1', limits: { rollover: '10000000' } },
      ],
    })
    expect(m1).toMatchObject({
      zone: '+09:00',
      keys: [
        { publicKey, firstCounter: 10, stream: undefined, ended: { lastCounter: 99, stream: 4 } },
        { publicKey: nextKey, firstCounter: 100, stream: 5, ended: undefined },
      ],
    })
  })

  const bad: [string, string | RegExp, string, string][] = [
    ['an unknown key', 'zone: Asia', 'zones: Asia', 'zones'],
    ['an unknown key of a device', 'id: sdm', 'id: sdm\n    colour: red', 'devices[0].colour'],
    ['an unknown key of a listener', 'port: 8883', 'port: 8883, user: x', 'listen.mqtt.broker.user'],
    ['an unknown protocol', '  modbus-tcp: {}', '  dlt645: {}', 'listen.dlt645'],
    ['an unknown model', 'eastron-sdm630', 'eastron-sdm9', 'devices[0].model'],
    ['a point that the model lacks', 'exported: 2', 'frequency: 2', 'devices[0].points.frequency'],
    ['a stream twice', 'exported: 2', 'exported: 1', 'devices[0]'],
    ['a stream of two devices', 'imported: 3', 'imported: 2', 'devices[1]'],
    ['an id twice', 'id: m1', 'id: sdm', 'devices[1].keys[0].proof'],
    ['an id that is no topic', 'id: sdm', 'id: a/b', 'devices[0].id'],
    ['a zone that is none', 'zone: Asia/Shanghai', 'zone: Asia/Nowhere', 'zone'],
    ['a platform that is no origin', 'tanlian.example', 'tanlian.example/v1', 'platform'],
    ['a budget without a unit', '"2 GiB"', '"2000"', 'journal.budget'],
    ['a type that is none', '"0401": closed', '"401": closed', 'privacy.401'],
    ['a privacy that is none', '"02": shared', '"02": hidden', 'privacy.02'],
    ['a port that is none', 'port: 8883', 'port: 88830', 'listen.mqtt.broker.port'],
    ['a ratio that is no number', 'ratio: "80"', 'ratio: "80x"', 'devices[0].points.imported.ratio'],
    ['a proof for another counter', 'first: 10', 'first: 11', 'devices[1].keys[0].proof'],
    ['a last counter before the first', 'last: 99', 'last: 8', 'devices[1].keys[0].last'],
    ['a key of small order', toHex(publicKey), `01${'00'.repeat(31)}`, 'devices[1].keys[0]'],
    ['a key without the end of the one before', ', last: 99, end: 4', '', 'devices[1].keys[1]'],
    ['an end without the stream that says so', ', end: 4', '', 'devices[1].keys[0]'],
    ['a counter that the key before it signed', 'last: 99', 'last: 100', 'devices[1].keys[1].first'],
    ['a further key without a stream', ', stream: 5', '', 'devices[1].keys[1]'],
    ['a stream of a key that is a point’s', 'end: 4', 'end: 2', 'devices[1]'],
    ['no organization', 'organization: 7', 'organization: "7"', 'organization'],
  ]
  test.each(bad)('%s is refused with its place, twice alike', (_, from, to, place) => {
    const text = GOOD.replace(from, to)
    expect(text).not.toBe(GOOD)
    for (const _round of [1, 2])
      expect(() => readPlant(text, models)).toThrow(
        expect.objectContaining({ code: 'E_PLANT', values: expect.objectContaining({ place }) }),
      )
  })

  test('a proof of possession holds for its organization, device, key and counter alone (R7)', () => {
    const enrolment = { organization: 7, device: 'm1', publicKey, firstCounter: 10 }
    for (const other of [{ organization: 8 }, { device: 'm2' }, { firstCounter: 9 }]) {
      const stolen = toHex(proveEnrolment({ ...enrolment, ...other }, secret))
      expect(() => readPlant(GOOD.replace(proof, stolen), models)).toThrow(
        expect.objectContaining({ values: expect.objectContaining({ place: 'devices[1].keys[0].proof' }) }),
      )
    }
  })
})
