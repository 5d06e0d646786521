import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createAuthority } from '../gateway/simulator/certificate.ts'
import { type GatewayProcess, startGatewayProcess } from '../gateway/simulator/gateway-process.ts'
import type { PlantName } from '../gateway/simulator/plants/index.ts'
import { preparePlant } from '../gateway/simulator/prepare.ts'
import { readModels } from '../gateway/src/model.ts'
import { type Plant, readPlant } from '../gateway/src/plant.ts'
import { freePort } from './port.ts'

/*
 * Clients that this project did not write, against the gateway as a process. `sh scripts/clients` installs them; where they are missing
 * these tests fail and say so.
 */

const root = join(import.meta.dirname, '..')
const PYTHON = join(root, 'node_modules/.cache/pymodbus/bin/python')

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serve(name: PlantName): Promise<{ gateway: GatewayProcess; plant: Plant; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tanlian-foreign-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  // No platform and no key: the gateway stands alone, and its windows wait as drafts.
  const given = { plant: name, folder, organization: 1, platform: 'http://127.0.0.1:9' }
  const file = await preparePlant({ ...given, port: freePort, pollS: 1 })
  const models = await readModels(join(root, 'gateway/devices'))
  const plant = readPlant(await readFile(file, 'utf8'), models, folder)
  const where = { plant: file, data: join(folder, 'data'), home: join(folder, 'home'), passphrase: '' }
  const gateway = await startGatewayProcess(where)
  ends.push(async () => {
    gateway.child.kill('SIGTERM')
    await gateway.ended
  })
  return { gateway, plant, folder }
}

interface Live {
  readonly devices: readonly {
    readonly id: string
    readonly counts: { readonly kept: number; readonly refused: number; readonly repeated: number } | null
  }[]
}

async function countsOf({ page }: GatewayProcess, id: string) {
  const { devices } = (await (await fetch(`${page}/api/state`)).json()) as Live
  return devices.find((device) => device.id === id)?.counts ?? null
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const found = await ask()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`waited in vain for ${what}`)
}

/** Where a program is. @throws Error that says how to get it */
function wanted(program: string): string {
  try {
    return execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`], { encoding: 'utf8' }).trim()
  } catch {
    throw new Error(`${program} is not installed, so this test cannot be run: sh scripts/clients says how to get it`)
  }
}

test('mosquitto_pub with a certificate: acknowledged and kept once, its own topic alone, and no stranger gets in', async () => {
  const program = wanted('mosquitto_pub')
  const { gateway, plant, folder } = await serve('steel-works')
  const certificates = join(folder, 'certificates')
  const port = plant.listen.mqtt?.broker?.port ?? 0
  const publish = (own: { id?: string; topic?: string; with?: string; message: string; version?: string }) =>
    new Promise<string>((resolve) => {
      const { id = 'furnace-meter', topic = `tanlian/${id}/telemetry`, message, version = 'mqttv5' } = own
      const name = join(certificates, own.with ?? id)
      const args = [
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-i',
        id,
        '-t',
        topic,
        '-m',
        message,
        '-q',
        '1',
        '-V',
        version,
      ]
      const tls = ['--cafile', join(certificates, 'authority.pem'), '--cert', `${name}.pem`, '--key', `${name}.key`]
      // It ends with 0 as well where the broker took the message with a reason not to keep it, and says the reason.
      execFile(program, [...args, ...tls], { timeout: 20_000 }, (error, out, said) =>
        resolve(error === null && out + said === '' ? 'taken' : `${out}${said}` || String(error)),
      )
    })
  const ts = Math.floor(Date.now() / 60_000) * 60_000
  const message = (seq: number) =>
    `{"ts":${ts - (10 - seq) * 60_000},"seq":${seq},"metrics":{"imported":${100 + seq}.25}}`

  expect(await publish({ message: message(1) })).toBe('taken')
  expect(await publish({ message: message(2), version: 'mqttv311' })).toBe('taken')
  expect(await publish({ message: message(2) })).toBe('taken')
  expect(await countsOf(gateway, 'furnace-meter')).toMatchObject({ kept: 2, repeated: 1, refused: 0 })

  // Another's topic under one's own certificate, and another's name: the certificate decides.
  expect(await publish({ message: message(3), topic: 'tanlian/mill-meter/telemetry' })).not.toBe('taken')
  expect(await publish({ message: message(3), id: 'mill-meter', with: 'furnace-meter' })).not.toBe('taken')
  const stranger = createAuthority('steel-works', Date.now()).forDevice('mill-meter')
  await writeFile(join(certificates, 'stranger.pem'), stranger.certificate)
  await writeFile(join(certificates, 'stranger.key'), stranger.key)
  expect(await publish({ message: message(3), id: 'mill-meter', with: 'stranger' })).not.toBe('taken')
  expect(await publish({ message: 'no JSON' })).not.toBe('taken')
  expect(await countsOf(gateway, 'mill-meter')).toBe(null)
  expect((await countsOf(gateway, 'furnace-meter'))?.kept).toBe(2)
}, 60_000)

test('a pymodbus server as the meter: polled, kept, and read as the register stands', async () => {
  if (!existsSync(PYTHON))
    throw new Error('pymodbus is not installed, so this test cannot be run: sh scripts/clients says how to get it')
  const { gateway, plant, folder } = await serve('steel-works')
  const meter = plant.devices.find(({ id }) => id === 'main-meter')
  const script = join(folder, 'meter.py')
  await writeFile(script, PYMODBUS)
  const server = spawn(PYTHON, [script, String(meter?.address.port)], { stdio: 'ignore' })
  ends.push(() => server.kill('SIGKILL'))
  const value = await until('a poll of the pymodbus meter', async () => {
    const text = await liveOf(gateway)
    const seen = text.find(({ device, point }) => device === 'main-meter' && point === 'imported')
    return seen?.value === undefined || seen.value === null ? undefined : seen.value
  })
  // 0x0001 and 0xe240 in two registers, the higher first: 123,456 hundredths of a kWh.
  expect(value).toBe('1234.56')
  expect(await countsOf(gateway, 'main-meter')).toMatchObject({ refused: 0 })
}, 90_000)

const PYMODBUS = `
import sys
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import StartTcpServer
block = ModbusSequentialDataBlock(1, [0x0001, 0xE240])
StartTcpServer(ModbusServerContext(ModbusDeviceContext(ir=block, hr=block), single=True), address=("127.0.0.1", int(sys.argv[1])))
`

interface LiveValue {
  readonly device: string
  readonly point: string
  readonly value?: string | null
}

/** The first event of the page's stream of live values. */
async function liveOf({ page }: GatewayProcess): Promise<readonly LiveValue[]> {
  const response = await fetch(`${page}/api/live`)
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('\n\n')) break
  }
  const data = /^data: (.*)$/m.exec(text)?.[1]
  return data === undefined ? [] : (JSON.parse(data) as { values: LiveValue[] }).values
}

/** After so long without an answer there is none. */
const SILENCE_MS = 1500

test('published HJ 212 packets over a socket: the good ones are acknowledged, the bad ones have the answers of the standard', async () => {
  const { gateway, plant } = await serve('power-station')
  const samples = JSON.parse(readFileSync(join(root, 'gateway/vectors/hj212/samples.json'), 'utf8')) as {
    packets: { id: string; packet: string; profile: string; expect: { ok: boolean; reply?: string; answer?: string } }[]
  }
  const answers = async (packet: string) => {
    const socket = connect({ host: '127.0.0.1', port: plant.listen.hj212?.port ?? 0 })
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write(packet)
    for (let waited = 0; waited < SILENCE_MS && !heard.includes('\r\n'); waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20))
    socket.destroy()
    const [command = '', result = ''] = [/CN=(\d{4})/.exec(heard)?.[1], /QnRtn=(\d+)/.exec(heard)?.[1]]
    return `${command} ${result}`.trim()
  }
  const seen: Promise<[string, string]>[] = []
  const expected: [string, string][] = []
  for (const { id, packet, profile, expect: want } of samples.packets) {
    const bad = /9011 QnRtn=(\d+)/.exec(want.answer ?? '')?.[1]
    if (profile !== 'strict' || (want.ok ? want.reply !== '9014' : want.answer === undefined)) continue
    // I26 asks for no answer (A = 0), so it has none.
    const asks = (Number(/;Flag=(\d+);/.exec(packet)?.[1] ?? 1) & 1) === 1
    expected.push([id, want.ok ? '9014' : bad === undefined || !asks ? '' : `9011 ${bad}`])
    seen.push(answers(packet).then((answer) => [id, answer]))
  }
  expect(seen.length).toBeGreaterThan(20)
  expect(await Promise.all(seen)).toEqual(expected)
  expect((await countsOf(gateway, 'cems'))?.kept).toBe(1)
}, 60_000)
