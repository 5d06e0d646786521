import { decodePrivateProfile, type PrivateProfile } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'
import '../organization/schema.ts'
import './schema.ts'

/** An enterprise, a candidate that must not verify it, and why. */
export type Conflict = readonly [enterprise: number, candidate: number, reason: string]

/**
 * Conflicts of interest between enterprises and verifiers (利益冲突): what a verifier declared, a person who acts for both, and what their profiles
 * have in common. What an enterprise declares counts once the regulator grants it (回避申请): by itself it could bar all verifiers but the one that it
 * wants.
 * @param granted pairs of enterprise and candidate of which the enterprise's declaration counts
 * @returns in order of enterprise and candidate, one for each pair
 */
export async function conflictsBetween(
  { db }: Pick<Instance, 'db'>,
  enterprises: readonly number[],
  candidates: readonly number[],
  granted: readonly (readonly [enterprise: number, candidate: number])[] = [],
): Promise<Conflict[]> {
  if (enterprises.length === 0 || candidates.length === 0) return []
  const [declared, members, profiles] = await Promise.all([
    db.selectFrom('conflict').select(['organization', 'other', 'reason']).execute(),
    db
      .selectFrom('member as a')
      .innerJoin('member as b', 'b.person', 'a.person')
      .select(['a.organization as enterprise', 'b.organization as candidate'])
      .where('a.organization', 'in', enterprises)
      .where('b.organization', 'in', candidates)
      .execute(),
    db
      .selectFrom('organization as o')
      .innerJoin('profile as p', 'p.digest', 'o.profile')
      .select(['o.id', 'p.public_part', 'p.private_block'])
      .where('o.id', 'in', [...enterprises, ...candidates])
      .execute(),
  ])
  const found = new Map<string, Conflict>()
  const add = (enterprise: number, candidate: number, reason: string) => {
    if (!enterprises.includes(enterprise) || !candidates.includes(candidate)) return
    const name = `${enterprise}/${candidate}`
    if (!found.has(name)) found.set(name, [enterprise, candidate, reason])
  }
  const grants = new Set(granted.map(String))
  for (const { organization, other, reason } of declared) {
    if (grants.has(String([organization, other]))) add(organization, other, reason)
    add(other, organization, reason)
  }
  for (const { enterprise, candidate } of members) add(enterprise, candidate, 'same-person')
  const facts = new Map(profiles.map((row) => [row.id, factsOf(row.public_part, row.private_block)]))
  for (const enterprise of enterprises)
    for (const candidate of candidates)
      for (const [reason, value] of facts.get(enterprise) ?? [])
        if (facts.get(candidate)?.get(reason) === value) add(enterprise, candidate, reason)
  return [...found.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])
}

/** Declares a conflict; declared once, it stays. */
export async function declareConflict(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  organization: number,
  by: string,
  { other, reason }: { readonly other: number; readonly reason: string },
): Promise<void> {
  await db
    .insertInto('conflict')
    .values({ organization, other, reason, declared_by: by, declared_ms: clock() })
    .onConflict((conflict) => conflict.columns(['organization', 'other']).doUpdateSet({ reason }))
    .execute()
}

/** What an organization declared. */
export async function listConflicts({ db }: Pick<Instance, 'db'>, organization: number) {
  const rows = await db
    .selectFrom('conflict')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('other')
    .execute()
  return rows.map(({ other, reason, declared_ms }) => ({
    other,
    reason,
    declared: new Date(declared_ms).toISOString(),
  }))
}

/** What two parties that have nothing to do with each other do not share. */
function factsOf(publicPart: string, privateBlock: Uint8Array | null): Map<string, string> {
  const { website } = JSON.parse(publicPart) as { website?: string | null }
  const hidden: Partial<PrivateProfile> =
    privateBlock === null ? {} : decodePrivateProfile(new Uint8Array(privateBlock))
  const given: [reason: string, value: string | null | undefined][] = [
    ['same-credit-code', hidden.creditCode],
    ['same-phone', hidden.phone],
    ['same-mail', hidden.email],
    ['same-address', hidden.address],
    ['same-website', website],
  ]
  return new Map(given.flatMap(([reason, value]) => (value ? [[reason, value.trim().toLowerCase()] as const] : [])))
}
