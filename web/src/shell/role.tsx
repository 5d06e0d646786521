import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { getJson } from '../service.ts'
import { currentRole, FIRST_PAGES, onRoleChange, ROLES, setRole } from './role.ts'

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

/** In the demo: a banner that says who you are, and a switch. A real instance shows neither. */
export function RoleBanner() {
  const { t } = useTranslation()
  const isDemo = useIsDemo()
  const role = useSyncExternalStore(onRoleChange, currentRole)
  const navigate = useNavigate()
  const choose = (text: string) => {
    const chosen = ROLES.find((one) => one === text) ?? 'public'
    setRole(chosen)
    void navigate({ to: FIRST_PAGES[chosen], search: {} })
  }
  if (!isDemo) return null
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
