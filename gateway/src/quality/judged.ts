import type { Block, Reading } from '@tanlian/evidence'
import type { RuleId } from './rules.ts'

/** A reading as it leaves the rules (判定后的读数). */
export interface Judged {
  readonly reading: Reading
  /** The rule that set the flag; undefined where the flag is the device's own, or N. */
  readonly rule: RuleId | undefined
  readonly device: string
  /** The frame block of a derived reading, to go into the batch beside it; undefined where the source is a message that is kept already. */
  readonly frame?: Block
}
