import * as z from 'zod'
import { isPlainText } from './json.ts'

/** Forms of values that several routes share. Text as in the specification: digests without 0x, addresses and signatures with. */

/** A whole number in an address: decimal digits in the one way of writing it, within bounds; 2^53 − 1 where no other is given. */
export function integer(least: number, greatest: number = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .refine((text) => isInteger(text, least, greatest), `is not a whole number of ${least} to ${greatest}`)
    .transform(Number)
    .meta({ override: { type: 'integer', minimum: least, maximum: greatest } })
}

function isInteger(text: string, least: number, greatest: number): boolean {
  return /^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number(text) >= least && Number(text) <= greatest
}

/** A count, an index, a sequence or Unix seconds. */
export const Count = integer(0)

/** An organization's number in a path or query. */
export const Id = integer(1).meta({ description: 'Number of an organization', example: 7 })

/** 32 bytes, lower-case hex without 0x. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits')
  .meta({ description: '32 bytes, lower-case hex' })

/** An account. */
export const Address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'is not an address')
  .transform((text) => text.toLowerCase() as `0x${string}`)
  .meta({ description: '20 bytes, 0x and hex' })

/** One signature, or several after each other. */
export const Signature = z
  .string()
  .regex(/^0x(?:[0-9a-f]{130}){1,4}$/, 'is not one to four signatures of 65 bytes, 0x and lower-case hex')
  .meta({ description: '65 bytes r ‖ s ‖ v, 0x and lower-case hex; several follow each other without a gap' })

/** A name of the instance's own: 16 random bytes. */
export const Name = z.string().regex(/^[0-9a-f]{32}$/, 'is not 32 lower-case hex digits')

/** A line of text that people read. */
export function Text(lengthMax: number) {
  return z
    .string()
    .min(1, 'is empty')
    .max(lengthMax, `has more than ${lengthMax} characters`)
    .refine((text) => isPlainText(text) && text.trim() === text, 'has white space at its ends or broken Unicode')
}

/** RFC 3339, UTC. */
export const Time = z.string().meta({ description: 'RFC 3339, UTC', example: '2026-11-21T09:30:00.000Z' })

/** A query without parameters. */
export const NoQuery = z.strictObject({})
