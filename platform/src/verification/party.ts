import type { ReportLife } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'

/** A report as one of its two parties sees it. */
export interface Seen {
  readonly life: ReportLife
  readonly as: 'verifier' | 'enterprise'
  /** The verifier that was drawn for it. */
  readonly verifier: number
  readonly assignment: CID
}

/**
 * A report that an organization prepared or was assigned to verify; for anybody else it is not there (S32).
 * @throws TanlianError E_NOT_FOUND
 */
export function requireParty({ documents }: Pick<Instance, 'documents'>, organization: number, cid: CID): Seen {
  const life = documents.register.report(cid)
  const verifier = documents.register.verifier(cid)
  if (life === undefined || verifier === undefined) throw notFound()
  const as =
    verifier.organization === organization ? 'verifier' : life.organization === organization ? 'enterprise' : undefined
  if (as === undefined) throw notFound()
  return { life, as, verifier: verifier.organization, assignment: verifier.assignment }
}

/** The same, for the verifier alone. @throws TanlianError E_NOT_FOUND */
export function requireVerifier(instance: Pick<Instance, 'documents'>, organization: number, cid: CID): Seen {
  const seen = requireParty(instance, organization, cid)
  if (seen.as !== 'verifier') throw notFound()
  return seen
}

/**
 * Holds the work on a report to the time before its opinion: what was said stands under the opinion's digest, and neither side may add to it.
 * @throws TanlianError E_VERIFICATION_ENDED
 */
export function requireUnderway({ life }: Seen): void {
  if (life.stage === 'submitted' && life.correctedBy === undefined) return
  throw new TanlianError('E_VERIFICATION_ENDED', 'The verifier has given its opinion, or the report was corrected.', {
    values: { stage: life.correctedBy === undefined ? life.stage : 'corrected' },
  })
}
