import type { Block, Reading } from '@tanlian/evidence'
import type { Question, RuleId } from './rules.ts'

/** A reading as it leaves the rules (判定后的读数). */
export interface Judged {
  readonly reading: Reading
  /** The rule that set the flag; undefined where the flag is the device's own, or N. */
  readonly rule: RuleId | undefined
  readonly device: string
  /** The frame block of a derived reading, to go into the batch beside it; undefined where the source is a message that is kept already. */
  readonly frame?: Block
}

/** Where the rules put what they find. */
export interface Sink {
  reading(judged: Judged): void
  /** A level's time in which the unit stood still: no reading stands for it, yet it is not missing. */
  stopped(stream: number, from: number, to: number): void
  ask(question: Question): void
}
