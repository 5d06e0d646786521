import { openClient } from '@tanlian/sdk'
import { expect, test } from 'vitest'
import { anyDay } from './any-day.ts'

/** A platform with two enterprises: the first tells no time of its batches, as of sealed ones. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/v1/organizations': [
    { id: 3, kind: 'enterprise' },
    { id: 5, kind: 'enterprise' },
  ],
  '/v1/organizations/3/entries': [{ from: null }, { from: null }],
  '/v1/organizations/5/entries': [{ from: 1_488_300_000 }, { from: 1_488_326_400 }],
  '/v1/organizations/5/streams': [{ stream: 7, type: '020100' }],
}

test('the lab takes a day of an enterprise whose batches are open, not of one that keeps them to itself', async () => {
  const client = openClient({
    base: 'http://platform.test',
    fetch: async (url) => {
      const items = ANSWERS[new URL(String(url)).pathname]
      return new Response(JSON.stringify({ items, next: null }), { headers: { 'content-type': 'application/json' } })
    },
  })
  expect(await anyDay(client)).toMatchObject({ organization: 5, streams: [7], from: '2017-03-01' })
})
