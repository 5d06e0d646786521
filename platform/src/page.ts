import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { integer } from './form.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500

/** Query parameters of every list: `after` is the cursor of the page before, `limit` how many items. */
export function pageOf<T extends z.ZodType>(cursor: T) {
  return {
    after: cursor.optional().meta({ description: 'Cursor: `next` of the page before' }),
    limit: integer(1, LIMIT_MAX)
      .default(LIMIT_DEFAULT)
      .meta({ description: `Items a page: 1 to ${LIMIT_MAX}, ${LIMIT_DEFAULT} unless said otherwise` }),
  }
}

/** Cursor of a list that is ordered by a number and then by some bytes: `NUMBER-HEX`. */
export function Pair(bytes: number) {
  return z
    .string()
    .regex(new RegExp(`^[0-9]{1,16}-[0-9a-f]{${2 * bytes}}$`), 'is no cursor of this list')
    .refine((text) => Number(text.split('-', 1)[0]) <= Number.MAX_SAFE_INTEGER, 'is no cursor of this list')
    .transform((text) => {
      const [number = '', hex = ''] = text.split('-')
      return { number: Number(number), hex }
    })
}

/** Form of every list: items, and the cursor of the next page or null. */
export function Page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** One item more than the limit was looked for; where it is there, the last one shown is the cursor. */
export function pageFrom<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string | number) {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? String(cursorOf(last)) : null }
}

/** Names the next page in a `Link` header too (RFC 8288), as an address of the same list. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, next: string) {
  const [path = '', ...query] = request.url.split('?')
  const parameters = new URLSearchParams(query.join('?'))
  parameters.set('after', next)
  reply.header('link', `<${path}?${parameters}>; rel="next"`)
}
