import type { Server } from 'node:net'
import { TanlianError } from '@tanlian/units'
import type { ListenAt } from './options.ts'

/** Lets a server listen. @returns its address with the port that it got. @throws TanlianError E_LISTEN */
export function listenAt(server: Server, { host, port }: ListenAt): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(
        new TanlianError('E_LISTEN', `${host}:${port} cannot be listened on: ${cause.message}.`, {
          values: { host, port, why: cause.message },
          cause,
        }),
      )
    server.once('error', refuse)
    server.listen({ host, port }, () => {
      server.off('error', refuse)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? `${host}:${address.port}` : String(address))
    })
  })
}
