import type { ProtocolName } from '../arrival.ts'
import { file } from './file/file.ts'
import { hj212 } from './hj212/server.ts'
import { http } from './http/http.ts'
import { modbusTcp } from './modbus/modbus.ts'
import { mqttProtocol } from './mqtt/mqtt.ts'
import type { Listen } from './options.ts'
import type { Protocol } from './protocol.ts'
import { sparkplugB } from './sparkplug/sparkplug.ts'

/** Every protocol by its name, with the options that the plant file gives it. */
export const PROTOCOLS: { readonly [Name in ProtocolName]: Protocol<NonNullable<Listen[Name]>> } = {
  hj212,
  mqtt: mqttProtocol,
  'sparkplug-b': sparkplugB,
  'modbus-tcp': modbusTcp,
  http,
  file,
}
