import { cidOf } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { readDocumentContent } from './document/index.ts'
import { loadFactors, loadLibrary } from './library.ts'
import { publicationOf, retirementOf } from './publish.ts'

const METHODOLOGY = 'energy.purchased'

async function given() {
  const { item, document } = await loadLibrary(METHODOLOGY)
  return { item, document, sets: await Promise.all(item.sets.map(loadFactors)) }
}

test('a tried methodology and a factor set are published by the CID of what they say, and travel with the document', async () => {
  const { item, document, sets } = await given()
  for (const [statement, kind, cid] of [
    [publicationOf(document, sets), 'methodology', item.cid],
    [
      publicationOf((await loadLibrary('cn.electricity')).document),
      'factors',
      (await loadFactors('cn.electricity')).cid,
    ],
  ] as const) {
    expect(statement.kind).toBe(kind)
    expect(statement.content.subject.toString()).toBe(cid.toString())
    expect(statement.blocks.map(({ bytes }) => cidOf(bytes).toString())).toEqual([cid.toString()])
    expect(readDocumentContent(kind, statement.content).content).toEqual(statement.content)
  }
})

test('a methodology whose example does not come out, or that does not compile, is not published', async () => {
  const { document, sets } = await given()
  const text = JSON.stringify(document)
  const [[, shown] = []] = [...text.matchAll(/"shows":\{"[a-zA-Z]+":"([\d.]+)"/g)]
  const wrong = JSON.parse(text.replace(`"${shown}"`, '"0.01"')) as unknown
  expect(wrong).not.toEqual(document)
  expect(() => publicationOf(wrong, sets)).toThrow(expect.objectContaining({ code: 'E_METHODOLOGY_STAGE' }))
  expect(() => publicationOf(document, [])).toThrow(expect.objectContaining({ name: 'TanlianError' }))
})

test('a retirement names the version and says why', () => {
  const subject = cidOf(new Uint8Array([1]))
  const { content, blocks } = retirementOf('methodology', subject, 'a new version is in force')
  expect(content).toEqual({
    format: 'tanlian/publication/1',
    subject,
    state: 'retired',
    reason: 'a new version is in force',
  })
  expect(blocks).toEqual([])
})
