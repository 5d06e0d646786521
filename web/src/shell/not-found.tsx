import { Link, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Page } from './page.tsx'

/** An address without a page. */
export function NotFound() {
  const { t } = useTranslation()
  const path = useLocation().pathname
  return (
    <Page narrow title={t('shell.notFound.title')} lead={t('shell.notFound.body', { path })}>
      <Link className="button" to="/" search={{}}>
        {t('shell.notFound.home')}
      </Link>
    </Page>
  )
}
