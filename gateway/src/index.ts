export type { Arrival, Intake, Kept, ProtocolName, Refusal, Sample } from './arrival.ts'
export type { Device, Limits, Point } from './device.ts'
export { GATEWAY_ERRORS } from './errors.ts'
export type { Channel, Clock, Presence, Protocol } from './protocols/protocol.ts'
