import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ed25519PublicKey, fromHex, proveEnrolment, toHex } from '@tanlian/evidence'
import { createDurably } from '@tanlian/sdk/node'
import { isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { createAuthority } from './certificate.ts'
import type { PlantName } from './plants/index.ts'

/** How a simulated plant is set up for a gateway of its own. */
export interface Preparation {
  readonly plant: PlantName
  /** Where plant file, certificates and watched folder are put. */
  readonly folder: string
  readonly organization: number
  /** Origin of the platform. */
  readonly platform: string
  /** Name of the organization's key. */
  readonly key?: string
  /** A port that is free, each time it is asked. */
  readonly port: () => Promise<number>
  /** When windows close, where it is not as in the plant's own file. */
  readonly batch?: { readonly seconds: number; readonly readings: number }
  /** Seconds between the polls of its meters, where it is not as in their models. */
  readonly pollS?: number
  /** How readings are kept, by type; all are open where it is left out (数据隐私). */
  readonly privacy?: Readonly<Record<string, string>>
}

/** Devices that sign what they say with a key of their own, as far as they can be simulated: the key stands beside the certificates. */
const SIGNING: ReadonlySet<string> = new Set(['mill-meter'])

/** Writes the plant file of a simulated plant with ports of its own, and the certificates of its devices. @returns the plant file's path */
export async function preparePlant(given: Preparation): Promise<string> {
  const { plant, folder, organization, platform, key, port, batch, pollS, privacy } = given
  const template = fileURLToPath(new URL(`plants/${plant}.yaml`, import.meta.url))
  const document = parseDocument(await readFile(template, 'utf8'))
  document.set('organization', organization)
  document.set('platform', platform)
  if (key !== undefined) document.set('key', key)
  if (batch !== undefined) document.set('batch', { ...batch })
  if (privacy !== undefined) document.set('privacy', document.createNode(privacy))
  for (const at of [
    ['listen', 'hj212'],
    ['listen', 'http'],
    ['listen', 'mqtt', 'broker'],
  ])
    if (document.hasIn(at)) document.setIn([...at, 'port'], await port())
  const certificates = join(folder, 'certificates')
  await mkdir(certificates, { recursive: true, mode: 0o700 })
  const devices = document.get('devices')
  const ids: string[] = []
  for (const device of isSeq(devices) ? devices.items : []) {
    if (!isMap(device)) continue
    const id = String(device.get('id'))
    ids.push(id)
    if (SIGNING.has(id)) device.set('keys', [await enrol(id, organization, certificates)])
    if (!device.hasIn(['address', 'port'])) continue
    device.setIn(['address', 'port'], await port())
    const points = device.get('points')
    for (const { key: name, value } of pollS !== undefined && isMap(points) ? points.items : [])
      device.setIn(['points', name], { stream: isScalar(value) ? value.value : value, interval: pollS })
  }
  if (document.hasIn(['listen', 'mqtt', 'broker'])) {
    const authority = createAuthority(plant, Date.now())
    await writeFile(join(certificates, 'authority.pem'), authority.certificate)
    const pairs = new Map(ids.map((id) => [id, authority.forDevice(id)]))
    pairs.set('gateway', authority.forServer(['127.0.0.1', 'localhost']))
    for (const [name, pair] of pairs) {
      await writeFile(join(certificates, `${name}.pem`), pair.certificate)
      await writeFile(join(certificates, `${name}.key`), pair.key, { mode: 0o600 })
    }
  }
  const path = join(folder, 'plant.yaml')
  await writeFile(path, document.toString())
  return path
}

/** The device's key, made once, and the proof that it holds it, as the plant file wants both. */
async function enrol(device: string, organization: number, folder: string) {
  const path = join(folder, `${device}.ed25519`)
  await createDurably(path, randomBytes(32).toString('hex'))
  const privateKey = fromHex((await readFile(path, 'utf8')).trim())
  const publicKey = ed25519PublicKey(privateKey)
  const proof = proveEnrolment({ organization, device, publicKey, firstCounter: 0 }, privateKey)
  return { public: toHex(publicKey), proof: toHex(proof) }
}
