import type { Who } from './policy.ts'

/** A route as it was added, with its line of the policy table. */
export interface RouteLine {
  readonly method: string
  /** Pattern, as `/v1/organizations/:id`. */
  readonly url: string
  readonly policy: readonly Who[]
}

/** The methods that an address has; empty where no route but the pages' wildcard matches. */
export function allowedMethods(table: readonly RouteLine[], url: string): string[] {
  const path = (url.split('?', 1)[0] ?? '').split('/')
  const methods = table
    .filter((line) => line.url !== '/*' && matches(line.url.split('/'), path))
    .map((line) => line.method)
  return [...new Set(methods)].sort()
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  for (const [at, part] of pattern.entries()) {
    if (part === '*') return true
    if (part.startsWith(':') ? !path[at] : part !== path[at]) return false
  }
  return pattern.length === path.length
}
