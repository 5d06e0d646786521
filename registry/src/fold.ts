import { encodeEntry, fromHex0x, leafHash, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Hex } from 'viem'
import type { Draft } from './draft.ts'
import { appendLeaf, edgeRoot } from './edge.ts'
import type { ChainEvent } from './event.ts'
import { type ApplicationRow, type BindingRow, headKey, type OrganizationRow } from './rows.ts'

/** Changes a draft as one event says. @throws TanlianError `E_INDEX_EVENT`, `E_INDEX_ROOT`, as `applyEvents` does. */
export function fold(draft: Draft, event: ChainEvent): void {
  const change = FOLD[event.name] as (draft: Draft, event: ChainEvent) => void
  change(draft, event)
}

const PURPOSE_ACTS = 3
const NO_ADDRESS = '0x0000000000000000000000000000000000000000'

type Named<N extends ChainEvent['name']> = Extract<ChainEvent, { name: N }>

const FOLD: { readonly [N in ChainEvent['name']]: (draft: Draft, event: Named<N>) => void } = {
  Applied(draft, { application, kind, profile, key, recovery, batchKey, documentKey, lapses, block, time }) {
    draft.applications.put(application, {
      application,
      kind,
      profile,
      key,
      recovery,
      batchKey: batchKey === NO_ADDRESS ? null : batchKey,
      documentKey: documentKey === NO_ADDRESS ? null : documentKey,
      lapses,
      state: 'open',
      organization: null,
      regulator: null,
      reason: null,
      block,
      time,
      endedBlock: null,
      endedTime: null,
    })
  },
  Approved(draft, event) {
    const { organization, regulator, reason } = event
    endApplication(draft, event, { state: 'approved', organization, regulator, reason })
  },
  Refused(draft, event) {
    endApplication(draft, event, { state: 'refused', regulator: event.regulator, reason: event.reason })
  },
  Lapsed(draft, event) {
    endApplication(draft, event, { state: 'lapsed' })
  },
  Registered(draft, event) {
    const { organization: id, kind, profile, recovery, block, time } = event
    const application = applicationOf(draft, id)
    expect(id === draft.organizations.rows.size + 1 && (id === 1 || application !== null), event)
    draft.organizations.put(id, {
      id,
      kind,
      profile,
      recovery,
      suspended: false,
      platform: null,
      requested: null,
      binding: null,
      request: null,
      application,
      recoveryWaiting: null,
      block,
      time,
    })
  },
  KeyAdded(draft, event) {
    const { organization, key, purpose, from, to, block } = event
    found(draft.organizations.rows.get(organization), event)
    draft.keys.put(key, { key, organization, purpose, from, to, active: true, block, endedBlock: null })
  },
  KeyRevoked(draft, event) {
    const key = found(draft.keys.rows.get(event.key), event)
    const isForActs = key.purpose === PURPOSE_ACTS
    const to = isForActs ? 0 : event.last
    draft.keys.put(event.key, { ...key, to, active: !isForActs && to >= key.from, endedBlock: event.block })
  },
  BindingRequested(draft, event) {
    const { enterprise, platform, block } = event
    const { request } = found(draft.organizations.rows.get(enterprise), event)
    if (request !== null) changeBinding(draft, event, request, { state: 'replaced', endedBlock: block })
    const id = draft.bindings.rows.size + 1
    draft.bindings.put(id, {
      id,
      enterprise,
      platform,
      state: 'requested',
      requestedBlock: block,
      boundBlock: null,
      endedBlock: null,
      endedBy: null,
      reason: null,
    })
    changeOrganization(draft, event, enterprise, { requested: platform, request: id })
  },
  Bound(draft, event) {
    const { enterprise, platform, block } = event
    const { requested, request } = found(draft.organizations.rows.get(enterprise), event)
    expect(requested === platform, event)
    changeBinding(draft, event, request, { state: 'bound', boundBlock: block })
    changeOrganization(draft, event, enterprise, { platform, binding: request, requested: null, request: null })
  },
  Unbound(draft, event) {
    const { enterprise, platform, by, reason, block } = event
    const before = found(draft.organizations.rows.get(enterprise), event)
    const ended = { endedBlock: block, endedBy: by, reason }
    if (before.platform === platform) {
      changeBinding(draft, event, before.binding, { ...ended, state: 'unbound' })
      changeOrganization(draft, event, enterprise, { platform: null, binding: null })
    } else {
      expect(before.requested === platform, event)
      changeBinding(draft, event, before.request, { ...ended, state: 'withdrawn' })
      changeOrganization(draft, event, enterprise, { requested: null, request: null })
    }
  },
  RecoveryApproved(draft, event) {
    const { newKey, newRecovery, regulator, reason, effective } = event
    const recoveryWaiting = { newKey, newRecovery, regulator, reason, effective }
    changeOrganization(draft, event, event.organization, { recoveryWaiting })
  },
  RecoveryObjected(draft, event) {
    changeOrganization(draft, event, event.organization, { recoveryWaiting: null })
  },
  Recovered(draft, event) {
    const { organization, recovery, block } = event
    for (const key of draft.keys.rows.values())
      if (key.organization === organization && key.purpose === PURPOSE_ACTS && key.active)
        draft.keys.put(key.key, { ...key, active: false, endedBlock: block })
    changeOrganization(draft, event, organization, { recovery, recoveryWaiting: null })
  },
  Suspended(draft, event) {
    changeOrganization(draft, event, event.organization, { suspended: true })
  },
  Reinstated(draft, event) {
    changeOrganization(draft, event, event.organization, { suspended: false })
  },
  Succeeded(draft, event) {
    expect(draft.edge.size === event.size && toHex0x(edgeRoot(draft.edge)) === event.root, event)
  },
  HeadCarried: putHead,
  Appended(draft, event) {
    const { index, kind, organization, sequence, digest, signature, signer, block, time, transaction } = event
    const before = draft.heads.rows.get(headKey(organization, kind))?.sequence ?? 0
    expect((kind === 1 || kind === 2) && index === draft.edge.size && sequence === before + 1, event)
    const key = signer === null ? undefined : found(draft.keys.rows.get(signer), event)
    // The contract let it in, so its key counted for it then; what was changed about the key later came later.
    if (key !== undefined)
      expect(
        key.organization === organization && key.purpose === kind && key.from <= sequence && sequence <= key.to,
        event,
      )
    const entry = encodeEntry({ kind: kind as 1 | 2, organization, sequence, digest: fromHex0x(digest, 32) })
    draft.edge = appendLeaf(draft.edge, leafHash(entry))
    draft.entries.push({ index, kind, organization, sequence, digest, signature, signer, block, time, transaction })
    putHead(draft, event)
  },
  Root(draft, { size, root, block, time, transaction }) {
    const computed = toHex0x(edgeRoot(draft.edge))
    const have = draft.edge.size
    if (size !== have || root !== computed)
      throw new TanlianError(
        'E_INDEX_ROOT',
        `In block ${block} the log has ${size} entries and root ${root}, but its events make ${have} and ${computed}. ` +
          'The node left events out or altered them: compare with another node.',
        { values: { block, size, root, have, computed } },
      )
    draft.roots.push({ size, root, block, time, transaction })
  },
  // What was done stands in an event of its own; this one proves to the relay that it was done.
  Acted() {},
}

function putHead(draft: Draft, { organization, kind, sequence, digest }: Named<'Appended' | 'HeadCarried'>): void {
  draft.heads.put(headKey(organization, kind), { organization, kind, sequence, digest })
}

/** The application that was approved as this organization, in the event just before; none for the first regulator. */
function applicationOf({ applications }: Draft, organization: number): Hex | null {
  for (const row of applications.rows.values()) if (row.organization === organization) return row.application
  return null
}

function changeOrganization(draft: Draft, event: ChainEvent, id: number, change: Partial<OrganizationRow>): void {
  draft.organizations.put(id, { ...found(draft.organizations.rows.get(id), event), ...change })
}

function changeBinding(draft: Draft, event: ChainEvent, id: number | null, change: Partial<BindingRow>): void {
  const row = found(draft.bindings.rows.get(id ?? 0), event)
  draft.bindings.put(row.id, { ...row, ...change })
}

function endApplication(
  draft: Draft,
  event: Named<'Approved' | 'Refused' | 'Lapsed'>,
  change: Partial<ApplicationRow>,
): void {
  const row = found(draft.applications.rows.get(event.application), event)
  draft.applications.put(event.application, { ...row, ...change, endedBlock: event.block, endedTime: event.time })
}

function found<R>(row: R | undefined, event: ChainEvent): R {
  if (row === undefined) throw impossible(event)
  return row
}

function expect(holds: boolean, event: ChainEvent): void {
  if (!holds) throw impossible(event)
}

function impossible(event: ChainEvent): TanlianError {
  const { name, block, logIndex } = event
  return new TanlianError(
    'E_INDEX_EVENT',
    `The event ${name} (block ${block}, log ${logIndex}) cannot follow those before it: the node left events out. Compare with another node.`,
    { values: { event: name, block, logIndex } },
  )
}
