import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'

/** A page: its title in the window's name and as its heading, one sentence of what it is for, and what can be done first. */
export function Page({
  title,
  lead,
  narrow,
  actions,
  children,
}: {
  title: string
  lead?: ReactNode
  /** For forms and reading: lines stay short. */
  narrow?: boolean
  actions?: ReactNode
  children?: ReactNode
}) {
  useTitle(title)
  return (
    <div className={narrow === true ? 'page narrow' : 'page'}>
      <header className="page-head">
        <h1>{title}</h1>
        {lead !== undefined && <p>{lead}</p>}
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** Names the window or tab; several open pages are told apart by it, and a screen reader says it first. */
export function useTitle(title: string): void {
  const { t } = useTranslation()
  const brand = t('shell.brand')
  useEffect(() => {
    document.title = `${title} · ${brand}`
  }, [title, brand])
}
