import { Outlet, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { OtherLanguage } from './other-language.tsx'
import { Mark, Shell } from './shell.tsx'

/** What stands around a page. The gateway's own page is served by a machine that has none of the others, so none is offered there. */
export function Frame() {
  const { pathname } = useLocation()
  return pathname === '/gateway' ? <GatewayFrame /> : <Shell />
}

function GatewayFrame() {
  const { t } = useTranslation()
  return (
    <>
      <header className="shell-head">
        <div>
          <span className="brand">
            <Mark />
            {t('shell.brand')}
          </span>
          <div className="shell-tools">
            <OtherLanguage />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  )
}
