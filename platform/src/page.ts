import * as z from 'zod'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500

/** Query parameters of every list: `after` is the cursor of the page before, `limit` how many items. */
export function pageOf<T extends z.ZodType<string>>(cursor: T) {
  return {
    after: cursor.optional().meta({ description: 'Cursor: `next` of the page before' }),
    limit: z
      .string()
      .regex(/^[1-9][0-9]{0,3}$/)
      .default(String(LIMIT_DEFAULT))
      .transform((text) => Math.min(Number(text), LIMIT_MAX))
      .meta({ description: `Items a page, ${LIMIT_DEFAULT} unless said otherwise, at most ${LIMIT_MAX}` }),
  }
}

/** Form of every list: items, and the cursor of the next page or null. */
export function Page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}
