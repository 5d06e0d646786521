import { Link, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

/** An address without a page. */
export function NotFound() {
  const { t } = useTranslation()
  const path = useLocation().pathname
  return (
    <div className="page narrow">
      <h1>{t('shell.notFound.title')}</h1>
      <p>{t('shell.notFound.body', { path })}</p>
      <Link className="button" to="/" search={{}}>
        {t('shell.notFound.home')}
      </Link>
    </div>
  )
}
