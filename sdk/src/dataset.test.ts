import { decodeBlock, encodeBlock } from '@tanlian/evidence'
import { describe, expect, it } from 'vitest'
import { buildDataset, type DatasetDescription, isFileOf, readDataset } from './dataset.ts'

const text = new TextEncoder().encode('id,verified_2021\nAT-1,12\n')
const both = (word: string) => ({ zh: `${word}（中）`, en: word })
const description: DatasetDescription = {
  title: both('list'),
  about: both('about'),
  source: both('office'),
  licence: 'CC BY 4.0',
  columns: [
    { name: 'id', title: both('id'), sort: 'text', unit: null, years: [], values: {} },
    { name: 'verified_{year}', title: both('verified'), sort: 'number', unit: 't', years: [2021], values: {} },
  ],
}
const build = () => buildDataset(description, { name: 'list.csv', packing: 'none', packed: text, text })

describe('a data set', () => {
  it('comes back from its block as it was built, and names the block with the file', () => {
    const { content, block } = build()
    expect(readDataset(decodeBlock(encodeBlock(content).bytes))).toEqual(content)
    expect(content.file.block.equals(block.cid)).toBe(true)
    expect(decodeBlock(block.bytes)).toEqual(text)
  })

  it('knows its own file from one with a byte changed', () => {
    const { content } = build()
    const altered = text.slice()
    altered[20] = 0x39
    expect(isFileOf(content, text)).toBe(true)
    expect(isFileOf(content, altered)).toBe(false)
    expect(isFileOf(content, text.subarray(1))).toBe(false)
  })

  it.each([
    ['a field too many', (content: Record<string, unknown>) => ({ ...content, more: 1 }), 'content/more'],
    ['a title in one language', (content: Record<string, unknown>) => ({ ...content, title: { en: 'x' } }), 'title/zh'],
    ['no licence', (content: Record<string, unknown>) => ({ ...content, licence: '' }), 'licence'],
    ['no columns', (content: Record<string, unknown>) => ({ ...content, columns: [] }), 'columns'],
    [
      'a column without a sort',
      (content: Record<string, unknown>) => ({ ...content, columns: [{}] }),
      'columns/0/name',
    ],
    ['a file without a block', (content: Record<string, unknown>) => ({ ...content, file: {} }), 'file/name'],
  ])('is refused with %s', (_name, change, place) => {
    const { content } = build()
    expect(() => readDataset(change({ ...content }))).toThrow(
      expect.objectContaining({ code: 'E_DATASET_FORM', values: expect.objectContaining({ place }) }),
    )
  })
})
