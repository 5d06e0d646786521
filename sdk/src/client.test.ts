import { expect, test } from 'vitest'
import { openClient } from './client.ts'

test('entries that begin after a sequence go on page by page, with one cursor each time', async () => {
  const asked: string[][] = []
  const client = openClient({
    base: 'http://platform.test',
    fetch: async (url) => {
      const after = new URL(String(url)).searchParams.getAll('after')
      asked.push(after)
      const next = after[0] === '5' ? '205' : null
      return new Response(JSON.stringify({ items: [{ sequence: Number(after[0]) + 1 }], next }), {
        headers: { 'content-type': 'application/json' },
      })
    },
  })
  const found: number[] = []
  for await (const { sequence } of client.entries(3, 1, 5)) found.push(sequence)
  expect(found).toEqual([6, 206])
  expect(asked).toEqual([['5'], ['205']])
})
