import { compileStamp, type StampReader } from '@tanlian/evidence'
import { openCsv, type TableRecord } from '@tanlian/sdk'
import { TanlianError, type Zone, zoneOf } from '@tanlian/units'
import type { Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError, readAddress, readSource } from '../address.ts'

/** How a device's files are written, and where its points stand in a row (表格文件). */
export interface TableForm {
  /** Row of the names, and the first of values, from 1. */
  readonly header: number
  readonly first: number
  readonly encoding: string
  readonly delimiter: string | undefined
  readonly sheet: string | undefined
  /** Columns that hold the time, in their order. */
  readonly time: readonly string[]
  readonly stamp: StampReader
  readonly zone: Zone
  /** What a cell says that holds no value. */
  readonly missing: string
  readonly points: readonly { readonly name: string; readonly column: string }[]
}

/** Where the columns of a form stand under one header. */
export interface Places {
  readonly width: number
  readonly time: readonly number[]
  readonly points: readonly { readonly name: string; readonly at: number }[]
}

/** What a row says, or the code of what is wrong with it. */
export type RowRead = { readonly name: string; readonly stampS: number; readonly samples: readonly Sample[] } | string

const VALUE = /^-?\d{1,15}(?:\.\d{1,12})?$/
const forms = new WeakMap<Device, TableForm>()

/** The form of a device's files, checked. @throws TanlianError E_PLANT */
export function tableFormOf(device: Device): TableForm {
  let form = forms.get(device)
  if (form === undefined) {
    form = readForm(device)
    forms.set(device, form)
  }
  return form
}

function readForm(device: Device): TableForm {
  const address = readAddress(device, {
    header: { form: 'number', or: 1, bounds: [1, 1000] },
    first: { form: 'number', or: 2, bounds: [2, 2000] },
    encoding: { form: 'text', or: 'utf-8' },
    delimiter: { form: ['', ',', ';', '\t', '|'], or: '' },
    sheet: { form: 'text', or: '' },
    time: { form: 'text' },
    format: { form: 'text' },
    missing: { form: 'text', or: '' },
  })
  if (address.first <= address.header) throw addressError(device, 'first', 'is not below the header')
  let stamp: StampReader
  try {
    stamp = compileStamp(address.format, 'day-start')
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    throw addressError(device, 'format', `is refused: ${error.message}`)
  }
  return {
    header: address.header,
    first: address.first,
    encoding: address.encoding,
    delimiter: address.delimiter === '' ? undefined : address.delimiter,
    sheet: address.sheet === '' ? undefined : address.sheet,
    time: address.time.split('+').map((name) => name.trim()),
    stamp,
    zone: zoneOf(device.zone),
    missing: address.missing,
    points: device.points.map((point) => ({
      name: point.name,
      column: readSource(device, point, { column: { form: 'text' } }).column,
    })),
  }
}

/** Where a header has the form's columns; undefined where one is missing or stands twice. */
export function placesIn(header: TableRecord, { time, points }: TableForm): Places | undefined {
  const names = header.cells.map((cell) => cell.replace(/^\ufeff/, '').trim())
  const place = (name: string) => {
    const at = names.indexOf(name)
    return names.indexOf(name, at + 1) >= 0 ? -1 : at
  }
  const places = {
    width: names.length,
    time: time.map(place),
    points: points.map(({ name, column }) => ({ name, at: place(column) })),
  }
  return places.time.includes(-1) || places.points.some(({ at }) => at < 0) ? undefined : places
}

/** Reads one row. Codes: E_FILE_CELLS, E_FILE_TIME, E_FILE_VALUE. */
export function readRow(row: TableRecord, places: Places, form: TableForm): RowRead {
  const { cells } = row
  if (cells.length !== places.width) return 'E_FILE_CELLS'
  const name = places.time.map((at) => (cells[at] ?? '').trim()).join(' ')
  const stampS = stampOf(name, form)
  if (stampS === undefined) return 'E_FILE_TIME'
  const samples: Sample[] = []
  for (const { name: point, at } of places.points) {
    const cell = (cells[at] ?? '').trim()
    const missing = cell === '' || cell === form.missing
    if (!missing && !VALUE.test(cell)) return 'E_FILE_VALUE'
    // A probe that did not answer is not a probe that is not there: the row says so (B).
    samples.push({ point, stamp: stampS, value: missing ? undefined : cell, flag: missing ? 'B' : undefined })
  }
  return { name, stampS, samples }
}

/** A row is kept with the header that names its cells, each byte for byte. */
export function rowBytes(header: TableRecord, row: TableRecord): Uint8Array {
  const bytes = new Uint8Array(header.bytes.length + row.bytes.length)
  bytes.set(header.bytes)
  bytes.set(row.bytes, header.bytes.length)
  return bytes
}

/** What a kept row says. @throws TanlianError E_FILE_ROW for bytes that are no row of the device */
export function rowSamples(bytes: Uint8Array, device: Device): readonly Sample[] {
  const form = tableFormOf(device)
  const reader = openCsv({
    encoding: form.encoding,
    ...(form.delimiter === undefined ? {} : { delimiter: form.delimiter }),
  })
  const [header, row, ...more] = [...reader.push(bytes), ...reader.end()]
  const places = header === undefined ? undefined : placesIn(header, form)
  const read = places === undefined || row === undefined || more.length > 0 ? undefined : readRow(row, places, form)
  if (typeof read === 'object') return read.samples
  throw new TanlianError('E_FILE_ROW', `The kept bytes are no row of ${device.id}.`, { values: { device: device.id } })
}

function stampOf(text: string, { stamp, zone }: TableForm): number | undefined {
  try {
    const { seconds, absolute } = stamp(text)
    const unix = absolute ? seconds : zone.toUnix(seconds)
    return unix >= 0 ? unix : undefined
  } catch (error) {
    if (error instanceof TanlianError) return undefined
    throw error
  }
}
