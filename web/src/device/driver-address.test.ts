import { expect, it } from 'vitest'
import { addressParts, fieldName, freeName, type Way, wantedDevice } from './driver-address.ts'
import type { Driver, GatewayState } from './gateway-record.ts'

const METER: Driver = {
  name: 'meter-modbus',
  en: 'Meter',
  zh: '电能表',
  protocol: 'modbus-tcp',
  address: {},
  points: [
    { name: 'imported', en: 'imported', zh: '购入', unit: 'kWh' },
    { name: 'exported', en: 'exported', zh: '上网', unit: 'kWh' },
  ],
}
const STATE = {
  plant: { organization: 7 },
  protocols: [{ name: 'hj212', address: '0.0.0.0:9212' }],
  devices: [{ id: 'meter-modbus-1', points: [{ name: 'x', stream: 4, unit: 'kWh' }] }],
} as unknown as GatewayState
const driver = (protocol: string, address: Driver['address'] = {}): Driver => ({
  ...METER,
  name: protocol,
  protocol,
  address,
})
const fields = (protocol: string, way: Way = 'broker', state?: GatewayState) =>
  addressParts(driver(protocol), way, state).map(fieldName)

it('a new device gets an address of its protocol’s form, and streams after those in use', () => {
  const filled = { host: '10.0.0.7', port: '1502', unit: '3' }
  expect(wantedDevice(METER, 'broker', 'meter-2', filled, STATE)).toEqual({
    device: {
      id: 'meter-2',
      model: 'meter-modbus',
      address: { host: '10.0.0.7', port: 1502, unit: 3 },
      points: { imported: { stream: 5 }, exported: { stream: 6 } },
    },
    listen: { 'modbus-tcp': {} },
  })
  expect([freeName(METER, STATE), freeName(METER, undefined)]).toEqual(['meter-modbus-2', 'meter-modbus-1'])
})

it.each([
  ['hj212', 'broker', ['mn', 'password', 'system', 'listen.port']],
  ['modbus-tcp', 'broker', ['host', 'port', 'unit']],
  ['http', 'broker', ['token', 'listen.port']],
  ['mqtt', 'broker', ['listen.port', 'listen.certificate', 'listen.key', 'listen.authority']],
  ['mqtt', 'outside', ['listen.url', 'listen.client', 'listen.certificate', 'listen.key', 'listen.authority']],
  [
    'sparkplug-b',
    'broker',
    [
      'node',
      'device',
      'listen.url',
      'listen.client',
      'listen.group',
      'listen.certificate',
      'listen.key',
      'listen.authority',
    ],
  ],
  ['file', 'broker', ['listen.folder']],
] as const)('%s (%s) asks for %j', (protocol, way, asked) => {
  expect(fields(protocol, way)).toEqual(asked)
})

it('how to listen is asked for only where the gateway does not listen yet, and nothing that the model says itself', () => {
  expect(fields('hj212', 'broker', STATE)).toEqual(['mn', 'password', 'system'])
  expect(addressParts(driver('hj212', { system: '22' }), 'broker', STATE).map(fieldName)).toEqual(['mn', 'password'])
  const filled = { mn: 'A'.repeat(24), password: '1', system: '31', 'listen.port': '9300' }
  expect(wantedDevice(driver('hj212'), 'broker', 'cems', filled, undefined).listen).toEqual({
    hj212: { host: '0.0.0.0', port: 9300 },
  })
  expect(wantedDevice(driver('hj212'), 'broker', 'cems', filled, STATE).listen).toEqual({})
})

it('MQTT listens here with its certificate, or reads from a broker outside, which may ask for none', () => {
  const here = {
    'listen.port': '8883',
    'listen.certificate': 'a.pem',
    'listen.key': 'a.key',
    'listen.authority': 'b.pem',
  }
  expect(wantedDevice(driver('mqtt'), 'broker', 'm', here, STATE)).toMatchObject({
    device: { id: 'm', model: 'mqtt' },
    listen: {
      mqtt: { broker: { host: '0.0.0.0', port: 8883, certificate: 'a.pem', key: 'a.key', authority: 'b.pem' } },
    },
  })
  const there = { 'listen.url': 'mqtt://127.0.0.1', 'listen.client': 'tanlian-7', 'listen.certificate': '' }
  expect(wantedDevice(driver('mqtt'), 'outside', 'm', there, STATE).listen).toEqual({
    mqtt: { outside: { url: 'mqtt://127.0.0.1', client: 'tanlian-7' } },
  })
})
