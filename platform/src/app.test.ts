import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask } from '../test/ask.ts'
import { newParty, newPerson, ORIGIN, register, signInWithKey } from '../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../test/platform.ts'
import { buildApp } from './app.ts'
import { PLATFORM_ERRORS } from './errors.ts'
import { SUMMARIES_ZH } from './openapi-zh.ts'

let platform: TestPlatform
let works = 0
let owner: Record<string, string> = {}
beforeAll(async () => {
  platform = await startTestPlatform()
  const party = await register(platform, newParty('enterprise', '示范厂'))
  works = party.id
  owner = await signInWithKey(platform, works, party.acts)
}, 60_000)
afterAll(() => platform.close(), 30_000)

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
interface Case {
  readonly what: string
  readonly method?: Method
  readonly url: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly code: string
}

const JSON_TYPE = { 'content-type': 'application/json' }
const post = (what: string, body: unknown, status: number, code: string, headers = {}): Case => ({
  what,
  method: 'POST',
  url: '/v1/sessions/challenge',
  body,
  headers,
  status,
  code,
})
const raw = (what: string, body: string | Uint8Array, code: string, status = 400): Case =>
  post(what, body, status, code, JSON_TYPE)
const get = (what: string, url: string, status = 400, code = 'E_REQUEST_INVALID'): Case => ({ what, url, status, code })

const CASES: readonly Case[] = [
  raw('malformed JSON', '{"organization":', 'E_REQUEST_JSON'),
  raw('an empty JSON body', '', 'E_REQUEST_JSON'),
  raw('a duplicate key', '{"organization":1,"organization":2}', 'E_REQUEST_DUPLICATE_KEY'),
  raw('__proto__', '{"__proto__":{"admin":true}}', 'E_REQUEST_KEY'),
  raw('constructor', '{"constructor":1}', 'E_REQUEST_KEY'),
  raw('a zero character', '{"organization":1,"key":"\\u0000"}', 'E_REQUEST_TEXT'),
  raw('half a surrogate pair', '{"key":"\\ud83d"}', 'E_REQUEST_TEXT'),
  raw('bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'E_REQUEST_TEXT'),
  raw('deep nesting', '['.repeat(5000), 'E_REQUEST_DEPTH'),
  raw('a body over the limit', `"${'x'.repeat(300_000)}"`, 'E_REQUEST_TOO_LARGE', 413),
  post('an unknown field', { organization: 1, key: `0x${'1'.repeat(40)}`, role: 'owner' }, 400, 'E_REQUEST_INVALID'),
  post('a missing field', { organization: 1 }, 400, 'E_REQUEST_INVALID'),
  post('a number as text', { organization: '1', key: `0x${'1'.repeat(40)}` }, 400, 'E_REQUEST_INVALID'),
  post('a fraction', { organization: 1.5, key: `0x${'1'.repeat(40)}` }, 400, 'E_REQUEST_INVALID'),
  post('beyond 2^53', { organization: 2 ** 60, key: `0x${'1'.repeat(40)}` }, 400, 'E_REQUEST_INVALID'),
  post('an array for an object', [], 400, 'E_REQUEST_INVALID'),
  post('null', null, 400, 'E_REQUEST_INVALID'),
  raw('1e999', '{"organization":1e999,"key":"0x"}', 'E_REQUEST_INVALID'),
  post('no body at all', undefined, 400, 'E_REQUEST_INVALID'),
  post('another content type', 'organization=1', 415, 'E_REQUEST_TYPE', {
    'content-type': 'application/x-www-form-urlencoded',
  }),
  post('XML', '<a/>', 415, 'E_REQUEST_TYPE', { 'content-type': 'application/xml' }),
  post('a broken content type', '{}', 415, 'E_REQUEST_TYPE', { 'content-type': ';;;' }),
  post('a form upload', 'x', 415, 'E_REQUEST_TYPE', { 'content-type': 'multipart/form-data; boundary=x' }),
  get('an unknown address', '/v1/nothing', 404, 'E_NOT_FOUND'),
  get('an unknown organization', '/v1/organizations/999', 404, 'E_NOT_FOUND'),
  get('organization 0', '/v1/organizations/0'),
  get('a leading zero', '/v1/organizations/01'),
  get('a negative number', '/v1/organizations/-1'),
  get('a number beyond 2^53', '/v1/organizations/99999999999999999999'),
  get('SQL in a path', `/v1/organizations/${encodeURIComponent("1' or '1'='1")}`),
  get('a path that climbs', '/v1/organizations/..%2f..%2fetc%2fpasswd'),
  get('broken percent-encoding', '/v1/organizations/%E0%A4%A', 400, 'E_REQUEST_URL'),
  get('a zero byte in the path', '/v1/organizations/%00', 400, 'E_REQUEST_TEXT'),
  get('a zero byte in the query', '/v1/search?q=%00', 400, 'E_REQUEST_TEXT'),
  get('a path part too long', `/v1/organizations/${'1'.repeat(5000)}`, 400, 'E_REQUEST_URL'),
  get('an unknown query parameter', '/v1/organizations?admin=1'),
  get('__proto__ in the query', '/v1/organizations?__proto__[admin]=1'),
  get('a parameter twice', '/v1/organizations?limit=1&limit=2'),
  get('limit 0', '/v1/organizations?limit=0'),
  get('a limit that is no number', '/v1/organizations?limit=1e3'),
  get('a foreign cursor', '/v1/organizations?after=abc'),
  get('a limit beyond the greatest', '/v1/organizations?limit=501'),
  get('a cursor beyond 2^53 − 1', '/v1/bindings?after=9007199254740992'),
  get('an organization beyond 2^53 − 1', '/v1/organizations/9007199254740992'),
  get('the greatest organization', '/v1/organizations/9007199254740991', 404, 'E_NOT_FOUND'),
  get('a size beyond 2^53 − 1', '/v1/log/proof?index=0&size=9007199254740992'),
  ...['entries', 'head', 'streams', 'coverage', 'headers', 'imports', 'keys', 'bindings'].map((list) =>
    get(`${list} of an unknown organization`, `/v1/organizations/999/${list}`, 404, 'E_NOT_FOUND'),
  ),
  get('an unknown parameter of a tile', '/log/tile/0/000?more=1'),
  get('an unknown parameter of the checkpoint', '/log/checkpoint?more=1'),
  get('an unknown kind', '/v1/organizations?kind=bank'),
  get('a search for nothing', '/v1/search?q='),
  get('a search that is too long', `/v1/search?q=${'a'.repeat(201)}`),
  get('no search', '/v1/search'),
  get('an unknown job', `/v1/jobs/${'0'.repeat(64)}`, 404, 'E_NOT_FOUND'),
  get('a job of another form', '/v1/jobs/1'),
  get('an address with capitals in 0X', `/v1/keys/0X${'1'.repeat(40)}`),
  { what: 'another method', method: 'DELETE', url: '/v1/organizations', status: 405, code: 'E_METHOD' },
  { what: 'PUT on a page', method: 'PUT', url: '/v1/acts', body: {}, status: 405, code: 'E_METHOD' },
  { what: 'GET where only POST is', url: '/v1/acts', status: 405, code: 'E_METHOD' },
  {
    what: 'an answer that Accept refuses',
    url: '/v1/organizations',
    headers: { accept: 'image/png' },
    status: 406,
    code: 'E_REQUEST_ACCEPT',
  },
  {
    what: 'q=0',
    url: '/v1/organizations',
    headers: { accept: 'application/json;q=0, */*;q=0.0' },
    status: 406,
    code: 'E_REQUEST_ACCEPT',
  },
  {
    what: 'no Idempotency-Key',
    method: 'POST',
    url: '/v1/acts',
    body: { act: 'x', message: {}, signature: `0x${'0'.repeat(130)}` },
    headers: { 'idempotency-key': '' },
    status: 400,
    code: 'E_IDEMPOTENCY_KEY',
  },
  {
    what: 'a key with a space',
    method: 'POST',
    url: '/v1/acts',
    body: { act: 'x', message: {}, signature: `0x${'0'.repeat(130)}` },
    headers: { 'idempotency-key': 'not a good key' },
    status: 400,
    code: 'E_IDEMPOTENCY_KEY',
  },
  {
    what: 'a write from another origin',
    method: 'POST',
    url: '/v1/sessions/challenge',
    body: {},
    headers: { origin: 'https://evil.example' },
    status: 403,
    code: 'E_ORIGIN',
  },
  {
    what: 'a write from origin null',
    method: 'POST',
    url: '/v1/sessions/challenge',
    body: {},
    headers: { origin: 'null' },
    status: 403,
    code: 'E_ORIGIN',
  },
  { what: 'nobody signed in', url: '/v1/applications', status: 401, code: 'E_SIGN_IN' },
  {
    what: 'a token that is none',
    url: '/v1/applications',
    headers: { authorization: 'Bearer x' },
    status: 401,
    code: 'E_SIGN_IN',
  },
  {
    what: 'a basic password',
    url: '/v1/applications',
    headers: { authorization: 'Basic eDp5' },
    status: 401,
    code: 'E_SIGN_IN',
  },
]

describe('bad input', () => {
  test.each(CASES)('$what: $status $code, the same twice, nothing done, nothing told of the inside', async (one) => {
    const { db } = platform.instance
    const count = async () =>
      Promise.all(
        (['person', 'session', 'challenge', 'intent', 'act', 'profile', 'import', 'idempotency'] as const).map(
          async (table) =>
            (
              await db
                .selectFrom(table)
                .select((eb) => eb.fn.countAll().as('n'))
                .execute()
            )[0]?.n,
        ),
      )
    const before = await count()
    const options = { body: one.body, headers: one.headers ?? {} }
    const first = await ask(platform, one.method ?? 'GET', one.url, options)
    const second = await ask(platform, one.method ?? 'GET', one.url, options)
    expect([first.status, first.json?.code]).toEqual([one.status, one.code])
    expect(String(first.headers['content-type'])).toContain('application/problem+json')
    const { instance: id, ...rest } = first.json
    const { instance: _other, ...again } = second.json
    expect(rest).toEqual(again)
    expect(id).toMatch(/^urn:uuid:[0-9a-f-]{36}$/)
    expect(id).toContain(String(first.headers['x-correlation-id']))
    expect(first.text).not.toMatch(/node_modules|\.ts:|at async|select |insert |\/tmp\/|\/work\//)
    expect(await count()).toEqual(before)
  })

  test('what is not HTTP gets the same form of error', async () => {
    const address = platform.app.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const long = 'POST /v1/acts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    for (const text of [
      'GARBAGE\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n',
      'GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
      `${long}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n`,
      `${long}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
      `${long}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n`,
      `${long}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      `${long}X: a\u0000b\r\n\r\n`,
    ]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text))
        let got = ''
        socket.on('data', (part) => {
          got += part
        })
        socket.on('close', () => resolve(got))
        socket.on('error', reject)
        socket.setTimeout(5000, () => socket.destroy())
      })
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toContain('"code":"E_REQUEST_HTTP"')
    }
  })

  test('a head that is too large gets the same form of error, which any page may read', async () => {
    const answer = await fetch(`${platform.url}/v1/search?q=${'a'.repeat(100_000)}`)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([431, '*'])
    expect(await answer.json()).toMatchObject({ code: 'E_REQUEST_HEADERS', status: 431 })
  })

  test('pointers name the place, in RFC 6901', async () => {
    const body = { act: 'Approve', message: { 'a/b~c': true }, signature: '0x' }
    const { json } = await ask(platform, 'POST', '/v1/acts', { body })
    expect(json.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual(['/message/a~1b~0c', '/signature'])
    const query = await ask(platform, 'GET', '/v1/organizations?limit=x')
    expect(query.json.errors).toMatchObject([{ pointer: 'query/limit' }])
  })

  test('the title is in the reader’s language, the code is not', async () => {
    const headers = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' }
    const { json, headers: answered } = await ask(platform, 'GET', '/v1/nothing', { headers })
    expect(json).toMatchObject({ code: 'E_NOT_FOUND', title: PLATFORM_ERRORS.E_NOT_FOUND.zh })
    expect(answered['content-language']).toBe('zh-CN')
  })

  test('405 names the methods there are', async () => {
    const answer = await ask(platform, 'DELETE', '/v1/organizations')
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  test('a failure on our side says nothing but its correlation id', async () => {
    const { instance } = platform
    const original = instance.chain.nonceOf
    Object.assign(instance.chain, {
      nonceOf: () => Promise.reject(new Error('secret /etc/passwd select * from person')),
    })
    const answer = await ask(platform, 'GET', `/v1/keys/0x${'1'.repeat(40)}`)
    Object.assign(instance.chain, { nonceOf: original })
    expect([answer.status, answer.json.code]).toEqual([500, 'E_INTERNAL'])
    expect(answer.text).not.toMatch(/secret|passwd|select/)
  })
})

describe('R17 idempotency', () => {
  const url = () => `/v1/organizations/${works}/imports`
  const body = { name: 'a.csv', sha256: '1'.repeat(64), mapping: '2'.repeat(64), readings: 10, batches: 2 }
  const send = (key: string, change: object = {}, headers: object = owner) =>
    ask(platform, 'POST', url(), { body: { ...body, ...change }, headers: { ...headers, 'idempotency-key': key } })

  test('same key and body: the same answer, done once; another body: E_IDEMPOTENCY', async () => {
    const first = await send('key-one-0001')
    const second = await send('key-one-0001')
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.json).toEqual(first.json)
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.headers.location).toBe(first.headers.location)
    expect((await ask(platform, 'GET', url())).json.items).toHaveLength(1)
    const other = await send('key-one-0001', { readings: 11 })
    expect([other.status, other.json.code]).toEqual([422, 'E_IDEMPOTENCY'])
    expect((await ask(platform, 'GET', url())).json.items).toHaveLength(1)
  })

  test('many at once: one is done, the others get its answer or are told to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('key-many-0001', { name: 'many.csv' })))
    const done = answers.filter((answer) => answer.status === 201)
    expect(done.length).toBeGreaterThan(0)
    expect(new Set(done.map((answer) => answer.json.id)).size).toBe(1)
    for (const answer of answers) if (answer.status !== 201) expect(answer.json.code).toBe('E_IDEMPOTENCY_RUNNING')
    const named = (await ask(platform, 'GET', url())).json.items.filter(
      (one: { name: string }) => one.name === 'many.csv',
    )
    expect(named).toHaveLength(1)
  })

  test('a refusal is not kept: the same key succeeds once the reason is gone', async () => {
    const refused = await ask(platform, 'POST', `${url()}/${'0'.repeat(32)}/batches`, {
      body: { sequences: [1] },
      headers: { ...owner, 'idempotency-key': 'key-refused-01' },
    })
    expect(refused.status).toBe(404)
    const rows = await platform.instance.db
      .selectFrom('idempotency')
      .select('key')
      .where('key', '=', 'key-refused-01')
      .execute()
    expect(rows).toEqual([])
  })

  test('a key is the caller’s own', async () => {
    const regulator = await signInWithKey(platform, 1, platform.regulator.acts)
    expect((await send('key-one-0001', {}, regulator)).json.code).toBe('E_NOT_FOUND')
  })

  test('what a killed process left unfinished is taken over', async () => {
    const sent = await send('key-dead-0001', { name: 'dead.csv' })
    await platform.instance.db
      .updateTable('idempotency')
      .set({ worker: 'a process that is gone', status: null, body: null })
      .where('key', '=', 'key-dead-0001')
      .execute()
    const again = await send('key-dead-0001', { name: 'dead.csv' })
    expect(again.status).toBe(201)
    expect(again.json.id).not.toBe(sent.json.id)
  })
})

describe('reading is open, writing is for the own pages', () => {
  test('any page may read, without cookies', async () => {
    const headers = { origin: 'https://elsewhere.example' }
    const answer = await ask(platform, 'GET', '/v1/organizations', { headers })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*'])
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    const preflight = await ask(platform, 'OPTIONS', '/v1/organizations', {
      headers: { ...headers, 'access-control-request-method': 'GET' },
    })
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD'])
    const write = await ask(platform, 'OPTIONS', '/v1/acts', {
      headers: { ...headers, 'access-control-request-method': 'POST' },
    })
    expect(String(write.headers['access-control-allow-methods'])).not.toContain('POST')
  })

  test('a write with a cookie needs the page’s own origin', async () => {
    const { headers } = await newPerson(platform, 'csrf')
    const body = { token: 'x'.repeat(43) }
    const send = (origin: Record<string, string>) =>
      ask(platform, 'POST', '/v1/invitations/accept', {
        body,
        headers: { cookie: headers.cookie, host: 'localhost', ...origin },
      })
    expect((await send({})).json.code).toBe('E_ORIGIN')
    expect((await send({ origin: 'http://localhost.evil.example' })).json.code).toBe('E_ORIGIN')
    expect((await send({ origin: 'http://localhost:8081' })).json.code).toBe('E_ORIGIN')
    expect((await send({ origin: ORIGIN })).json.code).toBe('E_INVITATION')
  })

  test('pages have a strict content policy, data none at all', async () => {
    const docs = await ask(platform, 'GET', '/docs')
    const policy = String(docs.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(docs.text).not.toMatch(/<script|style="|https?:\/\/(?!localhost)/)
    const data = await ask(platform, 'GET', '/v1/organizations')
    expect(data.headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
})

describe('lists', () => {
  const follow = async (path: string, headers: Record<string, string> = {}) => {
    const items: unknown[] = []
    for (let url: string | undefined = path; url !== undefined; ) {
      const answer: Answer = await ask(platform, 'GET', url, { headers })
      expect(answer.status, url).toBe(200)
      items.push(...answer.json.items)
      const link: string | undefined = answer.headers.link as string | undefined
      expect(link === undefined, url).toBe(answer.json.next === null)
      url = link === undefined ? undefined : /^<([^>]+)>; rel="next"$/.exec(link)?.[1]
      if (link !== undefined) expect(url).toContain(encodeURIComponent(answer.json.next))
    }
    return items
  }

  test('the header Link leads through every page of a list, with what else was asked', async () => {
    for (const [path, headers] of [
      ['/v1/organizations?kind=enterprise', {}],
      [`/v1/organizations/${works}/keys`, {}],
      ['/v1/audit?organization=1', await signInWithKey(platform, 1, platform.regulator.acts)],
    ] as const) {
      const sign = path.includes('?') ? '&' : '?'
      const whole = (await ask(platform, 'GET', `${path}${sign}limit=500`, { headers })).json.items
      expect(await follow(`${path}${sign}limit=1`, headers)).toEqual(whole)
    }
    expect(await follow(`/v1/organizations/${works}/keys?limit=1`)).toHaveLength(3)
  })
})

describe('rates', () => {
  const many = async (trustProxy: string | undefined, from: (at: number) => string) => {
    const { config } = platform.instance
    const limits = { ...config.limits, requestsPerMinute: 3 }
    const app = await buildApp({ ...platform.instance, config: { ...config, trustProxy, limits } })
    const statuses: number[] = []
    for (let at = 0; at < 4; at++) {
      const options = { url: '/v1/organizations', remoteAddress: '10.1.2.3', headers: { 'x-forwarded-for': from(at) } }
      statuses.push((await app.inject(options)).statusCode)
    }
    await app.close()
    return statuses
  }

  test('what a header says of the client counts only from a proxy that is named', async () => {
    const others = (at: number) => `203.0.113.${at}`
    expect(await many(undefined, others)).toEqual([200, 200, 200, 429])
    expect(await many('10.9.9.9', others)).toEqual([200, 200, 200, 429])
    expect(await many('10.1.2.0/24', others)).toEqual([200, 200, 200, 200])
    // The proxy puts whom it sees last: what a client wrote before it is not believed.
    expect(await many('10.1.2.3', (at) => `198.51.100.${at}, 203.0.113.7`)).toEqual([200, 200, 200, 429])
  })
})

describe('documents and records', () => {
  test('the OpenAPI document has every route, each with its summary', async () => {
    const { json } = await ask(platform, 'GET', '/openapi.json')
    expect(json.openapi).toBe('3.1.0')
    const shown = new Set(
      Object.entries(json.paths as Record<string, Record<string, { summary?: string; tags?: string[] }>>).flatMap(
        ([path, methods]) =>
          Object.entries(methods).map(([method, operation]) => {
            expect(operation.summary, `${method} ${path}`).toBeTruthy()
            expect(operation.tags, `${method} ${path}`).toHaveLength(1)
            return `${method.toUpperCase()} ${path}`
          }),
      ),
    )
    const hidden = ['/*', '/docs', '/docs/errors', '/docs/docs.css', '/openapi.json']
    const routes = platform.app.routeTable
      .filter(({ method, url }) => method !== 'HEAD' && !hidden.includes(url))
      .map(({ method, url }) => `${method} ${url.replaceAll(/:([a-z]+)/g, '{$1}').replace('*', '{*}')}`)
    expect([...shown].sort()).toEqual(routes.sort())
  })

  test('the reference is whole in both languages', async () => {
    const hidden = ['/*', '/docs', '/docs/errors', '/docs/docs.css', '/openapi.json']
    const routes = platform.app.routeTable.filter(({ method, url }) => method !== 'HEAD' && !hidden.includes(url))
    expect(Object.keys(SUMMARIES_ZH).sort()).toEqual(routes.map(({ method, url }) => `${method} ${url}`).sort())
    const zh = await ask(platform, 'GET', '/docs?lang=zh')
    for (const summary of Object.values(SUMMARIES_ZH)) expect(zh.text).toContain(`<span>${summary}</span>`)
    expect(zh.text).toContain('<html lang="zh-CN">')
    const en = await ask(platform, 'GET', '/docs', { headers: { 'accept-language': 'en-GB' } })
    expect(en.text).toContain('<span>One organization</span>')
    expect(zh.text.match(/<article /g)).toHaveLength(routes.length)
  })

  test('every code has its anchor on the page that a problem’s type points to', async () => {
    const page = await ask(platform, 'GET', '/docs/errors', { headers: { 'accept-language': 'zh' } })
    for (const [code, { zh }] of Object.entries(PLATFORM_ERRORS)) {
      expect(page.text).toContain(`<dt id="${code}">`)
      expect(page.text).toContain(zh.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
    }
  })

  test('every write is on record with who, what and how it ended, and nothing of its body', async () => {
    await ask(platform, 'POST', `/v1/organizations/${works}/imports`, {
      body: { name: 'canary-name.csv' },
      headers: owner,
    })
    const regulator = await signInWithKey(platform, 1, platform.regulator.acts)
    const { json, text } = await ask(platform, 'GET', `/v1/audit?organization=${works}&limit=1`, { headers: regulator })
    expect(json.items[0]).toMatchObject({
      method: 'POST',
      route: '/v1/organizations/:id/imports',
      organization: works,
      status: 400,
      code: 'E_REQUEST_INVALID',
      caller: expect.stringMatching(/^key:0x/),
    })
    expect(text).not.toContain('canary')
    const next = await ask(platform, 'GET', `/v1/audit?limit=1&after=${json.next}`, { headers: regulator })
    expect(next.json.items[0].id).toBeLessThan(json.items[0].id)
  })

  test('health names every part, and metrics are in Prometheus’ form', async () => {
    const health = await ask(platform, 'GET', '/health')
    expect(health.status).toBe(200)
    for (const part of ['database', 'chain', 'blocks', 'outbox', 'log', 'disk'])
      expect(health.json[part].ok, part).toBe(true)
    const metrics = await ask(platform, 'GET', '/metrics')
    expect(metrics.text).toMatch(/^tanlian_log_size 0$/m)
    expect(metrics.text).toMatch(/tanlian_http_seconds_count\{method="GET",route="\/health",status="200"\} \d+/)
  })
})
