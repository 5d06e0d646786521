import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createSmtp, type Server as Smtp } from 'node:net'

/** A receiver of webhooks. */
export function listenForHooks() {
  const got: { headers: IncomingHttpHeaders; body: string }[] = []
  const server: Server = createServer(async (request, response) => {
    if (request.url === '/redirect') return response.writeHead(302, { location: '/in' }).end()
    if (request.url === '/broken') return response.writeHead(500).end()
    let body = ''
    for await (const part of request) body += String(part)
    got.push({ headers: request.headers, body })
    return response.end()
  })
  return { got, server, port: portOf(server) }
}

/** A mail server that takes everything (RFC 5321, as little of it as a client needs). */
export function listenForMail() {
  const got: string[] = []
  const server: Smtp = createSmtp((socket) => {
    let letter: string | undefined
    let rest = ''
    socket.on('error', () => {})
    socket.write('220 test\r\n')
    socket.on('data', (bytes) => {
      rest += String(bytes)
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (letter !== undefined) {
          if (line !== '.') letter += `${line}\n`
          else {
            got.push(letter)
            letter = undefined
            socket.write('250 kept\r\n')
          }
        } else if (/^DATA/i.test(line)) {
          letter = ''
          socket.write('354 go on\r\n')
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  return { got, server, port: portOf(server) }
}

/** The words of a letter of one part, as its reader sees them (RFC 2045: base64, quoted-printable or as they are). */
export function wordsOf(letter: string): string {
  const [head = '', ...rest] = letter.split('\n\n')
  const body = rest.join('\n\n')
  const [, encoding = ''] = /^content-transfer-encoding: *(\S+)/im.exec(head) ?? []
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body
  const joined = body.replaceAll('=\n', '')
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

/** Whether a webhook bears the platform's signature, by its published key: Ed25519 over `time.id.body`. */
export function isSigned(publicKey: string, headers: IncomingHttpHeaders, body: string): boolean {
  // RFC 8410: the fixed beginning of an SPKI key for Ed25519.
  const der = Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex')
  return verify(
    null,
    Buffer.from(`${headers['tanlian-time']}.${headers['tanlian-delivery']}.${body}`),
    createPublicKey({ key: der, format: 'der', type: 'spki' }),
    Buffer.from(String(headers['tanlian-signature']), 'hex'),
  )
}

function portOf(server: Server | Smtp): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
}
