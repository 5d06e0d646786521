import { DATASET_KIND } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatBytes } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { client, getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { type LoadedDataset, loadDataset } from './load.ts'
import { textsIn } from './texts.ts'

/** Organizations asked at once for what they published. */
const AT_ONCE = 8

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

/** Every data set that an organization of this platform logged, newest of each last. */
async function listDatasets(): Promise<readonly LoadedDataset[]> {
  const organizations: number[] = []
  for await (const { id } of client.organizations()) organizations.push(id)
  const found: LoadedDataset[] = []
  const askNext = async (): Promise<void> => {
    for (let id = organizations.shift(); id !== undefined; id = organizations.shift()) {
      const { items } = await getJson<ListPage<{ cid: string; document: string | null }>>(
        `/v1/organizations/${id}/entries?kind=2&limit=200`,
      )
      const cids = items.filter(({ document }) => document === DATASET_KIND).map(({ cid }) => cid)
      found.push(...(await Promise.all(cids.map(loadDataset))))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askNext))
  return found.sort(({ document: a }, { document: b }) => a.organization - b.organization || a.sequence - b.sequence)
}
