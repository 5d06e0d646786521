import { TanlianError } from '@tanlian/units'
import { Id } from './form.ts'
import type { Caller, Role } from './identity/caller.ts'

/**
 * Who may use a route. A role (owner, editor, reader) is meant for the organization that the path names as `:id`; each role has the
 * rights of those after it.
 * `signed`: anyone may bring it; what counts is an organization's signature inside, which the handler checks.
 * `confidential`: anyone; what of it is sealed is given to its readers alone, which `evidence/reading-right.ts` decides.
 * `self`: anyone, and the handler answers only about the caller's own session, person or object.
 */
export type Who =
  | 'public'
  | 'confidential'
  | 'signed'
  | 'self'
  | 'person'
  | 'owner'
  | 'editor'
  | 'reader'
  | 'regulator'
  | 'admin'

/**
 * The policy table (S32): every route of the platform and who may use it. Any one of a list is enough. A route that is not here keeps the
 * server from starting, a line without a route fails a test.
 */
export const POLICIES: Readonly<Record<string, readonly Who[]>> = {
  // The reading side is for everybody (spec section 7), but for what an owner has sealed.
  'GET /.well-known/tanlian.json': ['public'],
  'GET /v1/organizations': ['public'],
  'GET /v1/organizations/:id': ['public'],
  'GET /v1/organizations/:id/keys': ['public'],
  'GET /v1/organizations/:id/bindings': ['public'],
  'GET /v1/organizations/:id/reader-keys': ['public'],
  'GET /v1/organizations/:id/privacy': ['public'],
  'GET /v1/organizations/:id/imports': ['public'],
  'GET /v1/organizations/:id/imports/:import': ['public'],
  'GET /v1/organizations/:id/entries': ['confidential'],
  'GET /v1/documents': ['public'],
  'GET /v1/organizations/:id/head': ['public'],
  'GET /v1/organizations/:id/headers': ['confidential'],
  'GET /v1/organizations/:id/streams': ['public'],
  'GET /v1/organizations/:id/coverage': ['confidential'],
  'GET /v1/organizations/:id/trace': ['confidential'],
  'GET /v1/organizations/:id/streams/:stream/series': ['confidential'],
  'GET /v1/organizations/:id/latest': ['confidential'],
  'GET /v1/organizations/:id/collection': ['confidential'],
  'GET /v1/collection': ['confidential'],
  'GET /v1/complaints': ['public'],
  'GET /v1/webhook-key': ['public'],
  'GET /v1/organizations/:id/devices': ['public'],
  'GET /v1/organizations/:id/devices/:device': ['public'],
  'GET /v1/batches/:cid/proof': ['confidential'],
  'GET /v1/batches/:cid/sealed': ['confidential'],
  'GET /ipfs/:cid': ['confidential'],
  'GET /v1/log': ['public'],
  'GET /v1/log/proof': ['public'],
  'GET /v1/log/consistency': ['public'],
  'GET /v1/log/cosignatures': ['public'],
  'GET /v1/organizations/:id/witnesses': ['public'],
  'GET /v1/equivocations': ['public'],
  'GET /v1/equivocations/:cid': ['public'],
  'GET /log/checkpoint': ['public'],
  'GET /log/tile/*': ['public'],
  'GET /v1/bindings': ['public'],
  'GET /v1/keys/:address': ['public'],
  'GET /v1/search': ['public'],
  'GET /v1/live': ['public'],
  'GET /v1/jobs/:job': ['public'],
  'GET /health': ['public'],
  'GET /metrics': ['public'],
  'GET /openapi.json': ['public'],
  'GET /docs': ['public'],
  'GET /docs/errors': ['public'],
  'GET /docs/docs.css': ['public'],
  'GET /*': ['public'],

  // Acts and entries carry their own right to be done.
  'POST /v1/batches': ['signed'],
  'POST /v1/documents': ['signed'],
  'POST /v1/acts': ['signed'],
  'POST /v1/applications': ['signed'],
  'POST /v1/profiles': ['signed'],
  'POST /v1/log/cosignatures': ['signed'],
  'POST /v1/equivocations': ['signed'],
  // An upload begins with a signed entry; its name is 16 random bytes, known to whoever began it.
  'POST /v1/uploads': ['signed'],
  'GET /v1/uploads/:upload': ['signed'],
  'PATCH /v1/uploads/:upload': ['signed'],
  'POST /v1/uploads/:upload/commit': ['signed'],
  'DELETE /v1/uploads/:upload': ['signed'],

  // What only the parties see.
  'GET /v1/applications': ['regulator'],
  'GET /v1/applications/:application': ['self', 'regulator'],
  'GET /v1/organizations/:id/profile': ['reader', 'regulator'],
  'POST /v1/organizations/:id/devices/:device/keys': ['editor'],
  'POST /v1/organizations/:id/devices/:device/keys/:key/revocation': ['editor'],
  'GET /v1/organizations/:id/alerts': ['reader', 'regulator'],
  'GET /v1/organizations/:id/alerts/:alert': ['reader', 'regulator'],
  'POST /v1/organizations/:id/alerts/:alert/acts': ['editor', 'regulator'],
  'GET /v1/organizations/:id/alert-rules': ['reader', 'regulator'],
  'POST /v1/organizations/:id/alert-rules': ['editor'],
  'PUT /v1/organizations/:id/alert-rules/:rule': ['editor'],
  'GET /v1/alerts': ['regulator'],
  'GET /v1/alert-rules': ['regulator'],
  'POST /v1/alert-rules': ['regulator'],
  'PUT /v1/alert-rules/:rule': ['regulator'],
  'GET /v1/organizations/:id/channels': ['owner'],
  'GET /v1/organizations/:id/webhooks': ['owner'],
  'POST /v1/organizations/:id/webhooks': ['owner'],
  'DELETE /v1/organizations/:id/webhooks/:webhook': ['owner'],
  'GET /v1/organizations/:id/deliveries': ['owner'],
  'POST /v1/organizations/:id/deliveries/:delivery/replay': ['owner'],
  'POST /v1/organizations/:id/imports': ['editor'],
  'POST /v1/organizations/:id/imports/:import/batches': ['editor'],
  'POST /v1/organizations/:id/imports/:import/withdrawal': ['editor'],
  'GET /v1/organizations/:id/grants': ['reader'],
  'GET /v1/organizations/:id/granted': ['reader'],
  'POST /v1/organizations/:id/grants': ['editor'],
  'POST /v1/organizations/:id/grants/:grant/end': ['editor'],
  'GET /v1/organizations/:id/summaries': ['reader'],
  'POST /v1/organizations/:id/summaries': ['editor'],
  'POST /v1/organizations/:id/published-reports': ['owner'],
  'GET /v1/organizations/:id/members': ['reader'],
  'DELETE /v1/organizations/:id/members/:person': ['owner'],
  'GET /v1/organizations/:id/invitations': ['owner'],
  'POST /v1/organizations/:id/invitations': ['owner'],
  'DELETE /v1/organizations/:id/invitations/:invitation': ['owner'],
  'GET /v1/audit': ['regulator', 'admin'],

  // Reports: a draft is its organization’s own, what was handed in is for everybody.
  'GET /v1/organizations/:id/reports/:draft/submission': ['editor'],
  'GET /v1/reports': ['public'],
  'GET /v1/reports/:cid': ['public'],
  'GET /v1/reports/:cid/recomputation': ['confidential'],
  'GET /v1/reports/:cid/package': ['confidential'],
  'GET /v1/reports/:cid/findings': ['self'],
  'GET /v1/organizations/:id/reports/:draft/findings': ['reader'],
  'GET /v1/reports/:cid/pdf': ['confidential'],
  'GET /v1/organizations/:id/reports/:draft/sheet': ['reader'],
  'POST /v1/organizations/:id/reports/:draft/sheet': ['editor'],
  'GET /v1/methodologies': ['public'],
  'GET /v1/organizations/:id/publication-content': ['editor'],
  'GET /v1/organizations/:id/reports': ['reader'],
  'POST /v1/organizations/:id/reports': ['editor'],
  'GET /v1/organizations/:id/reports/:draft': ['reader'],
  'PUT /v1/organizations/:id/reports/:draft/inputs': ['editor'],
  'POST /v1/organizations/:id/reports/:draft/filling': ['editor'],
  'DELETE /v1/organizations/:id/reports/:draft': ['editor'],

  // Private files: of the organization that keeps them.
  'POST /v1/organizations/:id/attachments': ['editor'],
  'GET /v1/organizations/:id/attachments': ['reader', 'regulator'],
  'GET /v1/organizations/:id/attachments/:attachment': ['reader', 'regulator'],

  // Verification: draws are for everybody, the work on a report for its two parties, decisions for regulators.
  'GET /v1/draws': ['public'],
  'GET /v1/draws/:cid/assignment-content': ['public'],
  'GET /v1/organizations/:id/draw-content': ['editor'],
  'GET /v1/organizations/:id/conflicts': ['reader', 'regulator'],
  'POST /v1/organizations/:id/conflicts': ['editor'],
  'GET /v1/reviews': ['regulator'],
  'POST /v1/organizations/:id/reviews/:cid/decision-content': ['editor'],
  'GET /v1/organizations/:id/verifications': ['reader'],
  'GET /v1/organizations/:id/verifications/:cid': ['reader'],
  'GET /v1/organizations/:id/verifications/:cid/plan-content': ['editor'],
  'POST /v1/organizations/:id/verifications/:cid/findings': ['editor'],
  'POST /v1/organizations/:id/verifications/:cid/findings/:finding/messages': ['editor'],
  'POST /v1/organizations/:id/verifications/:cid/visits': ['editor'],
  'POST /v1/organizations/:id/verifications/:cid/opinion-content': ['editor'],
  'GET /v1/organizations/:id/verifications/:cid/files/:digest': ['reader'],

  // Laboratories: lists for the parties, one sample for whoever reads its label.
  'GET /v1/organizations/:id/samples': ['reader', 'regulator'],
  'GET /v1/samples/:cid': ['public'],

  // Deadlines: of the organization’s own projects.
  'GET /v1/organizations/:id/projects': ['reader', 'regulator'],
  'POST /v1/organizations/:id/projects': ['editor'],
  'PUT /v1/organizations/:id/projects/:project': ['editor'],
  'DELETE /v1/organizations/:id/projects/:project': ['editor'],
  'GET /v1/organizations/:id/deadlines': ['reader', 'regulator'],
  'GET /v1/organizations/:id/deadlines.ics': ['reader', 'regulator'],

  // Expected allowances: for the organization, regulators and verifiers of its reports, which the handler knows.
  'GET /v1/organizations/:id/allowances': ['self'],
  'GET /v1/allocation-rules': ['public'],

  // Sign-in.
  'POST /v1/people': ['public'],
  'POST /v1/sessions/challenge': ['public'],
  'POST /v1/sessions': ['public'],
  'GET /v1/session': ['self'],
  'DELETE /v1/session': ['self'],
  'POST /v1/passkeys/options': ['self'],
  'GET /v1/passkeys': ['person'],
  'POST /v1/passkeys': ['person'],
  'DELETE /v1/passkeys/:passkey': ['person'],
  'POST /v1/invitations/accept': ['person'],
}

/** The line of a route; a HEAD goes by its GET. @throws TanlianError E_POLICY_MISSING */
export function policyOf(method: string, url: string): readonly Who[] {
  const route = `${method === 'HEAD' ? 'GET' : method} ${url}`
  const policy = Object.hasOwn(POLICIES, route) ? POLICIES[route] : undefined
  if (policy === undefined)
    throw new TanlianError('E_POLICY_MISSING', `The route ${route} has no line in the policy table.`, {
      values: { route },
    })
  return policy
}

/**
 * Lets a caller pass or refuses. Nobody signed in: E_SIGN_IN, whatever the path names. Signed in without the right: E_NOT_FOUND, exactly
 * as for a thing that does not exist (S32).
 */
export function authorise(policy: readonly Who[], caller: Caller, organization: string | undefined) {
  if (policy.some((who) => allows(who, caller, organization))) return
  if (caller.name === 'anonymous') throw new TanlianError('E_SIGN_IN', 'This needs somebody who is signed in.')
  throw notFound()
}

/**
 * Lets the parties of something and regulators pass, where the path does not name them all.
 * @throws TanlianError E_SIGN_IN, E_NOT_FOUND
 */
export function requireConcerned(caller: Caller, organizations: readonly number[]) {
  if (caller.regulator || organizations.some((organization) => caller.roles.has(organization))) return
  if (caller.name === 'anonymous') throw new TanlianError('E_SIGN_IN', 'This needs somebody who is signed in.')
  throw notFound()
}

/** The one answer for what does not exist and for what may not be seen. */
export function notFound(): TanlianError {
  return new TanlianError('E_NOT_FOUND', 'There is nothing here that you may see.')
}

const RANK: Readonly<Record<Role, number>> = { reader: 1, editor: 2, owner: 3 }

function allows(who: Who, caller: Caller, organization: string | undefined): boolean {
  switch (who) {
    case 'public':
    case 'confidential':
    case 'signed':
    case 'self':
      return true
    case 'person':
      return caller.person !== undefined
    case 'regulator':
      return caller.regulator
    case 'admin':
      return caller.admin
    default: {
      // Only the one way of writing a number counts, so that a role cannot be found under another spelling of an id.
      const number = Id.safeParse(organization)
      const role = number.success ? caller.roles.get(number.data) : undefined
      return role !== undefined && RANK[role] >= RANK[who]
    }
  }
}
