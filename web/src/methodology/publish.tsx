import { type PublicationStatement, retirementOf } from '@tanlian/accounting'
import { parseCid } from '@tanlian/evidence'
import { weighPublication } from '@tanlian/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SignBox } from '../report/sign-box.tsx'
import '../report/texts.ts'
import { client } from '../service.ts'
import { useSession } from '../shell/session.ts'
import { type MethodologyRecord, methodologyList } from './record.ts'
import './texts.ts'

/** Organizations of whoever is signed in that may publish: regulators and platforms. */
export function usePublishers(): readonly { readonly id: number; readonly name: string | null }[] {
  const own = useSession().data?.organizations ?? []
  return own.filter(({ kind, role }) => (kind === 'regulator' || kind === 'platform') && role !== 'reader')
}

/** Publishes a tried version (发布): signed in this browser, logged, and from then on what reports may rest on. */
export function Publish({
  title,
  version,
  prepare,
}: {
  title: string
  version: string
  /** Made when it is signed: a draft that does not come out is refused here. */
  prepare: () => PublicationStatement
}) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [publisher] = usePublishers()
  const [published, setPublished] = useState<string>()
  if (published !== undefined)
    return (
      <p className="note verified" role="status">
        {t('methodology:life.done')}{' '}
        <Link to="/methodologies/$id" params={{ id: published }} search={{}}>
          {t('methodology:life.open')}
        </Link>
      </p>
    )
  if (publisher === undefined) return <p className="note">{t('methodology:life.who')}</p>
  return (
    <section className="sheet stack">
      <SignBox
        organization={publisher.id}
        label={t('methodology:life.publish')}
        summary={t('methodology:life.publishes', { title, version })}
        note={`publication/${title} ${version}`}
        prepare={() => weighPublication(client, publisher.id, prepare())}
        onLogged={() => {
          void queries.invalidateQueries(methodologyList)
          setPublished(prepare().content.subject.toString())
        }}
      />
    </section>
  )
}

/** Retires a version (停用), with the reason that everybody sees; reports that rest on it keep it. */
export function Retire({ item }: { item: MethodologyRecord }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const own = usePublishers().find(({ id }) => id === item.by)
  const [reason, setReason] = useState('')
  if (own === undefined) return null
  return (
    <details className="sheet">
      <summary>{t('methodology:life.retire')}</summary>
      <div className="stack">
        <label className="field">
          <span>{t('methodology:life.reason')}</span>
          <textarea rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {reason.trim() !== '' && (
          <SignBox
            organization={own.id}
            label={t('methodology:life.retire')}
            summary={t('methodology:life.retires', {
              title: i18n.language === 'en' ? item.en : item.zh,
              version: item.version,
              reports: item.reports,
            })}
            note={`retirement/${item.cid}`}
            prepare={() => weighPublication(client, own.id, retirementOf(item.kind, parseCid(item.cid), reason.trim()))}
            onLogged={() => void queries.invalidateQueries(methodologyList)}
          />
        )}
      </div>
    </details>
  )
}
