import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openParties, type Parties, root } from './parties.ts'

/*
 * The life of a methodology on the command line: the one that accounting's README writes, with a factor set of its own, from a draft on a disk to its
 * retirement.
 */

let parties: Parties
let glass: string
let factors: string
let cid: string

beforeAll(async () => {
  parties = await openParties('methodology')
  const page = await readFile(join(root, 'accounting/README.md'), 'utf8')
  const blockOf = (first: string) => page.match(new RegExp(`\`\`\`yaml\\n# ${first}\\n([\\s\\S]*?)\`\`\``))?.[1] ?? ''
  glass = join(parties.folder, 'glass.yaml')
  factors = join(parties.folder, 'glass-factors.yaml')
  await writeFile(glass, blockOf('methodology'))
  await writeFile(factors, blockOf('factors'))
  await parties.up()
  await parties.register('operator', 'platform', 'Carbon platform')
}, 240_000)

afterAll(() => parties.close(), 60_000)

describe('a methodology', { timeout: 120_000 }, () => {
  test('is tried on its own examples without anybody being asked', async () => {
    expect((await parties.tanlian('nobody', 'methodology', 'try', glass)).code).toBe(5)
    const { out } = await parties.done('nobody', 'methodology', 'try', glass, '--factors', factors)
    expect(out).toContain('✔ 60,000 t a year')
    const wrong = join(parties.folder, 'wrong.yaml')
    await writeFile(wrong, (await readFile(glass, 'utf8')).replace("total: '92517.09'", "total: '92517.08'"))
    const run = await parties.tanlian('nobody', 'methodology', 'try', wrong, '--factors', factors)
    expect(run.code).toBe(1)
    expect(run.out).toContain('total shows 92517.09, said 92517.08')
    const refused = await parties.tanlian('operator', 'methodology', 'publish', wrong, '--factors', factors)
    expect(`${refused.code} ${refused.err}`).toMatch(/^5 .*E_METHODOLOGY_STAGE/s)
  })

  test('is published by the platform, once, with the factor set that was published before it', async () => {
    await parties.done('operator', 'methodology', 'publish', factors)
    const { out } = await parties.done('operator', 'methodology', 'publish', glass)
    cid = out.match(/bafy\w+/)?.[0] ?? ''
    const listed = await parties.done('nobody', 'methodology', 'list', '--state', 'published')
    expect(listed.out).toMatch(new RegExp(`example\\.glass 1 .*published .*0 reports .*${cid}`))
    expect(listed.out.split('\n').filter((line) => line !== '')).toHaveLength(2)
    // Refused before it is signed: nothing stands in the way of the next statement.
    const again = await parties.tanlian('operator', 'methodology', 'publish', glass)
    expect(`${again.code} ${again.err}`).toMatch(/^5 .*E_REGISTER_STATE/s)
  })

  test('is retired by its publisher with a reason that everybody reads', async () => {
    const reason = ['--reason', 'version 2 is in force']
    const unknown = `${cid.slice(0, -4)}aaaa`
    expect((await parties.tanlian('operator', 'methodology', 'retire', unknown, ...reason)).code).toBe(3)
    await parties.done('operator', 'methodology', 'retire', cid, ...reason)
    const { out } = await parties.done('nobody', 'methodology', 'list', '--state', 'retired', '--json')
    const [item] = JSON.parse(out).items ?? JSON.parse(out)
    expect(item).toMatchObject({ cid, state: 'retired' })
    expect(item.publications.at(-1)).toMatchObject({ state: 'retired', reason: 'version 2 is in force' })
  })
})
