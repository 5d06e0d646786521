import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../../test/ask.ts'
import { newParty, register, signInWithKey, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'
import { keepAttachment } from './attachment.ts'
import { MEDIA, mediaOf } from './media.ts'

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n')

test.each([
  ['PDF', PDF, MEDIA.pdf],
  ['PNG', Buffer.from('89504e470d0a1a0a00', 'hex'), MEDIA.png],
  ['JPEG', Buffer.from('ffd8ffe000', 'hex'), MEDIA.jpeg],
  ['a workbook', Buffer.from('PK\x03\x04 [Content_Types].xml xl/workbook.xml', 'latin1'), MEDIA.xlsx],
  ['a table', Buffer.from('月份,煤量\n2025-01,100\n'), MEDIA.csv],
  ['a table in GB 18030', Buffer.from('d4c2b7dd2cc3bac1bf0a312c320a', 'hex'), MEDIA.csv],
  ['another archive', Buffer.from('PK\x03\x04 evil.exe', 'latin1'), undefined],
  ['a page', Buffer.from('<script>alert(1),2</script>'), undefined],
  ['a program', Buffer.from('7f454c460201', 'hex'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('R18 a file is typed by its bytes: %s', (_what, bytes, media) => {
  expect(mediaOf(bytes)).toBe(media)
})

describe('a private file', () => {
  let platform: TestPlatform
  let works: TestParty
  let headers: Record<string, string>
  const upload = (body: Buffer, name = '化验单.pdf') =>
    ask(platform, 'POST', `/v1/organizations/${works.id}/attachments?name=${encodeURIComponent(name)}`, {
      body,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    })

  beforeAll(async () => {
    platform = await startTestPlatform()
    works = await register(platform, newParty('enterprise', 'works'))
    headers = await signInWithKey(platform, works.id, works.acts)
  }, 120_000)
  afterAll(() => platform?.close(), 60_000)

  test('is kept under a salted digest and comes back as a file to be saved', async () => {
    const { status, json } = await upload(PDF)
    expect(status).toBe(201)
    expect(json).toMatchObject({ media: 'application/pdf', bytes: PDF.length, name: '化验单.pdf' })
    expect(json.digest).toBe(createHash('sha256').update(Buffer.from(json.salt, 'hex')).update(PDF).digest('hex'))
    const answer = await ask(platform, 'GET', `/v1/organizations/${works.id}/attachments/${json.id}`, { headers })
    expect(answer.text).toBe(PDF.toString())
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''%E5%8C%96/)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })

  test('has another digest each time, so that nobody can guess what it holds (S33)', async () => {
    const [a, b] = [await upload(PDF), await upload(PDF)]
    expect(a.json.digest).not.toBe(b.json.digest)
    const list = await ask(platform, 'GET', `/v1/organizations/${works.id}/attachments?limit=2`, { headers })
    expect(list.json.items.map(({ id }: { id: string }) => id).sort()).toEqual([a.json.id, b.json.id].sort())
    expect(list.json.next).not.toBeNull()
  })

  test('S35 of two at once that would both just fit, one is refused', async () => {
    const { json } = await ask(platform, 'GET', `/v1/organizations/${works.id}/attachments?limit=500`, { headers })
    const held = json.items.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0)
    const keep = () =>
      keepAttachment(platform.instance, works.id, 'x', { name: 'x.pdf', bytes: PDF }, held + PDF.length)
    const kept = await Promise.allSettled(Array.from({ length: 6 }, keep))
    expect(kept.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = kept.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(reasons).toEqual(new Array(5).fill('E_ATTACHMENT_QUOTA'))
  })

  test('is refused where it is of another sort, too large, or JSON', async () => {
    expect((await upload(Buffer.from('GIF89a'))).json.code).toBe('E_ATTACHMENT_MEDIA')
    expect((await upload(Buffer.alloc(11 * 1024 * 1024, 37))).json.code).toBe('E_REQUEST_TOO_LARGE')
    const json = await ask(platform, 'POST', `/v1/organizations/${works.id}/attachments?name=x`, { body: {}, headers })
    expect(json.json.code).toBe('E_REQUEST_TYPE')
  })
})
