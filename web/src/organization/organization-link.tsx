import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getJson } from '../service.ts'
import { organizationName } from './name.ts'
import type { Organization } from './record.ts'

/** An organization by its name, leading to its page; its number until the name is known. */
export function OrganizationLink({ id }: { id: number }) {
  const name = useOrganizationName(id)
  return (
    <Link to="/organizations/$id" params={{ id: String(id) }} search={{}} title={`${id}`}>
      {name}
    </Link>
  )
}

/** The name of an organization, asked once for all the places that show it. */
export function useOrganizationName(id: number): string {
  const organization = useQuery({
    queryKey: ['organization', String(id)],
    queryFn: () => getJson<Organization>(`/v1/organizations/${id}`),
    staleTime: 60_000,
    enabled: id > 0,
  })
  return organization.data === undefined ? String(id) : organizationName(organization.data)
}
