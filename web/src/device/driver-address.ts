import type { Driver, GatewayState } from './gateway-record.ts'

/** A part of a device's address that a person fills in. */
export interface AddressPart {
  readonly name: string
  readonly isNumber: boolean
  readonly first: string
  /** It says how the gateway listens, not where the device is. */
  readonly listens?: boolean
}

/** What each protocol asks for; the gateway judges what is filled in. */
export function addressParts(protocol: string, state: GatewayState | undefined): readonly AddressPart[] {
  const isOpen = state?.protocols.some(({ name }) => name === protocol) === true
  const port = (first: string): readonly AddressPart[] =>
    isOpen ? [] : [{ name: 'listenPort', isNumber: true, first, listens: true }]
  switch (protocol) {
    case 'hj212':
      return [
        { name: 'mn', isNumber: false, first: '' },
        { name: 'password', isNumber: false, first: '123456' },
        { name: 'system', isNumber: false, first: '31' },
        ...port('9212'),
      ]
    case 'modbus-tcp':
      return [
        { name: 'host', isNumber: false, first: '127.0.0.1' },
        { name: 'port', isNumber: true, first: '502' },
        { name: 'unit', isNumber: true, first: '1' },
      ]
    case 'http':
      return [{ name: 'token', isNumber: false, first: '' }, ...port('9280')]
    default:
      return []
  }
}

/** The device and the way to listen to it, as a plant file has them. Its points get the numbers after those in use. */
export function wantedDevice(
  driver: Driver,
  id: string,
  filled: Readonly<Record<string, string>>,
  state: GatewayState | undefined,
) {
  const parts = addressParts(driver.protocol, state)
  const filledIn = ({ name, isNumber }: AddressPart) => (isNumber ? Number(filled[name]) : (filled[name] ?? ''))
  const address = Object.fromEntries(
    parts.filter(({ listens }) => listens !== true).map((part) => [part.name, filledIn(part)]),
  )
  const used = state?.devices.flatMap(({ points }) => points.map(({ stream }) => stream)) ?? []
  const first = Math.max(0, ...used) + 1
  const points = Object.fromEntries(driver.points.map(({ name }, at) => [name, { stream: first + at }]))
  const port = parts.find(({ listens }) => listens === true)
  const options =
    driver.protocol === 'modbus-tcp' ? {} : port === undefined ? undefined : { host: '0.0.0.0', port: filledIn(port) }
  return {
    device: { id, model: driver.name, ...(Object.keys(address).length === 0 ? {} : { address }), points },
    listen: options === undefined ? {} : { [driver.protocol]: options },
  }
}
