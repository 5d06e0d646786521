import { VERSION_BITS } from './command.ts'
import { encodePacket } from './packet.ts'
import type { Enrolment, Head } from './segment.ts'

/** Results of a request's execution (HJ 212-2017, table on ExeRtn). */
export const EXECUTED = 1
/** A platform's QnRtn for a request or upload that it does not carry out. */
export const REFUSED = 2

/**
 * The answer to an upload: 9014 (data), 9013 (notice) or 9011 with its QnRtn; undefined where none is asked for or none can be addressed.
 * It repeats the packet's own QN, MN and PW, so that it discloses no password that the sender did not have.
 */
export function answerTo(
  { QN, MN, PW, flag }: Pick<Head, 'QN' | 'MN' | 'PW' | 'flag'>,
  edition: Enrolment['edition'],
  command: '9011' | '9013' | '9014',
  qnRtn?: number,
): Uint8Array | undefined {
  if (QN === undefined || flag === undefined || (flag & 1) === 0) return undefined
  const CP = qnRtn === undefined ? '' : `QnRtn=${qnRtn}`
  return encodePacket({ QN, ST: '91', CN: command, PW, MN, Flag: VERSION_BITS[edition] << 2, CP })
}
