import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ExcelJS from 'exceljs'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryIntake, until } from '../../../test/memory-intake.ts'
import type { Device, Point } from '../../device.ts'
import type { Channel, Clock } from '../protocol.ts'
import { file } from './file.ts'

const point = (name: string, column: string): Point => ({
  name,
  stream: 1,
  type: 0x0b0101,
  unit: '°C',
  value: 'mean',
  scale: '1',
  offset: '0',
  rounding: 'half-even',
  interval: 900,
  stamp: 'end',
  source: { column },
  limits: {},
  definition: 'test',
})
const logger: Device = {
  id: 'logger',
  model: 'soil-logger',
  protocol: 'file',
  address: { header: 2, first: 5, time: 'TIMESTAMP', format: 'yyyy-MM-dd HH:mm:ss', missing: 'NAN' },
  points: [point('t1', 'Teros(1,2)'), point('t8', 'Teros(8,2)')],
  zone: '-05:00',
}
const sheet: Device = {
  ...logger,
  id: 'sheet',
  address: { time: 'date + time', format: 'yyyy-MM-dd HH:mm' },
  points: [point('t', 'temperature')],
  zone: 'Asia/Shanghai',
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A folder that is looked at a thousand times as often, in which files are whole ten seconds after they were written. */
async function watch(devices: Device[] = [logger, sheet], folder = mkdtempSync(join(tmpdir(), 'watched-'))) {
  const intake = memoryIntake()
  let ahead = 60_000
  let looks = 0
  const clock: Clock = {
    now: () => Date.now() + ahead,
    after(ms, call) {
      const timer = setTimeout(() => {
        looks++
        call()
      }, ms / 1000)
      return () => clearTimeout(timer)
    },
  }
  for (const { id } of devices) mkdirSync(join(folder, id), { recursive: true })
  const channel: Channel = await file.open({ folder, every: 1 }, devices, intake, clock)
  open.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => channel.close(),
  )
  return {
    intake,
    channel,
    folder,
    put: (device: string, name: string, text: string | Uint8Array) => writeFileSync(join(folder, device, name), text),
    settle: (ms: number) => {
      ahead = ms
    },
    /** Two whole looks from now. */
    looked: async () => {
      const from = looks
      await until(() => looks >= from + 3)
    },
  }
}

describe('a watched folder', () => {
  test('raw logger files are read row by row, and what was downloaded twice counts once', async () => {
    const { intake, channel, folder, looked } = await watch()
    const raw = new URL('../../../../data/soil-tempest/TEROS21_11192020.dat.gz', import.meta.url)
    copyFileSync(raw, join(folder, 'logger', 'november.dat.gz'))
    await until(() => (channel.devices.get('logger')?.messages ?? 0) > 100)
    copyFileSync(raw, join(folder, 'logger', 'november again.dat.gz'))
    await until(() => (channel.devices.get('logger')?.messages ?? 0) >= 2 * intake.kept.length)
    await looked()
    const messages = channel.devices.get('logger')?.messages ?? 0
    expect(new Set(intake.kept.map(({ name }) => name)).size).toBe(intake.kept.length)
    expect(messages % 2).toBe(0)
    const [first] = intake.kept
    const lines = Buffer.from(first?.bytes ?? [])
      .toString()
      .split(/\r?\n/)
    expect(lines[0]).toMatch(/^"TIMESTAMP","RECORD"/)
    expect(first).toMatchObject({ protocol: 'file', name: `row ${lines[1]?.slice(1, 20)}` })
    expect(first?.samples).toHaveLength(2)
    expect(file.samples(first?.bytes ?? new Uint8Array(), logger)).toEqual(first?.samples)
    expect(first?.samples?.[0]?.stamp).toBe(Date.parse(`${lines[1]?.slice(1, 20).replace(' ', 'T')}-05:00`) / 1000)
  }, 20_000)

  test('a probe that did not answer is flagged, a value stays as it is written', async () => {
    const { intake, put } = await watch()
    const head = '"TOA5"\n"TIMESTAMP","RECORD","Teros(1,2)","Teros(8,2)"\n"TS"\n""\n'
    put('logger', 'a.dat', `${head}"2020-12-01 00:15:00",7,-0.50,"NAN"\n`)
    await until(() => intake.kept.length === 1)
    const stamp = Date.parse('2020-12-01T00:15:00-05:00') / 1000
    expect(intake.kept[0]?.samples).toEqual([
      { point: 't1', stamp, value: '-0.50', flag: undefined },
      { point: 't8', stamp, value: undefined, flag: 'B' },
    ])
  })

  test('a workbook and a table with semicolons, dates and times apart', async () => {
    const { intake, put } = await watch()
    put('sheet', 'a.csv', 'date;time;temperature\n2026-01-05;08:00;21.5\n')
    const book = new ExcelJS.Workbook()
    book.addWorksheet('x').addRows([
      ['date', 'time', 'temperature'],
      ['2026-01-05', '08:15', 22.25],
    ])
    put('sheet', 'b.xlsx', new Uint8Array(await book.xlsx.writeBuffer()))
    await until(() => intake.kept.length === 2)
    const stamp = Date.parse('2026-01-05T08:00:00+08:00') / 1000
    expect(intake.kept.map(({ samples }) => samples?.[0])).toEqual([
      { point: 't', stamp, value: '21.5', flag: undefined },
      { point: 't', stamp: stamp + 900, value: '22.25', flag: undefined },
    ])
  })

  test('wrong rows are refused with their bytes, the others are taken; the same rows with other values are a conflict', async () => {
    const { intake, put } = await watch()
    const rows = [
      '2026-01-05,08:00,1',
      '2026-01-05,08:15',
      '2026-13-05,08:30,1',
      '2026-01-05,08:45,1e3',
      '2026-01-05,09:00,2',
    ]
    put('sheet', 'a.csv', `date,time,temperature\n${rows.join('\n')}\n`)
    await until(() => intake.kept.length === 2 && intake.refused.length === 3)
    expect(intake.refused.map(({ code, bytes }) => [code, Buffer.from(bytes).toString().trim()])).toEqual([
      ['E_FILE_CELLS', rows[1]],
      ['E_FILE_TIME', rows[2]],
      ['E_FILE_VALUE', rows[3]],
    ])
    put('sheet', 'b.csv', 'date,time,temperature\n2026-01-05,08:00,9\n')
    await until(() => intake.conflicts.length === 1)
    expect(intake.kept).toHaveLength(2)
  })

  const bad: [string, string | Uint8Array, string][] = [
    ['another header', 'date,time,humidity\n2026-01-05,08:00,1\n', 'E_FILE_COLUMN'],
    ['a column twice', 'date,time,temperature,temperature\n2026-01-05,08:00,1,1\n', 'E_FILE_COLUMN'],
    ['a quote that does not end', 'date,time,temperature\n"2026-01-05,08:00,1\n', 'E_CSV_QUOTE'],
    [
      'bytes that are no text',
      Buffer.concat([Buffer.from('date,time,temperature\n'), Buffer.from([0xff, 10])]),
      'E_CSV_ENCODING',
    ],
    ['the future', 'date,time,temperature\n2099-01-05,08:00,1\n', 'E_MESSAGE_FUTURE'],
    ['a workbook that is none', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0]), 'E_IMPORT_FILE_KIND'],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), 'E_IMPORT_FILE_KIND'],
  ]
  test.each(bad)('%s is refused twice alike, and other devices go on', async (_, text, code) => {
    const { intake, put } = await watch()
    put('sheet', 'a.csv', text)
    await until(() => intake.refused.length === 1)
    put('sheet', 'b.csv', text)
    await until(() => intake.refused.length === 2)
    expect(intake.refused.map((refusal) => refusal.code)).toEqual([code, code])
    expect(intake.kept).toEqual([])
    put('logger', 'a.dat', '1\n"TIMESTAMP","RECORD","Teros(1,2)","Teros(8,2)"\n3\n4\n"2020-12-01 00:15:00",7,1,2\n')
    await until(() => intake.kept.length === 1)
  })

  test('a file that still grows waits, and a last row without its end waits too', async () => {
    const { intake, put, settle, looked } = await watch()
    put('sheet', 'a.csv', 'date,time,temperature\n2026-01-05,08:00,1\n2026-01-05,08:15,12')
    await until(() => intake.refused.length === 1)
    expect(intake.refused[0]?.code).toBe('E_FILE_LAST_ROW')
    put('sheet', 'a.csv', 'date,time,temperature\n2026-01-05,08:00,1\n2026-01-05,08:15,123\n')
    await until(() => intake.kept.length === 2)
    expect(intake.kept[1]?.samples?.[0]?.value).toBe('123')
    settle(0)
    put('sheet', '.b.csv', 'rubbish')
    await looked()
    expect(intake.refused).toHaveLength(1)
  })

  test('a full journal leaves the file for later; a file that was read is not read again after a restart', async () => {
    const first = await watch()
    first.intake.full = true
    first.put('sheet', 'a.csv', 'date,time,temperature\n2026-01-05,08:00,1\n')
    await until(() => first.channel.devices.get('sheet')?.problem === 'E_JOURNAL_FULL')
    first.intake.full = false
    await until(() => first.intake.kept.length === 1)
    await first.looked()
    await first.channel.close()
    const second = await watch([logger, sheet], first.folder)
    second.put('sheet', 'b.csv', 'date,time,temperature\n2026-01-05,08:15,1\n')
    await until(() => second.intake.kept.length === 1)
    expect(second.intake.kept[0]?.name).toBe('row 2026-01-05 08:15')
  })
})

test('a form that cannot be is refused before anything is opened', async () => {
  const bad: Device['address'][] = [
    { time: 'x', format: 'hh:mm' },
    { time: 'x', format: 'yyyy-MM-dd', delimiter: '.' },
    { time: 'x', format: 'yyyy-MM-dd', header: 5, first: 5 },
    { format: 'yyyy-MM-dd' },
    { time: 'x', format: 'yyyy-MM-dd', folder: '/etc' },
  ]
  for (const address of bad) await expect(watch([{ ...sheet, address }])).rejects.toMatchObject({ code: 'E_PLANT' })
})
