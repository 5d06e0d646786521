import { LIBRARY } from '@tanlian/accounting/library'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { shorten } from '../format.ts'
import { Page } from '../shell/page.tsx'
import { type Column, Table } from '../shell/table.tsx'
import './texts.ts'

type Item = (typeof LIBRARY)[number]

/** How emissions are computed (方法学): every methodology and factor set, each a document that a report names by its CID. */
export function MethodologiesPage() {
  const { t, i18n } = useTranslation()
  const name: Column<Item> = {
    head: t('methodology:list.name'),
    lead: true,
    cell: (item) => (
      <Link to="/methodologies/$id" params={{ id: item.id }} search={{}}>
        {textsIn(item.name, i18n.language)}
      </Link>
    ),
  }
  const version: Column<Item> = { head: t('methodology:list.version'), cell: (item) => item.version }
  const cid: Column<Item> = {
    head: 'CID',
    cell: (item) => <code title={item.cid}>{shorten(item.cid)}</code>,
  }
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
      <Table
        label={t('methodology:list.title')}
        columns={[
          name,
          {
            head: t('methodology:list.sector'),
            cell: ({ sector }) => (sector === undefined ? '' : t(`methodology:sector.${sector}`, sector)),
          },
          version,
          cid,
        ]}
        rows={LIBRARY.filter(({ kind }) => kind === 'methodology')}
        keyOf={(item) => item.cid}
      />
      <h2 className="part">{t('methodology:list.factors')}</h2>
      <Table
        label={t('methodology:list.factors')}
        columns={[name, version, cid]}
        rows={LIBRARY.filter(({ kind }) => kind === 'factors')}
        keyOf={(item) => item.cid}
      />
    </Page>
  )
}
