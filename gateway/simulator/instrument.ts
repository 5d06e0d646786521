import type { Flag } from '@tanlian/evidence'
import { type Fault, faultAt } from './fault.ts'

/** One value as a device shows it: `count` steps of the last digit, so that sums of them are exact. */
export interface Shown {
  /** Name of the point in the device's model. */
  readonly point: string
  readonly count: bigint
  /** Digits after the point: 2 shows 317 as 3.17. */
  readonly digits: number
  /** A register only grows. */
  readonly register?: boolean
  readonly flag?: Flag
  /** The moment that it is of, Unix seconds, where a message brings several. */
  readonly atS?: number
}

/** A device of a plant: what it shows, and how often it speaks. */
export interface Instrument {
  /** Id of the device in the plant file. */
  readonly device: string
  /** Seconds between its messages. */
  readonly every: number
  /** What it shows at a moment. Called in the order of time, once a moment. */
  show(atS: number): readonly Shown[]
}

/** An instrument with what is ordered to go wrong in it. */
export function withFaults(instrument: Instrument, faults: readonly Fault[], fromS: number): Instrument {
  const held = new Map<string, Shown>()
  const ratios = new Map<string, { readonly at: bigint; readonly shown: bigint }>()
  return {
    ...instrument,
    show(atS) {
      return instrument.show(atS).map((value) => {
        const since = atS - fromS
        const on = (name: 'stuck' | 'ratio') => faultAt(faults, name, instrument.device, value.point, since)
        const before = held.get(value.point)
        if (on('stuck') !== undefined && before !== undefined) return before
        const ratio = value.register === true ? on('ratio') : undefined
        const base = ratios.get(value.point) ?? { at: value.count, shown: value.count }
        // A register keeps what it counted; only its growth from now on is scaled.
        const grown = value.count - base.at
        const scaled = ratio === undefined ? grown : BigInt(Math.floor(Number(grown) * ratio))
        const shown = { ...value, count: value.register === true ? base.shown + scaled : value.count }
        if (value.register === true) ratios.set(value.point, { at: value.count, shown: shown.count })
        held.set(value.point, shown)
        return shown
      })
    },
  }
}

/** A number as so many steps of its last digit, rounded to the nearest. */
export function counted(point: string, value: number, digits: number): Shown {
  return { point, count: BigInt(Math.round(value * 10 ** digits)), digits }
}

/** What a decimal of a data set shows, digit for digit. */
export function asWritten(point: string, text: string): Shown {
  const [whole = '0', fraction = ''] = text.split('.')
  return { point, count: BigInt(`${whole}${fraction}`), digits: fraction.length }
}

/** `3.17` */
export function textOf({ count, digits }: Pick<Shown, 'count' | 'digits'>): string {
  const text = (count < 0n ? -count : count).toString().padStart(digits + 1, '0')
  const sign = count < 0n ? '-' : ''
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}
