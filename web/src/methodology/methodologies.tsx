import { LIBRARY } from '@tanlian/accounting/library'
import type { BothTexts } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatCount, shorten } from '../format.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { MethodologyStateWord } from './life.tsx'
import { type MethodologyRecord, methodologyList } from './record.ts'
import './texts.ts'

/** What comes with the platform and is not published: no report rests on it. */
const SHIPPED = ['allocation', 'checks'] as const

/**
 * How emissions are computed (方法学): every methodology and factor set with its state, the rules by which allowances are expected, and the cross-checks that
 * ask about reports; each a document named by its CID.
 */
export function MethodologiesPage() {
  const { t, i18n } = useTranslation()
  const list = useQuery(methodologyList)
  // Of several versions each has a page of its own.
  const linked = (cid: string, texts: BothTexts) => (
    <Link to="/methodologies/$id" params={{ id: cid }} search={{}}>
      {textsIn(texts, i18n.language)}
    </Link>
  )
  const columns: readonly Column<MethodologyRecord>[] = [
    { head: t('methodology:list.name'), lead: true, cell: (item) => linked(item.cid, item) },
    { head: t('methodology:list.version'), cell: ({ version }) => version },
    {
      head: t('methodology:list.valid'),
      cell: ({ from, to }) => (to === null ? t('methodology:list.since', { from }) : `${from} – ${to}`),
    },
    { head: t('methodology:list.state'), cell: ({ state }) => <MethodologyStateWord state={state} /> },
    { head: t('methodology:list.reports'), number: true, cell: ({ reports }) => formatCount(reports) },
    { head: 'CID', cell: ({ cid }) => <code title={cid}>{shorten(cid)}</code> },
  ]
  const sector: Column<MethodologyRecord> = {
    head: t('methodology:list.sector'),
    cell: (item) => (item.sector === null ? '' : t(`methodology:sector.${item.sector}`, item.sector)),
  }
  const [name, ...rest] = columns as [Column<MethodologyRecord>, ...Column<MethodologyRecord>[]]
  const rowsOf = (kind: MethodologyRecord['kind']) => (list.data ?? []).filter((item) => item.kind === kind)
  return (
    <Page
      title={t('methodology:list.title')}
      lead={t('methodology:list.lead')}
      actions={
        <Link to="/methodologies/edit" search={{}} className="button">
          {t('methodology:list.write')}
        </Link>
      }
    >
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      <Table
        label={t('methodology:list.title')}
        columns={[name, sector, ...rest]}
        rows={rowsOf('methodology')}
        keyOf={({ cid }) => cid}
      />
      <h2 className="part">{t('methodology:list.factors')}</h2>
      <Table
        label={t('methodology:list.factors')}
        columns={columns}
        rows={rowsOf('factors')}
        keyOf={({ cid }) => cid}
      />
      {SHIPPED.map((kind) => (
        <section key={kind}>
          <h2 className="part">{t(`methodology:shipped.${kind}.title`)}</h2>
          <p className="small muted">{t(`methodology:shipped.${kind}.lead`)}</p>
          <Table
            label={t(`methodology:shipped.${kind}.title`)}
            columns={[
              { head: t('methodology:list.name'), lead: true, cell: (item) => linked(item.cid, item.name) },
              { head: t('methodology:list.version'), cell: ({ version }) => version },
              { head: 'CID', cell: ({ cid }) => <code title={cid}>{shorten(cid)}</code> },
            ]}
            rows={LIBRARY.filter((item) => item.kind === kind)}
            keyOf={({ cid }) => cid}
          />
        </section>
      ))}
    </Page>
  )
}
