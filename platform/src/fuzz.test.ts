import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../test/ask.ts'
import { makeBatch, send } from '../test/batch.ts'
import { bindEnterprise, newParty, newPerson, register, signInWithKey } from '../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../test/platform.ts'

let platform: TestPlatform
const callers: Record<string, string>[] = []
/** What exists here, beside what does not. */
const known: string[] = []

beforeAll(async () => {
  platform = await startTestPlatform({ limits: { signInsPerMinute: 1e6, requestsPerMinute: 1e6, actsPerMinute: 1e6 } })
  const market = await register(platform, newParty('platform', 'the platform'))
  const plant = await bindEnterprise(platform, 'plant', market)
  const batch = makeBatch(platform, { party: plant, sequence: 1, previous: null, from: 1_519_833_600, readings: 8 })
  expect((await send(platform, batch)).status).toBe(201)
  callers.push({}, (await newPerson(platform, 'fuzzer')).headers)
  for (const party of [plant, platform.regulator]) callers.push(await signInWithKey(platform, party.id, party.acts))
  const { items } = (await ask(platform, 'GET', `/v1/organizations/${plant.id}/entries?kind=1`)).json
  known.push(String(plant.id), items[0].cid, items[0].digest, `0x${items[0].digest}`, '1')
}, 120_000)
afterAll(() => platform?.close(), 60_000)

const NUMBERS = ['0', '-1', '1e3', '0x1', '1.5', '9007199254740991', '9007199254740992', '4294967296', '65536', 'NaN']
const TEXTS = [
  '',
  ' ',
  '%00',
  '..',
  '../..',
  '*',
  "' or 1=1 --",
  '__proto__',
  'constructor',
  '\ud800',
  '🙂',
  'null',
  'a'.repeat(300),
]
const TYPES = [
  '02',
  '020101',
  '0201010001',
  '4294967295',
  'readings',
  'total',
  'raw',
  'car',
  'open',
  'month',
  'reading',
]
const RANGES = [`${'0'.repeat(32)}-${'f'.repeat(32)}`, `${'f'.repeat(32)}-${'0'.repeat(32)}`]
/** Fields of registry acts, and headers that a route looks at. */
const FIELDS = [
  'organization',
  'application',
  'reason',
  'nonce',
  'expires',
  'key',
  'newKey',
  'oldKey',
  'from',
  'platform',
]
const HEADERS = [
  'accept',
  'range',
  'if-none-match',
  'last-event-id',
  'upload-offset',
  'tanlian-signature',
  'accept-language',
]
/** `FUZZ` sets more. */
const RUNS = Number(process.env.FUZZ ?? 500)
const word = () =>
  fc.oneof(
    fc.constantFrom(...NUMBERS, ...TEXTS, ...TYPES, ...RANGES),
    fc.nat(known.length - 1).map((at) => known[at] as string),
  )

/** As much of JSON Schema as the OpenAPI document uses. */
interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: Schema
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}
type Schemas = Readonly<Record<string, Schema>>

const junk = () => fc.oneof(word(), fc.constantFrom(0, -1, 1, 1.5, 2 ** 53, 1e308, true, null, [], {}))

/** Values that mostly have the form, so that they come as far as the handlers. */
function anythingOf(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 1, arbitrary: junk() }, { weight: 12, arbitrary: formedOf(schema, schemas) })
}

function formedOf(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const { $ref, const: only, properties, pattern } = schema
  if ($ref !== undefined) return anythingOf(schemas[$ref.split('/').at(-1) as string] ?? {}, schemas)
  if (only !== undefined) return fc.constant(only)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => anythingOf(choice, schemas)))
  if (properties !== undefined) {
    const values = Object.entries(properties).map(([name, value]) => [name, anythingOf(value, schemas)] as const)
    return fc.record(Object.fromEntries(values), { requiredKeys: [...(schema.required ?? [])] })
  }
  if (typeof schema.additionalProperties === 'object')
    return fc.dictionary(fc.constantFrom(...FIELDS), anythingOf(schema.additionalProperties, schemas), { maxKeys: 8 })
  if (schema.items !== undefined) return fc.array(anythingOf(schema.items, schemas), { maxLength: 4 })
  if (pattern !== undefined) return fc.oneof(fc.stringMatching(new RegExp(pattern)), word())
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.oneof(fc.integer({ min: schema.minimum ?? 0, max: 2 ** 31 - 1 }), fc.constantFrom(2 ** 53 - 1, 1, 2, 3))
  if (schema.type === 'boolean') return fc.boolean()
  return word()
}

/** A value as it stands in an address. */
const inAddress = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed()

test('R15 whatever is asked of whatever route by whomever, it is no fault of ours', async () => {
  const { json } = await ask(platform, 'GET', '/openapi.json')
  const schemas: Schemas = json.components.schemas
  const operations = Object.entries(json.paths as Record<string, Record<string, Operation>>)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ path }) => !['/v1/live', '/v1/session'].includes(path))
  const request = fc.constantFrom(...operations).chain(({ path, method, operation }) => {
    const { parameters = [], requestBody } = operation
    const values = fc.record(
      Object.fromEntries(parameters.map(({ name, schema }) => [name, anythingOf(schema, schemas)])),
    )
    const schema = Object.values(requestBody?.content ?? {})[0]?.schema
    return fc.record({
      path: fc.constant(path),
      method: fc.constant(method.toUpperCase()),
      places: fc.constant(new Map(parameters.map((parameter) => [parameter.name, parameter.in]))),
      values,
      left: fc.subarray(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)),
      body: schema === undefined ? junk() : anythingOf(schema, schemas),
    })
  })
  const headers = fc.dictionary(
    fc.constantFrom(...HEADERS),
    word().map((text) => encodeURIComponent(text.toWellFormed())),
    { maxKeys: 2 },
  )
  let answered = 0
  await fc.assert(
    fc.asyncProperty(request, fc.nat(callers.length - 1), headers, async (asked, who, more) => {
      const { values, places, method, body } = asked as typeof asked & { values: Record<string, unknown> }
      const path = asked.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
        encodeURIComponent(inAddress(values[name] ?? '1')),
      )
      const search = new URLSearchParams()
      for (const [name, place] of places)
        if (place === 'query' && !asked.left.includes(name))
          for (const value of [values[name]].flat()) search.append(name, inAddress(value))
      const json = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(body)
      const answer = await ask(platform, method as 'GET', `${path}?${search}`, {
        headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...callers[who], ...more },
        ...(json === undefined ? {} : { body: json }),
      })
      expect(answer.status, `${method} ${path}?${search} ${json} ${answer.text}`).toBeLessThan(500)
      if (answer.status < 400) {
        answered++
        return
      }
      expect(Object.keys(answer.json)).toEqual(expect.arrayContaining(['code', 'status', 'title', 'detail']))
      expect(answer.text).not.toMatch(/node_modules|\.ts:|at async|syntax error|relation "/)
    }),
    { numRuns: RUNS, seed: 15 },
  )
  expect(answered).toBeGreaterThan(RUNS / 20)
}, 300_000)
