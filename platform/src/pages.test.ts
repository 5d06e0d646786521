import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configure } from './config.ts'
import { openPages } from './pages.ts'
import { contentPolicies } from './security.ts'

let folder: string
let app: FastifyInstance
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-pages-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<title>app</title>')
  await writeFile(join(folder, 'check.html'), '<title>check</title>')
  await writeFile(join(folder, 'check-sw.js'), '// service worker')
  await writeFile(join(folder, 'assets', 'a-1234.js'), `// ${'x'.repeat(5000)}`)
  await writeFile(join(folder, 'notes.xyz'), 'a type that is not served')
  const pages = await openPages(folder)
  app = Fastify()
  app.get('/*', async (request, reply) => {
    if (!(await pages.serve(request, reply))) reply.code(404).send()
    return reply
  })
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
const navigation = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('a navigation gets the workbench, the check page its own, and a mistyped API address stays an error', async () => {
  const cases: [string, string | number][] = [
    ['/', 'app'],
    ['/organizations/7', 'app'],
    ['/trace?organization=7', 'app'],
    ['/check', 'check'],
    ['/check/anything', 'check'],
    ['/methodologies/cn.power', 200],
    ['/v1/nothing', 404],
    ['/ipfs/nothing', 404],
    ['/log/nothing', 404],
    ['/.well-known/nothing', 404],
    ['/assets/gone-0000.js', 404],
    ['/nothing.png', 404],
  ]
  for (const [url, expected] of cases) {
    const answer = await get(url, navigation)
    if (typeof expected === 'number') expect(answer.statusCode, url).toBe(expected)
    else expect(answer.body, url).toBe(`<title>${expected}</title>`)
  }
  expect((await get('/organizations/7', { accept: 'application/json' })).statusCode).toBe(404)
})

test('only the files of the folder can be asked for, by their own names', async () => {
  const paths = [
    '/../package.json',
    '/..%2f..%2fetc/passwd',
    '/assets/../../etc/passwd',
    '/assets',
    '/assets/',
    '/notes.xyz',
    '/__proto__',
    '/constructor',
  ]
  for (const path of paths) expect((await get(path)).statusCode, path).toBe(404)
})

test('named by their content they are kept for ever, pages are asked for again', async () => {
  const asset = await get('/assets/a-1234.js')
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const page = await get('/')
  expect(page.headers['cache-control']).toBe('no-cache')
  const again = await get('/', { 'if-none-match': String(page.headers.etag) })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  expect((await get('/check-sw.js')).headers['cache-control']).toBe('no-cache')
})

test('they travel compressed to whoever takes it, and are the same', async () => {
  const plain = (await get('/assets/a-1234.js')).rawPayload
  const br = await get('/assets/a-1234.js', { 'accept-encoding': 'gzip, deflate, br' })
  const gzip = await get('/assets/a-1234.js', { 'accept-encoding': 'gzip' })
  expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip'])
  expect(brotliDecompressSync(br.rawPayload).equals(plain)).toBe(true)
  expect(gunzipSync(gzip.rawPayload).equals(plain)).toBe(true)
  expect(br.rawPayload.length).toBeLessThan(plain.length / 10)
})

test('without built pages there are none, and that is no error', async () => {
  const none = await openPages(join(folder, 'missing'))
  expect(await none.serve({ url: '/', headers: {} } as never, {} as never)).toBe(false)
})

test('R20 no policy lets an inline script run, and a secret in the chain’s address is not shown', () => {
  const policies = contentPolicies(
    configure({
      dataDir: '/nowhere',
      rpcUrl: 'https://user:secret@chain.example/key',
      publicRpcUrl: 'https://rpc.example/v1',
    }),
  )
  for (const policy of Object.values(policies)) {
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|'unsafe-eval'|secret/)
  }
  expect(policies.app).toContain('https://rpc.example')
  expect(policies.check).not.toContain('unsafe-inline')
})
