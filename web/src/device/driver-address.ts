import type { Driver, GatewayState } from './gateway-record.ts'

/** A part of a device's address, or of how the gateway listens to it, that a person fills in. */
export interface AddressPart {
  readonly name: string
  readonly form: 'text' | 'number'
  /** What stands there at first; `made` where the page makes up a secret. */
  readonly first: string
  readonly made?: true
  /** It says how the gateway listens, not where the device is. */
  readonly listens?: true
  /** May be left empty: a broker that asks for no certificate, a node without devices. */
  readonly optional?: true
}

/** MQTT comes in two ways: devices connect to this gateway, or to a broker that it reads from. */
export type Way = 'broker' | 'outside'

/** Whether the gateway has the driver's protocol open already; then nothing about listening is asked. */
export function openAs(
  { protocol }: Driver,
  state: GatewayState | undefined,
): { readonly address: string | null } | undefined {
  return state?.protocols.find(({ name }) => name === protocol)
}

/** What a driver asks for; the gateway judges what is filled in. */
export function addressParts(driver: Driver, way: Way, state: GatewayState | undefined): readonly AddressPart[] {
  const parts = [...deviceParts(driver), ...listenParts(driver, way, state?.plant.organization)]
  const known = parts.filter(({ name, listens }) => listens === true || !(name in driver.address))
  return openAs(driver, state) === undefined ? known : known.filter(({ listens }) => listens !== true)
}

function deviceParts({ protocol }: Driver): readonly AddressPart[] {
  switch (protocol) {
    case 'hj212':
      return [text('mn', ''), text('password', '123456'), text('system', '31')]
    case 'modbus-tcp':
      return [text('host', '127.0.0.1'), number('port', '502'), number('unit', '1')]
    case 'http':
      return [{ ...text('token', ''), made: true }]
    case 'sparkplug-b':
      return [text('node', ''), { ...text('device', ''), optional: true }]
    default:
      return []
  }
}

function listenParts({ protocol }: Driver, way: Way, organization = 0): readonly AddressPart[] {
  const listen = (...parts: readonly AddressPart[]) => parts.map((part) => ({ ...part, listens: true as const }))
  const files = [text('certificate', ''), text('key', ''), text('authority', '')]
  const optional = files.map((part) => ({ ...part, optional: true as const }))
  const outside = [text('url', 'mqtts://'), text('client', `tanlian-${organization}`)]
  switch (protocol) {
    case 'hj212':
      return listen(number('port', '9212'))
    case 'http':
      return listen(number('port', '9280'))
    case 'mqtt':
      return way === 'outside'
        ? listen(...outside, ...optional)
        : listen(
            number('port', '8883'),
            text('certificate', 'certificates/gateway.pem'),
            text('key', 'certificates/gateway.key'),
            text('authority', 'certificates/authority.pem'),
          )
    case 'sparkplug-b':
      return listen(...outside, text('group', ''), ...optional)
    case 'file':
      return listen(text('folder', 'inbox'))
    default:
      return []
  }
}

function text(name: string, first: string): AddressPart {
  return { name, form: 'text', first }
}

function number(name: string, first: string): AddressPart {
  return { name, form: 'number', first }
}

/** The name of a part among those of one form: a meter's port and the port that is listened on are two things. */
export function fieldName({ name, listens }: AddressPart): string {
  return listens === true ? `listen.${name}` : name
}

/** The device and the way to listen to it, as a plant file has them. Its points get the numbers after those in use. */
export function wantedDevice(
  driver: Driver,
  way: Way,
  id: string,
  filled: Readonly<Record<string, string>>,
  state: GatewayState | undefined,
) {
  const parts = addressParts(driver, way, state)
  const take = (which: readonly AddressPart[]) =>
    Object.fromEntries(
      which.flatMap((part): [string, string | number][] => {
        const value = filled[fieldName(part)] ?? ''
        if (part.optional === true && value === '') return []
        return [[part.name, part.form === 'number' ? Number(value) : value]]
      }),
    )
  const address = take(parts.filter(({ listens }) => listens !== true))
  const used = state?.devices.flatMap(({ points }) => points.map(({ stream }) => stream)) ?? []
  const first = Math.max(0, ...used) + 1
  const points = Object.fromEntries(driver.points.map(({ name }, at) => [name, { stream: first + at }]))
  const isOpen = openAs(driver, state) !== undefined
  return {
    device: { id, model: driver.name, ...(Object.keys(address).length === 0 ? {} : { address }), points },
    listen: isOpen ? {} : { [driver.protocol]: optionsOf(driver, way, take(parts.filter(({ listens }) => listens))) },
  }
}

/** Devices are other machines, so whoever listens does so on every address. */
function optionsOf({ protocol }: Driver, way: Way, given: Readonly<Record<string, string | number>>) {
  if (protocol === 'hj212' || protocol === 'http') return { host: '0.0.0.0', ...given }
  if (protocol === 'mqtt') return way === 'outside' ? { outside: given } : { broker: { host: '0.0.0.0', ...given } }
  return given
}

/** A name that no device has yet: the driver's, with a number. */
export function freeName({ name }: Driver, state: GatewayState | undefined): string {
  const taken = new Set(state?.devices.map(({ id }) => id))
  let at = 1
  while (taken.has(`${name}-${at}`)) at++
  return `${name}-${at}`
}
