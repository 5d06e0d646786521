import { DATASET_KIND } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatBytes } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { type LoadedDataset, loadDataset } from './load.ts'
import { textsIn } from './texts.ts'

/** Data sets listed; more are found from the pages of their publishers. */
const SHOWN = 100

/** Tables that organizations put on record (文件存证): each describes its own columns, names its source, and stands in the log. */
export function DatasetsPage() {
  const { t, i18n } = useTranslation()
  const list = useQuery({ queryKey: ['datasets'], queryFn: listDatasets, staleTime: 60_000 })
  return (
    <Page title={t('datasets.title')} lead={t('datasets.lead')}>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.length === 0 && <p className="note">{t('datasets.empty')}</p>}
      <ul className="plain-list">
        {list.data?.map(({ cid, dataset, document }) => (
          <li key={cid} className="sheet">
            <h2>
              <Link to="/datasets/$cid" params={{ cid }} search={{}}>
                {textsIn(dataset.title, i18n.language)}
              </Link>
            </h2>
            <p>{textsIn(dataset.about, i18n.language)}</p>
            <p className="small muted">
              {t('datasets.published')} <OrganizationLink id={document.organization} />
              {' · '}
              {t('datasets.from', {
                source: textsIn(dataset.source, i18n.language),
                licence: dataset.licence,
                bytes: formatBytes(dataset.file.bytes),
              })}
            </p>
          </li>
        ))}
      </ul>
    </Page>
  )
}

/** The data sets of this platform with what they say of themselves; the tables stay where they are until one is opened. */
async function listDatasets(): Promise<readonly LoadedDataset[]> {
  const { items } = await getJson<ListPage<{ cid: string }>>(`/v1/documents?kind=${DATASET_KIND}&limit=${SHOWN}`)
  return Promise.all(items.map(({ cid }) => loadDataset(cid)))
}
