import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { TanlianError } from '@tanlian/units'

/** Makes sure that a port can be listened on. Codes: E_UP_PORT. */
export async function requirePort(host: string, port: number, flag: string): Promise<void> {
  if (await isPortFree(host, port)) return
  throw new TanlianError(
    'E_UP_PORT',
    `Port ${port} on ${host} is taken by another program. Name another with ${flag}.`,
    {
      values: { port, host, flag },
    },
  )
}

/** True where nothing listens on a port. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Addresses of this machine in its network, for a phone to be pointed at. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}
