import { createTable, parseMapping } from '@tanlian/evidence'
import { describe, expect, it } from 'vitest'
import { guessFields, isRate, mappingOf, unitsFor } from './mapping-fields.ts'

const columns = ['date', 'Usage_kWh', 'Load_Type']
const sample = [
  ['13/01/2018 00:15', '3.17', 'Light_Load'],
  ['13/01/2018 00:30', '4', 'Light_Load'],
]

describe('the mapping form', () => {
  it('proposes time column, form, interval and the first numeric column, and leaves the stamp’s meaning open', () => {
    const fields = guessFields(columns, sample, 5)
    expect(fields).toMatchObject({
      timeColumn: 'date',
      format: 'dd/MM/yyyy HH:mm',
      formatCertain: true,
      stamp: '',
      interval: '900',
    })
    expect(fields.columns.filter((column) => column.used)).toMatchObject([
      { column: 'Usage_kWh', stream: '5', unit: 'kWh' },
    ])
    expect(mappingOf({ ...fields, device: 'meter 1' }, 'csv')).toBeUndefined()
  })

  it('makes a mapping that turns the sample into readings', () => {
    const fields = { ...guessFields(columns, sample, 1), device: 'meter 1', stamp: 'end' as const }
    const table = createTable(parseMapping(mappingOf(fields, 'csv')))
    table.push(columns, 1)
    const outcome = table.push(sample[0] ?? [], 2)
    expect(outcome).toMatchObject({
      ok: true,
      readings: [{ type: 0x020100, stream: 1, start: 1515772800, seconds: 900, quantity: 3170, flag: 'N' }],
    })
  })

  it('offers only units that fit the kind', () => {
    expect(unitsFor('020100')[0]).toBe('kWh')
    expect(unitsFor('020100')).toContain('kW')
    expect(isRate('kW', '020100')).toBe(true)
    expect(unitsFor('020100')).not.toContain('t')
    expect(unitsFor('ffffff')).toEqual([])
  })
})
