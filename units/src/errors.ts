import type { ErrorTable } from './error.ts'

/** Every code that this package throws: what happened and what to do (`docs/errors.md`). */
export const UNITS_ERRORS = {
  E_DECIMAL_FORM: {
    en: 'This text is not a decimal number; write digits with a point, without spaces, and declare a thousands separator before using one.',
    zh: '此文本不是十进制数；请只用数字和小数点，使用千位分隔符前须先声明。',
  },
  E_DECIMAL_INEXACT: {
    en: 'This value does not fit the unit without rounding; name a rounding mode or give the value with fewer digits.',
    zh: '该数值不经舍入无法换算为此单位；请指定舍入方式或减少位数。',
  },
  E_RATIO_ZERO: {
    en: 'A division by zero was asked for; check the factor or the seconds.',
    zh: '除数为零；请检查系数或秒数。',
  },
  E_UNIT_UNKNOWN: {
    en: 'This unit is not in the table of units; use one that is, or add it with its factor.',
    zh: '单位表中没有此单位；请改用表中的单位，或补充该单位及其换算系数。',
  },
  E_UNIT_DIMENSION: {
    en: 'These two units measure different things and cannot be converted; check the column’s unit.',
    zh: '两个单位的量纲不同，无法换算；请检查该列的单位。',
  },
  E_ZONE_UNKNOWN: {
    en: 'This time zone is not known; use an IANA name such as Asia/Shanghai or an offset such as +08:00.',
    zh: '无法识别该时区；请使用 IANA 名称（如 Asia/Shanghai）或偏移量（如 +08:00）。',
  },
  E_TIME_FORM: {
    en: 'This is not a date or time of the calendar; check day, month and hour.',
    zh: '这不是有效的日期或时间；请检查年、月、日和时刻。',
  },
  E_TIME_AMBIGUOUS: {
    en: 'This local time occurs twice, as the clocks were set back; give the offset or use UTC.',
    zh: '由于时钟回拨，该当地时间出现两次；请给出偏移量或使用 UTC。',
  },
  E_TIME_MISSING: {
    en: 'This local time never occurred, as the clocks were set forward; check the zone or use the meter’s fixed offset.',
    zh: '由于时钟拨快，该当地时间不存在；请检查时区或使用仪表的固定偏移量。',
  },
  E_PERIOD_FORM: {
    en: 'This is not a period of the form 2026, 2026-03 or 2026-03-14.',
    zh: '时段应写作 2026、2026-03 或 2026-03-14。',
  },
} as const satisfies ErrorTable
