import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { TanlianError } from '@tanlian/units'
import { usageError } from '../command.ts'

/** Makes sure that a port can be listened on. Codes: E_UP_PORT. */
export async function requirePort(host: string, port: number, flag: string): Promise<void> {
  const code = await whyNot(host, port)
  if (code === undefined) return
  const [why, advice] = REASONS[code] ?? [`cannot be listened on (${code})`, `Name another with ${flag}`]
  throw new TanlianError('E_UP_PORT', `Port ${port} on ${host} ${why}. ${advice.replace('FLAG', flag)}.`, {
    values: { port, host, flag, why },
  })
}

/** The port that a flag names. Codes: E_CLI_USAGE. */
export function portOf(flag: string, text: string): number {
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65535) return port
  throw usageError({
    en: `${flag} ${text} is no port: give a number from 1 to 65535.`,
    zh: `${flag} ${text} 不是端口：请给出 1 到 65535 的数字。`,
  })
}

/** True where a port can be listened on. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return (await whyNot(host, port)) === undefined
}

/** Addresses of this machine in its network, for a phone to be pointed at. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}

const REASONS: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  EADDRINUSE: ['is taken by another program', 'Name another with FLAG'],
  EACCES: ['is reserved for the system', 'Name one above 1023 with FLAG'],
  EADDRNOTAVAIL: ['cannot be listened on: this machine has no such address', 'Name one of its own with --host'],
  ENOTFOUND: ['cannot be listened on: there is no such name', 'Name an address of this machine with --host'],
}

/** The system's reason against listening on a port; undefined where it can be. */
function whyNot(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
