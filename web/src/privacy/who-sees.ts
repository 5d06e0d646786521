import type { PrivacyMode } from '@tanlian/evidence'

/** Who may come by something, in the order of the table. */
export const ROLES = ['public', 'summary', 'part', 'reader', 'regulator', 'platform', 'owner'] as const
export type SeeingRole = (typeof ROLES)[number]

/** What one role learns of one thing; `shared` is yes of shared types alone. Other words are told in full on the page. */
type Sight = 'yes' | 'no' | 'shared' | 'edges' | 'own' | 'streams' | 'chunks' | 'step' | 'names'

/**
 * What each role can learn of a batch with sealed chunks: the lines of the table in `docs/privacy.md` (a test holds the two together). Of an open type
 * everybody learns all of it.
 */
export const SIGHTS: readonly (readonly [thing: string, ...sights: Sight[]])[] = [
  ['entry', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
  ['declared', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
  ['sealed', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
  ['header', 'no', 'yes', 'yes', 'yes', 'shared', 'yes', 'yes'],
  ['index', 'no', 'no', 'yes', 'yes', 'shared', 'yes', 'yes'],
  ['bytes', 'no', 'no', 'own', 'yes', 'shared', 'yes', 'yes'],
  ['readings', 'no', 'edges', 'chunks', 'yes', 'shared', 'shared', 'yes'],
  ['proofs', 'no', 'step', 'no', 'yes', 'shared', 'shared', 'yes'],
  ['charts', 'no', 'no', 'streams', 'shared', 'shared', 'shared', 'shared'],
  ['alerts', 'no', 'no', 'no', 'no', 'shared', 'shared', 'shared'],
  ['reports', 'no', 'no', 'no', 'yes', 'shared', 'shared', 'shared'],
  ['readers', 'no', 'no', 'names', 'names', 'names', 'yes', 'yes'],
]

/** What a role learns of a type that is kept so. */
export function sightOf(mode: PrivacyMode, sight: Sight): Exclude<Sight, 'shared'> {
  if (mode === 'open') return 'yes'
  if (sight === 'shared') return mode === 'shared' ? 'yes' : 'no'
  return sight
}
