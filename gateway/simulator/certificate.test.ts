import { X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { createAuthority } from './certificate.ts'

test('certificates are what they say: issued, named, for their purpose', () => {
  const authority = createAuthority('plant', Date.now())
  const root = new X509Certificate(authority.certificate)
  expect([root.ca, root.subject, root.checkIssued(root), root.verify(root.publicKey)]).toEqual([
    true,
    'CN=plant',
    true,
    true,
  ])
  const device = new X509Certificate(authority.forDevice('meter-1').certificate)
  expect([device.ca, device.subject, device.verify(root.publicKey)]).toEqual([false, 'CN=meter-1', true])
  expect(device.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  const server = new X509Certificate(authority.forServer(['localhost', '127.0.0.1']).certificate)
  expect([server.checkHost('localhost'), server.checkIP('127.0.0.1'), server.checkHost('elsewhere')]).toEqual([
    'localhost',
    '127.0.0.1',
    undefined,
  ])
})

test('both sides of a TLS connection take them, and a stranger’s is refused', async () => {
  const authority = createAuthority('plant', Date.now())
  const stranger = createAuthority('plant', Date.now())
  const own = authority.forServer(['localhost'])
  const names: unknown[] = []
  const server = createServer(
    { cert: own.certificate, key: own.key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      names.push(socket.getPeerCertificate().subject.CN)
      socket.end('hello')
    },
  ).listen(0)
  server.on('tlsClientError', () => {})
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const dial = (by: typeof authority) =>
    new Promise<string>((resolve) => {
      const { certificate, key } = by.forDevice('meter-1')
      const socket = connect({ port, host: 'localhost', cert: certificate, key, ca: authority.certificate })
      socket.once('data', (data) => resolve(String(data)))
      socket.on('error', () => {})
      socket.once('close', () => resolve('refused'))
    })
  try {
    expect([await dial(authority), await dial(stranger), names]).toEqual(['hello', 'refused', ['meter-1']])
  } finally {
    server.close()
  }
})
