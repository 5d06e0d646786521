import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '@tanlian/evidence'
import type { Device } from '../../src/device.ts'
import type { Listen } from '../../src/protocols/options.ts'
import type { Endpoints } from './index.ts'

/**
 * The endpoints of the gateway that a plant file is of.
 * @param certificates folder with `authority.pem`, a pair of files a device, and the key of one that signs
 */
export function endpointsOf(listen: Listen, certificates: string): Endpoints {
  const { hj212, http, mqtt, file } = listen
  const read = (name: string) => readFileSync(join(certificates, name), 'utf8')
  return {
    ...(hj212 && { hj212 }),
    ...(http && { http: `http://${http.host}:${http.port}` }),
    ...(mqtt?.broker && {
      mqtt: {
        url: `mqtts://${mqtt.broker.host}:${mqtt.broker.port}`,
        authority: read('authority.pem'),
        identity: (device: Device['id']) => ({ certificate: read(`${device}.pem`), key: read(`${device}.key`) }),
        signer: (device: Device['id']) =>
          existsSync(join(certificates, `${device}.ed25519`)) ? fromHex(read(`${device}.ed25519`).trim()) : undefined,
      },
    }),
    ...(file && { file: file.folder }),
  }
}
