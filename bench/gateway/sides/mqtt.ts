import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../../../gateway/simulator/certificate.ts'
import type { Device } from '../../../gateway/src/device.ts'
import { mqttProtocol } from '../../../gateway/src/protocols/mqtt/mqtt.ts'
import { freePort } from '../../../test/port.ts'
import { openBenchIntake, pointOf } from './intake.ts'
import { clock } from './message.ts'

/*
 * Messages of several devices with certificates, QoS 1: `gateway` keeps and syncs each before its PUBACK; `mosquitto` is that broker as it
 * comes, which syncs nothing. Prints messages a second.
 */
const [, , kind, messages = '0', clients = '1'] = process.argv
const folder = mkdtempSync(join(tmpdir(), 'tanlian-mqtt-'))
const authority = createAuthority('bench', Date.now())
const server = authority.forServer(['127.0.0.1'])
const paths = { certificate: join(folder, 'c.pem'), key: join(folder, 'k.pem'), authority: join(folder, 'a.pem') }
writeFileSync(paths.certificate, server.certificate)
writeFileSync(paths.key, server.key)
writeFileSync(paths.authority, authority.certificate)
const ids = Array.from({ length: Number(clients) }, (_, i) => `meter-${i}`)
for (const id of ids) {
  const { certificate, key } = authority.forDevice(id)
  writeFileSync(join(folder, `${id}.pem`), certificate)
  writeFileSync(join(folder, `${id}.key`), key)
}

const { port, close } = kind === 'gateway' ? await gateway() : await mosquitto()
const load = spawn(
  process.execPath,
  [new URL('mqtt-load.ts', import.meta.url).pathname, String(port), folder, clients, messages],
  { stdio: 'inherit' },
)
await new Promise((resolve) => load.once('close', resolve))
await close()
rmSync(folder, { recursive: true })

async function gateway() {
  const devices = ids.map((id, i): Device => {
    const points = [pointOf('energy', i + 1, { field: 'imported' })]
    return { id, model: 'meter', protocol: 'mqtt', address: {}, points, zone: 'Asia/Shanghai' }
  })
  const { intake, close: closeIntake } = await openBenchIntake(devices)
  const channel = await mqttProtocol.open({ broker: { host: '127.0.0.1', port: 0, ...paths } }, devices, intake, clock)
  return {
    port: Number(channel.address?.split(':')[1]),
    close: async () => {
      await channel.close()
      await closeIntake()
    },
  }
}

async function mosquitto() {
  const free = await freePort()
  const config = [
    `listener ${free} 127.0.0.1`,
    `cafile ${paths.authority}`,
    `certfile ${paths.certificate}`,
    `keyfile ${paths.key}`,
    'require_certificate true',
    'use_identity_as_username true',
    'allow_anonymous false',
    'persistence false',
    'max_inflight_messages 1000',
    'log_type none',
    // Started as root it would become another user, who cannot read the keys.
    'user root',
  ]
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`)
  const broker = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
  return {
    port: free,
    close: async () => {
      const gone = new Promise((resolve) => broker.once('close', resolve))
      broker.kill()
      await gone
    },
  }
}
