import type { CID } from 'multiformats/cid'
import type { Sample } from '../arrival.ts'
import type { Quantity } from '../reading/quantity.ts'
import { createTaken, type Taken } from '../reading/taken.ts'
import { createPattern, type Pattern } from './pattern.ts'
import { type Question, questionOf, type RuleId } from './rules.ts'
import { createTally, type Tally } from './tally.ts'

/** A sample that waits for those before it. */
export interface Waiting {
  readonly stamp: number
  readonly value: string | undefined
  readonly flag: Sample['flag']
  readonly frame: CID
  readonly receivedMs: number
}

/** All that is remembered of one stream: the same few kilobytes after a day and after ten years. */
export interface Series {
  readonly device: string
  readonly quantity: Quantity
  readonly taken: Taken
  readonly tally: Tally
  readonly pattern: Pattern
  /** Samples with a hole before them, by stamp. */
  readonly held: Waiting[]
  /** The earliest of their times of arrival. */
  heldSinceMs: number
  /** The end of what is settled; undefined before the first reading (a register: its first stand). */
  next: number | undefined
  /** A register's last stand, and the one before a jump or a rollback, which may have been a fault. */
  stand: number | undefined
  before: number | undefined
  /** The last good value of a full interval, and its time. */
  level: number | undefined
  levelAt: number
  /** Since when the value has not changed. */
  sameSince: number
  /** The latest of what was said of which time, by which a repetition is told from a contradiction; a ring. */
  readonly recent: Said[]
  recentAt: number
  /** When something last came, by the gateway's clock. */
  heardMs: number
  /** The silence that was asked about began here. */
  silentFrom: number
  /** The rule that refused the sample before, as its place in the list of rules: a streak of refusals is one question. */
  refusedBy: number
  /** How many of the latest readings the device marked as not valid, as a count that fades. */
  marked: number
  markedOf: number
}

/** What was said of a time. */
export interface Said {
  readonly start: number
  readonly value: string | undefined
  readonly flag: Sample['flag']
}

/** A stream of which nothing is known yet. */
export function createSeries(device: string, quantity: Quantity): Series {
  return {
    device,
    quantity,
    taken: createTaken(),
    tally: createTally(),
    pattern: createPattern(),
    held: [],
    heldSinceMs: 0,
    next: undefined,
    stand: undefined,
    before: undefined,
    level: undefined,
    levelAt: 0,
    sameSince: 0,
    recent: [],
    recentAt: 0,
    heardMs: 0,
    silentFrom: -1,
    refusedBy: -1,
    marked: 0,
    markedOf: 0,
  }
}

/** The start of the interval that a stamp names. */
export function startOf({ point }: Quantity, stamp: number): number {
  return point.stamp === 'start' ? stamp : stamp - point.interval
}

/** A question about this stream. */
export function question(
  { device, quantity }: Series,
  rule: RuleId,
  from: number,
  to: number,
  values: Question['values'] = {},
): Question {
  return questionOf(rule, { device, stream: quantity.point.stream, from, to }, values)
}
