import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Help } from './help.tsx'
import { OtherLanguage } from './other-language.tsx'
import { GROUPS, PAGES } from './pages.ts'
import { Palette } from './palette.tsx'
import { RoleBanner } from './role.tsx'

const IN_HEAD = PAGES.filter((page) => page.inHead)

/** What stands around every page: skip link, role banner, navigation, language, and the two dialogs that keys open. */
export function Shell() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'palette' | 'help' | undefined>(undefined)
  const close = () => setOpen(undefined)

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, [contenteditable]') !== null
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setOpen('palette')
      } else if (event.key === '?' && !typing) setOpen('help')
      else if (event.key === '/' && !typing) {
        event.preventDefault()
        void navigate({ to: '/', search: {} }).then(() => document.getElementById('search')?.focus())
      }
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [navigate])

  return (
    <>
      <a className="skip" href="#main">
        {t('shell.skip')}
      </a>
      <RoleBanner />
      <header className="shell-head">
        <div>
          <Link className="brand" to="/" search={{}}>
            <Mark />
            {t('shell.brand')}
          </Link>
          <nav className="shell-nav" aria-label={t('shell.nav.label')}>
            {IN_HEAD.map((page) => (
              <PageLink key={page.to} page={page} />
            ))}
          </nav>
          <div className="shell-tools">
            <button type="button" className="plain wide" onClick={() => setOpen('palette')}>
              {t('shell.palette.open')} <kbd>Ctrl K</kbd>
            </button>
            <button type="button" className="plain wide" onClick={() => setOpen('help')}>
              {t('shell.help.open')} <kbd>?</kbd>
            </button>
            <OtherLanguage />
            <PhoneMenu />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="shell-foot">
        <div>
          <nav className="site-map" aria-label={t('shell.nav.all')}>
            <SiteMap />
          </nav>
          <p>{t('shell.foot.promise')}</p>
        </div>
      </footer>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'help' && <Help onClose={close} />}
    </>
  )
}

function PageLink({ page, onClick }: { page: (typeof PAGES)[number]; onClick?: () => void }) {
  const { t } = useTranslation()
  const text = t(`shell.nav.${page.name}`)
  // Pages outside the app (the check page, the API's own page) are whole documents, not routes.
  if (page.document) return <a href={page.to}>{text}</a>
  return (
    <Link
      to={page.to}
      search={{}}
      activeOptions={{ includeSearch: false }}
      {...(onClick === undefined ? {} : { onClick })}
    >
      {text}
    </Link>
  )
}

/** Every page, by what it is for. */
function SiteMap({ onClick }: { onClick?: () => void }) {
  const { t } = useTranslation()
  return GROUPS.map((group) => (
    <div key={group}>
      <h2>{t(`shell.group.${group}`)}</h2>
      {PAGES.filter((page) => page.group === group).map((page) => (
        <PageLink key={page.to} page={page} {...(onClick === undefined ? {} : { onClick })} />
      ))}
    </div>
  ))
}

function PhoneMenu() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  return (
    <div className="shell-menu">
      <button type="button" aria-expanded={open} aria-controls="phone-menu" onClick={() => setOpen(!open)}>
        {t('shell.menu')}
      </button>
      {open && (
        <nav id="phone-menu" className="site-map" aria-label={t('shell.nav.label')}>
          <SiteMap onClick={() => setOpen(false)} />
        </nav>
      )}
    </div>
  )
}

/** The evidence tree as a mark. */
export function Mark() {
  return (
    <svg
      viewBox="0 0 32 32"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
    >
      <path d="M16 7 8 16M16 7l8 9M8 16l-4 9M8 16l4 9M24 16l-4 9M24 16l4 9" />
      <circle cx="16" cy="7" r="2.4" fill="currentColor" />
    </svg>
  )
}
