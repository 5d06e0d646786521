import { expect, test } from 'vitest'
import type { ChainEvent, ContractEvent } from './event.ts'
import { applyEvents, emptyProjection } from './projection.ts'

const HASH = `0x${'ab'.repeat(32)}` as const
const account = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as const

/** Each event in a block of its own, from block 1 on. */
function folded(...events: ContractEvent[]) {
  const placed = events.map(
    (event, i): ChainEvent => ({
      ...event,
      block: i + 1,
      blockHash: HASH,
      time: 100 + i,
      transaction: HASH,
      logIndex: 0,
    }),
  )
  return applyEvents(emptyProjection(), placed).projection
}

const register = (organization: number, kind: number): ContractEvent => ({
  name: 'Registered',
  organization,
  kind,
  profile: HASH,
  recovery: account(900 + organization),
})
const applied = (n: number): ContractEvent => ({
  name: 'Applied',
  application: application(n),
  kind: 3,
  profile: HASH,
  key: account(1),
  recovery: account(2),
  batchKey: account(3),
  documentKey: account(0),
  lapses: 1000,
})
const application = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const approved = (n: number): ContractEvent => ({
  name: 'Approved',
  application: application(n),
  organization: n,
  regulator: 1,
  reason: HASH,
})
const admitted = (n: number, kind: number) => [applied(n), approved(n), register(n, kind)]
const PARTIES = [register(1, 1), ...admitted(2, 2), ...admitted(3, 2), ...admitted(4, 3)]
const FIRST_BLOCK = PARTIES.length + 1
const request = (platform: number): ContractEvent => ({ name: 'BindingRequested', enterprise: 4, platform })
const bound = (platform: number): ContractEvent => ({ name: 'Bound', enterprise: 4, platform })
const unbound = (platform: number, by: number): ContractEvent => ({
  name: 'Unbound',
  enterprise: 4,
  platform,
  by,
  reason: HASH,
})

test.each<[string, ContractEvent[], string[], number | null, number | null]>([
  ['asked', [request(2)], ['2 requested'], null, 2],
  ['asked another instead', [request(2), request(3)], ['2 replaced', '3 requested'], null, 3],
  ['bound', [request(2), bound(2)], ['2 bound'], 2, null],
  ['withdrawn', [request(2), unbound(2, 4)], ['2 withdrawn'], null, null],
  ['unbound', [request(2), bound(2), unbound(2, 2)], ['2 unbound'], null, null],
  ['bound again', [request(2), bound(2), unbound(2, 2), request(3), bound(3)], ['2 unbound', '3 bound'], 3, null],
])('a binding that is %s', (_, events, states, platform, requested) => {
  const { bindings, organizations } = folded(...PARTIES, ...events)
  expect([...bindings.values()].map((row) => `${row.platform} ${row.state}`)).toEqual(states)
  expect(organizations.get(4)).toMatchObject({ platform, requested })
})

const keyAdded = (key: number, purpose: number, from = 0, to = 0): ContractEvent => ({
  name: 'KeyAdded',
  organization: 4,
  key: account(key),
  purpose,
  from,
  to,
})
const revoked = (key: number, purpose: number, last: number): ContractEvent => ({
  name: 'KeyRevoked',
  organization: 4,
  key: account(key),
  purpose,
  last,
})

test.each<[string, ContractEvent[], Record<number, object>]>([
  ['added', [keyAdded(7, 1, 1, 99)], { 7: { from: 1, to: 99, active: true, endedBlock: null } }],
  [
    'revoked after a sequence',
    [keyAdded(7, 1, 1, 99), revoked(7, 1, 12)],
    { 7: { from: 1, to: 12, active: true, endedBlock: FIRST_BLOCK + 1 } },
  ],
  ['revoked before its first', [keyAdded(7, 1, 5, 99), revoked(7, 1, 4)], { 7: { from: 5, to: 4, active: false } }],
  ['for acts, and revoked', [keyAdded(7, 3), revoked(7, 3, 0)], { 7: { from: 0, to: 0, active: false } }],
  [
    'for acts, and recovered',
    [
      keyAdded(7, 3),
      keyAdded(8, 1, 1, 99),
      { name: 'Recovered', organization: 4, recovery: account(77) },
      keyAdded(9, 3),
    ],
    { 7: { active: false }, 8: { active: true }, 9: { active: true } },
  ],
])('a key that is %s', (_, events, rows) => {
  const { keys } = folded(...PARTIES, ...events)
  for (const [key, row] of Object.entries(rows)) expect(keys.get(account(Number(key)))).toMatchObject(row)
})

test('an application is decided once, and its organization names it', () => {
  const after = (...events: ContractEvent[]) => folded(...PARTIES, applied(5), ...events)
  const state = (...events: ContractEvent[]) => after(...events).applications.get(application(5))
  expect(state()).toMatchObject({ state: 'open', batchKey: account(3), documentKey: null, block: FIRST_BLOCK })
  expect(state(approved(5))).toMatchObject({
    state: 'approved',
    organization: 5,
    regulator: 1,
    endedBlock: FIRST_BLOCK + 1,
  })
  expect(after(approved(5), register(5, 3)).organizations.get(5)?.application).toBe(application(5))
  const refused: ContractEvent = { name: 'Refused', application: application(5), regulator: 1, reason: HASH }
  expect(state(refused)).toMatchObject({ state: 'refused', organization: null })
  expect(state({ name: 'Lapsed', application: application(5) })?.state).toBe('lapsed')
  expect(() => after(register(5, 3))).toThrow(expect.objectContaining({ code: 'E_INDEX_EVENT' }))
})

test('a recovery waits until it is objected to or carried out; a suspension until it ends', () => {
  const waiting: ContractEvent = {
    name: 'RecoveryApproved',
    organization: 4,
    regulator: 1,
    newKey: account(8),
    newRecovery: account(9),
    reason: HASH,
    effective: 5000,
  }
  const of = (...events: ContractEvent[]) => folded(...PARTIES, ...events).organizations.get(4)
  expect(of(waiting)?.recoveryWaiting).toMatchObject({ newKey: account(8), effective: 5000, regulator: 1 })
  expect(
    of(waiting, { name: 'RecoveryObjected', organization: 4, newKey: account(8), by: account(1) })?.recoveryWaiting,
  ).toBeNull()
  const recovered: ContractEvent = { name: 'Recovered', organization: 4, recovery: account(9) }
  expect(of(waiting, recovered)).toMatchObject({ recoveryWaiting: null, recovery: account(9) })
  const suspended: ContractEvent = { name: 'Suspended', organization: 4, regulator: 1, reason: HASH }
  expect(of(suspended)?.suspended).toBe(true)
  expect(of(suspended, { name: 'Reinstated', organization: 4, regulator: 1, reason: HASH })?.suspended).toBe(false)
})
