import { describe, expect, it } from 'vitest'
import { crcOfHj212, hexRows, readMessage } from './message.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const SEGMENT = 'QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&'

describe('a raw message', () => {
  it('of HJ 212 is split into its fields, and its CRC is computed here (annex A of the standard: 1C80)', () => {
    expect(crcOfHj212(bytes(SEGMENT))).toBe('1C80')
    const message = readMessage(bytes(`##0101${SEGMENT}1C80\r\n`))
    expect(message).toMatchObject({ form: 'hj212', crc: { given: '1C80', computed: '1C80', ok: true } })
    expect(new Map(message.fields)).toEqual(
      new Map([
        ['length', '0101'],
        ['QN', '20160801085857223'],
        ['ST', '32'],
        ['CN', '1062'],
        ['PW', '100000'],
        ['MN', '010000A8900016F000169DC0'],
        ['Flag', '5'],
        ['RtdInterval', '30'],
      ]),
    )
  })

  it('of HJ 212 with one digit changed shows that the CRC does not hold', () => {
    const message = readMessage(bytes(`##0101${SEGMENT.replace('=30', '=31')}1C80\r\n`))
    expect(message.crc).toMatchObject({ given: '1C80', ok: false })
  })

  it('keeps several values of one item apart', () => {
    const message = readMessage(bytes('##0050ST=31;CP=&&DataTime=2026;a05001-Rtd=1.5,a05001-Flag=N&&0000\r\n'))
    expect(message.fields.slice(2)).toEqual([
      ['DataTime', '2026'],
      ['a05001-Rtd', '1.5'],
      ['a05001-Flag', 'N'],
    ])
  })

  it('of JSON, of a Modbus poll, of a table’s row and of anything else is shown as what it is', () => {
    expect(readMessage(bytes('{"ts":1,"metrics":{"power":4.5}}'))).toMatchObject({
      form: 'json',
      fields: [
        ['ts', '1'],
        ['metrics.power', '4.5'],
      ],
    })
    expect(readMessage(bytes('{"at":7,"unit":1,"reads":[[4,52,"45bb8000"]]}'))).toMatchObject({
      form: 'modbus',
      fields: [
        ['at', '7'],
        ['unit', '1'],
        ['FC04 @ 52', '45bb8000'],
      ],
    })
    expect(readMessage(bytes('2018-03-01,12.5'))).toMatchObject({ form: 'text', fields: [['1', '2018-03-01,12.5']] })
    expect(readMessage(Uint8Array.of(0xff, 0, 1))).toMatchObject({ form: 'binary', fields: [] })
    expect(readMessage(Uint8Array.of(0x41, 0))).toMatchObject({ form: 'binary' })
  })

  it('is shown byte for byte', () => {
    expect(hexRows(bytes('ab\n0123456789abcdef'))).toEqual([
      { at: '0000', hex: '61 62 0a 30 31 32 33 34 35 36 37 38 39 61 62 63', text: 'ab·0123456789abc' },
      { at: '0010', hex: '64 65 66', text: 'def' },
    ])
    expect(hexRows(new Uint8Array())).toEqual([])
  })
})
