/** The five kinds of parties and the platform itself, as whom the demo can be looked at. */
export const ROLES = ['public', 'enterprise', 'regulator', 'verifier', 'exchange', 'platform'] as const
/** One of {@link ROLES}; it decides what is offered first, never what is allowed. */
export type Role = (typeof ROLES)[number]

/** What each sees first. */
export const FIRST_PAGES = {
  public: '/',
  enterprise: '/upload',
  regulator: '/verification',
  verifier: '/verification',
  exchange: '/organizations',
  platform: '/status',
} as const satisfies Readonly<Record<Role, string>>

const KEPT_AS = 'tanlian.role'
const listeners = new Set<() => void>()

/** The chosen role; the public's until another is chosen. */
export function currentRole(): Role {
  const kept = localStorage.getItem(KEPT_AS)
  return ROLES.find((role) => role === kept) ?? 'public'
}

/** Chooses a role on this device. */
export function setRole(role: Role): void {
  localStorage.setItem(KEPT_AS, role)
  for (const listener of listeners) listener()
}

/** Calls back after every change, until the returned function is called. */
export function onRoleChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
