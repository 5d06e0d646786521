import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { getJson } from '../service.ts'
import { currentRole, FIRST_PAGES, onRoleChange, ROLES, setRole } from './role.ts'
import { useSession } from './session.ts'

const KEPT_AS = 'tanlian.demo'

/** True on an instance that was started as a demo. Until it says so again, what it said the last time: the banner is there at once, and nothing jumps. */
export function useIsDemo(): boolean {
  const where = useQuery({
    queryKey: ['well-known'],
    queryFn: async () => {
      const said = await getJson<{ demo?: boolean }>('/.well-known/tanlian.json')
      localStorage.setItem(KEPT_AS, String(said.demo === true))
      return said
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  return where.data === undefined ? localStorage.getItem(KEPT_AS) === 'true' : where.data.demo === true
}

/** In the demo: a banner that says who you are, and a switch until you have signed in. A real instance shows neither. */
export function RoleBanner() {
  return useIsDemo() ? <WhoYouAre /> : null
}

function WhoYouAre() {
  const { t, i18n } = useTranslation()
  const { data } = useSession()
  const role = useSyncExternalStore(onRoleChange, currentRole)
  const navigate = useNavigate()
  const choose = (text: string) => {
    const chosen = ROLES.find((one) => one === text) ?? 'public'
    setRole(chosen)
    void navigate({ to: FIRST_PAGES[chosen], search: {} })
  }
  if (data !== undefined && data.person !== null) {
    const kinds = new Set(data.organizations.map(({ kind }) => `shell.role.${kind}`).filter((key) => i18n.exists(key)))
    const who = [data.person.name, ...[...kinds].map((key) => t(key))].join(' · ')
    return (
      <aside className="banner" aria-label={t('shell.role.banner')}>
        <div>
          {t('shell.role.banner')} <Link to="/sign-in">{who}</Link>
        </div>
      </aside>
    )
  }
  return (
    <aside className="banner" aria-label={t('shell.role.label')}>
      <div>
        <label htmlFor="role">{t('shell.role.banner')}</label>
        <select id="role" value={role} title={t('shell.role.note')} onChange={(event) => choose(event.target.value)}>
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {t(`shell.role.${one}`)}
            </option>
          ))}
        </select>
      </div>
    </aside>
  )
}
