import { expect, it } from 'vitest'
import { addressParts, wantedDevice } from './driver-address.ts'
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
  protocols: [{ name: 'hj212', address: '0.0.0.0:9212' }],
  devices: [{ points: [{ name: 'x', stream: 4, unit: 'kWh' }] }],
} as unknown as GatewayState

it('a new device gets an address of its protocol’s form, and streams after those in use', () => {
  const filled = { host: '10.0.0.7', port: '1502', unit: '3' }
  expect(wantedDevice(METER, 'meter-2', filled, STATE)).toEqual({
    device: {
      id: 'meter-2',
      model: 'meter-modbus',
      address: { host: '10.0.0.7', port: 1502, unit: 3 },
      points: { imported: { stream: 5 }, exported: { stream: 6 } },
    },
    listen: { 'modbus-tcp': {} },
  })
})

it('a port is asked for only where the gateway does not listen yet', () => {
  expect(addressParts('hj212', undefined).map(({ name }) => name)).toContain('listenPort')
  expect(addressParts('hj212', STATE).map(({ name }) => name)).not.toContain('listenPort')
  const stack = { ...METER, name: 'cems', protocol: 'hj212' }
  const filled = { mn: 'A'.repeat(24), password: '1', system: '31', listenPort: '9300' }
  expect(wantedDevice(stack, 'cems', filled, undefined)).toMatchObject({
    device: { address: { mn: 'A'.repeat(24), password: '1', system: '31' }, points: { imported: { stream: 1 } } },
    listen: { hj212: { host: '0.0.0.0', port: 9300 } },
  })
  expect(wantedDevice(stack, 'cems', filled, STATE).listen).toEqual({})
})
