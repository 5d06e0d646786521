import { LIBRARY } from '@tanlian/accounting/library'
import { sql } from 'kysely'
import { ask } from '../../../platform/test/ask.ts'
import { newParty, register, signInWithKey } from '../../../platform/test/party.ts'
import { startTestPlatform } from '../../../platform/test/platform.ts'

/*
 * Puts the kept sums of 40 streams with a reading an hour for a year (350,400 hours, 14,600 days) beside a plant, and begins its annual report over
 * HTTP: the draft fills itself month by month and is computed. One line a round: milliseconds, and how many inputs were filled.
 */
const STREAMS = 40
const DAYS = 365
const ROUNDS = 5
/** 2025-01-01 in Shanghai. */
const YEAR = 1_735_660_800
const TYPES = [0x010101, 0x010102, 0x010201, 0x010301, 0x010302, 0x050101, 0x050301, 0x060101]

const platform = await startTestPlatform()
try {
  const plant = await register(platform, newParty('enterprise', 'plant'))
  const headers = await signInWithKey(platform, plant.id, plant.acts)
  const { db } = platform.instance
  await sql`
    insert into device_stream (organization, stream, device, type, interval_s, item, since_sequence)
    select ${plant.id}, s, 'meter ' || s, (${TYPES}::integer[])[1 + s % ${TYPES.length}], 3600, ''::bytea, 1
    from generate_series(1, ${STREAMS}::integer) as s
  `.execute(db)
  for (const [step, count] of [
    [3600, 24 * DAYS],
    [86_400, DAYS],
  ] as const)
    await sql`
      insert into series_sum (organization, stream, step_s, start_s, type, readings, seconds, quantity)
      select organization, stream, ${step}::integer, ${YEAR}::bigint + n * ${step}::bigint, type::bigint * 256, ${step}::integer / 3600, ${step}::integer,
        1000 + (n * 31 + stream * 7) % 5000
      from device_stream, generate_series(0, ${count}::integer - 1) as n
      where organization = ${plant.id}
    `.execute(db)
  const methodology = LIBRARY.findLast(({ id }) => id === 'cn.steel')?.cid
  for (let round = 0; round < ROUNDS; round++) {
    const body = { type: 'year', subject: `works ${round}`, period: '2025', methodology }
    const began = performance.now()
    const answer = await ask(platform, 'POST', `/v1/organizations/${plant.id}/reports`, { body, headers })
    const ms = performance.now() - began
    if (answer.status !== 201) throw new Error(answer.text)
    console.log(`${ms} ${answer.json.inputs.length}`)
  }
} finally {
  await platform.close()
}
