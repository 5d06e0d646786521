/** The filters of a page as they stand in its address: every value a text, or a list of texts where a name repeats. */
export type Search = Readonly<Record<string, string | readonly string[] | undefined>>

/** Reads an address's query as written, with no guessing of types, so that `type=02` stays `02`. */
export function parseSearch(text: string): Search {
  const found = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) found.set(name, [...(found.get(name) ?? []), value])
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

/** The inverse of {@link parseSearch}; absent values leave no trace in the address. */
export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') query.append(name, String(one))
    }
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** The first text under a name. */
export function first(search: Search, name: string): string | undefined {
  const value = search[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** All texts under a name. */
export function all(search: Search, name: string): readonly string[] {
  const value = search[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
