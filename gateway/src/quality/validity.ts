import rows from './validity.json' with { type: 'json' }

/** Whose rules decide how much of a window must be valid: flue gas, ambient air, water. */
export type Regime = 'flue' | 'air' | 'water'

/** A window whose validity is asked; `interval` is any that a device's own members make up. */
export type Window = 'minute' | 'hour' | 'day' | 'month' | 'interval'

interface ValidityRule {
  readonly regime: string
  readonly window: string
  /** Least count of values, where only their number matters. */
  readonly values?: number
  /** Least count of valid members … */
  readonly members?: number
  /** … of so many; a month's are its days. */
  readonly of?: number
  readonly february?: number
  readonly source: string
}

const RULES: readonly ValidityRule[] = rows

/**
 * Whether a window is valid (数据有效性): enough of what was due in it is valid. Time in which the unit stood still is not due, and the
 * demand falls in proportion, rounded up.
 * @param valid members that are valid, @param due members less those that stood still, both counted or both in seconds
 * @param full members of a window without a stop
 */
export function isValidWindow(
  regime: Regime,
  window: Exclude<Window, 'minute' | 'month'>,
  { valid, due, full }: { readonly valid: number; readonly due: number; readonly full: number },
): boolean {
  const { members = 0, of = 1 } = ruleOf(regime, window)
  return due > 0 && due <= full && valid * of >= members * due
}

/** Whether a minute is valid: sampled often enough. */
export function isValidMinute(values: number): boolean {
  return values >= (ruleOf('flue', 'minute').values ?? 0)
}

/** Whether a month is valid. @param month from 1 */
export function isValidMonth(regime: Exclude<Regime, 'water'>, month: number, validDays: number): boolean {
  const { members = 0, february = members } = ruleOf(regime, 'month')
  return validDays >= (month === 2 ? february : members)
}

/** Where a rule is written. */
export function sourceOf(regime: Regime, window: Window): string {
  return ruleOf(regime, window).source
}

function ruleOf(regime: Regime, window: Window): ValidityRule {
  const rule =
    RULES.find((item) => item.regime === regime && item.window === window) ??
    RULES.find((item) => item.regime === regime && item.window === 'interval')
  if (rule === undefined) throw new RangeError(`There is no rule of validity for ${regime}, ${window}.`)
  return rule
}
