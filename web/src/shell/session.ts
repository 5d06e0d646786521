import { useQuery } from '@tanstack/react-query'
import { getJson } from '../service.ts'

/** What a member may do in an organization; each has the rights of those before it. */
const RANKS = ['reader', 'editor', 'owner'] as const

/** Who is signed in, as `GET /v1/session` tells it. */
export interface Session {
  readonly person: { readonly id: string; readonly login: string; readonly name: string } | null
  readonly organizations: readonly {
    readonly id: number
    readonly kind: string | null
    readonly name: string | null
    readonly role: (typeof RANKS)[number]
  }[]
}

/** The session of this browser. */
export function useSession() {
  return useQuery({ queryKey: ['session'], queryFn: () => getJson<Session>('/v1/session'), retry: false })
}

/** Whether the person who is signed in has a role in an organization, or more than it. What is offered, not what is allowed: the platform decides. */
export function useHasRole(organization: number, role: (typeof RANKS)[number]): boolean {
  const own = useSession().data?.organizations.find(({ id }) => id === organization)
  return own !== undefined && RANKS.indexOf(own.role) >= RANKS.indexOf(role)
}
