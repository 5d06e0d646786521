import { expect, it } from 'vitest'
import { windowText } from './window-text.ts'

const at = (text: string) => Date.parse(`${text}+08:00`) / 1000

it.each([
  ['2018-03-01T00:00:00', '2018-04-01T00:00:00', '2018/03/01 – 2018/03/31', '01/03/2018 – 31/03/2018'],
  ['2018-03-01T00:00:00', '2018-03-02T00:00:00', '2018/03/01', '01/03/2018'],
  [
    '2018-03-01T23:00:00',
    '2018-03-02T23:00:00',
    '2018/03/01 23:00 – 2018/03/02 23:00',
    '01/03/2018 23:00 – 02/03/2018 23:00',
  ],
  ['2018-03-01T06:00:00', '2018-03-01T06:15:30', '2018/03/01 06:00 – 06:15:30', '01/03/2018 06:00 – 06:15:30'],
])('says the window from %s to %s', (from, to, zh, en) => {
  expect(windowText(at(from), at(to), 'zh-CN')).toBe(zh)
  expect(windowText(at(from), at(to), 'en')).toBe(en)
})
