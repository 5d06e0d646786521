import {
  type Block,
  batchCar,
  type Draft,
  draftBatch,
  ed25519PublicKey,
  encodeBlock,
  numberBatch,
  type Reading,
  signEd25519,
} from '@tanlian/evidence'
import { memoryOutbox, openSubmitter, platformGate } from '@tanlian/sdk'
import { crcOfHj212 } from '../src/device/message.ts'
import type { Service } from './service.ts'

/** A stack's analyser that speaks HJ 212 and cannot sign, and a meter that is polled over Modbus behind a signing module. */
export const STACK = { device: 'cems-1', stream: 11, type: 0x0b0400 } as const
export const METER = { device: 'meter-1', stream: 12, type: 0x020100 } as const
/** 2026-11-20 00:00 in Shanghai. */
export const FROM = Date.UTC(2026, 10, 19, 16) / 1000
const MINUTES = 120
/** Minutes that never came. */
const LOST = new Set([50, 51, 52, 53, 54, 55])

const DEVICE_KEY = new Uint8Array(32).fill(3)
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** Sends one batch of both instruments, each minute from a raw message of its own. @param seal what is made of the draft before it is signed */
export async function sendInstruments(
  { client, steel }: Pick<Service, 'client' | 'steel'>,
  seal: (draft: Draft) => Promise<Draft> = async (draft) => draft,
): Promise<void> {
  const frames: Block[] = []
  const readings: Reading[] = []
  for (let minute = 0; minute < MINUTES; minute++) {
    if (LOST.has(minute)) continue
    const start = FROM + minute * 60
    const packet = frameOf({ device: STACK.device, protocol: 'hj212', bytes: packetOf(start), received: start + 62 })
    const poll = { at: start + 60, unit: 1, reads: [[4, 0, (1000 + minute).toString(16).padStart(8, '0')]] }
    const bytes = new TextEncoder().encode(JSON.stringify(poll))
    const unsigned = { device: METER.device, protocol: 'modbus-tcp', bytes, received: start + 61, counter: minute + 1 }
    const signed = frameOf(unsigned, DEVICE_KEY)
    frames.push(packet, signed)
    const one = { start, seconds: 60, flag: minute === 30 ? ('M' as const) : ('N' as const) }
    readings.push({ ...one, type: STACK.type, stream: STACK.stream, quantity: 122_000_000 * 60, source: packet.cid })
    readings.push({ ...one, type: METER.type, stream: METER.stream, quantity: 40 + (minute % 17), source: signed.cid })
  }
  const plain = draftBatch({
    readings,
    streams: [
      { ...STACK, interval: 60, name: 'CO2 in dry gas' },
      { ...METER, interval: 60, name: 'feeder 1', key: ed25519PublicKey(DEVICE_KEY) },
    ],
    seed: () => random(32),
    frames,
  })
  const draft = await seal(plain)
  const where = await client.wellKnown()
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: memoryOutbox(),
    log: { chainId: where.chainId, verifyingContract: where.contracts.EvidenceLog },
    organization: steel.id,
    kind: 1,
    key: steel.keys.batches,
  })
  await submitter.submit((sequence, previous) => {
    const { header, entry } = numberBatch(draft, { organization: steel.id, sequence, previous })
    return { entry, car: batchCar(header, draft.blocks) }
  }, 'instruments')
}

function frameOf(fields: Readonly<Record<string, unknown>>, key?: Uint8Array): Block {
  const unsigned = { ...fields, salt: random(16) }
  if (key === undefined) return encodeBlock(unsigned)
  return encodeBlock({ ...unsigned, signature: signEd25519(encodeBlock(unsigned).bytes, key) })
}

/** An HJ 212 packet of the real-time data of a minute, as the standard frames it. @param start of the minute, Unix seconds */
export function packetOf(start: number): Uint8Array {
  const time = new Date((start + 60 + 8 * 3600) * 1000).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  const segment = `QN=${time}000;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=${time};a05001-Rtd=12.2,a05001-Flag=N&&`
  const bytes = new TextEncoder().encode(segment)
  return new TextEncoder().encode(`##${String(bytes.length).padStart(4, '0')}${segment}${crcOfHj212(bytes)}\r\n`)
}
