import { TanlianError } from '@tanlian/units'

/**
 * Numbers of a state as bytes: doubles, big-endian, for blocks hold no negative number and no fraction (safety R6). Equal numbers give equal
 * bytes; `undefined` is written as a not-a-number.
 */
export function packNumbers(numbers: readonly (number | undefined)[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 8)
  const view = new DataView(bytes.buffer)
  // Adding 0 makes −0 into 0.
  for (const [at, number] of numbers.entries()) view.setFloat64(at * 8, (number ?? Number.NaN) + 0)
  return bytes
}

/** The numbers again. @throws TanlianError E_QUALITY_STATE */
export function unpackNumbers(bytes: unknown): (number | undefined)[] {
  if (!(bytes instanceof Uint8Array) || bytes.length % 8 !== 0) throw stateError('numbers are no whole doubles')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, at) => {
    const number = view.getFloat64(at * 8)
    return Number.isNaN(number) ? undefined : number
  })
}

/** A refusal of a kept state. */
export function stateError(why: string): TanlianError {
  return new TanlianError('E_QUALITY_STATE', `The kept state of the readings cannot be used: ${why}.`, {
    values: { why },
  })
}
