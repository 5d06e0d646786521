import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatBytes } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { saveFile } from '../save-file.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { StatusWord } from '../shell/status.tsx'
import { DatasetCheck } from './dataset-check.tsx'
import { DatasetTable } from './dataset-table.tsx'
import { type LoadedDataset, loadDataset, loadText } from './load.ts'
import { readRows } from './rows.ts'
import { textsIn } from './texts.ts'

/** One data set: who published it, from where and on which terms, a check against the log, and its table to search and sort. */
export function DatasetPage() {
  const { t, i18n } = useTranslation()
  const { cid } = useParams({ strict: false }) as { cid: string }
  const loaded = useQuery({
    queryKey: ['dataset', cid],
    queryFn: () => loadDataset(cid),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  const file = useQuery({
    queryKey: ['dataset', cid, 'file'],
    queryFn: async () => {
      const text = await loadText((loaded.data as LoadedDataset).dataset)
      return { text, ...readRows(text) }
    },
    staleTime: Number.POSITIVE_INFINITY,
    enabled: loaded.data !== undefined,
    retry: 1,
  })
  const dataset = loaded.data?.dataset
  const error = loaded.error ?? file.error
  return (
    <Page
      title={dataset === undefined ? t('datasets.one') : textsIn(dataset.title, i18n.language)}
      lead={dataset === undefined ? undefined : textsIn(dataset.about, i18n.language)}
    >
      {(loaded.isPending || file.isPending) && error === null && <p role="status">{t('shell.loading')}</p>}
      {error !== null && (
        <>
          <p>
            <StatusWord word="unavailable" />
          </p>
          <Problem error={error} onRetry={() => void (loaded.isError ? loaded.refetch() : file.refetch())} />
        </>
      )}
      {loaded.data !== undefined && file.data !== undefined && (
        <>
          <DatasetCheck loaded={loaded.data} />
          <DatasetTable dataset={loaded.data.dataset} head={file.data.head} rows={file.data.rows} />
          <Origin loaded={loaded.data} text={file.data.text} />
        </>
      )}
    </Page>
  )
}

/** Where the data is from, on which terms, and the file itself to take away. */
function Origin({ loaded: { cid, document, dataset }, text }: { loaded: LoadedDataset; text: Uint8Array }) {
  const { t, i18n } = useTranslation()
  return (
    <section className="sheet">
      <h2>{t('datasets.origin')}</h2>
      <dl className="facts">
        <dt>{t('datasets.source')}</dt>
        <dd>{textsIn(dataset.source, i18n.language)}</dd>
        <dt>{t('datasets.licence')}</dt>
        <dd>{dataset.licence}</dd>
        <dt>{t('datasets.published')}</dt>
        <dd>
          <OrganizationLink id={document.organization} />
        </dd>
        <dt>CID</dt>
        <dd>
          <Link to="/batches/$cid" params={{ cid }} search={{}}>
            <code>{cid}</code>
          </Link>
        </dd>
      </dl>
      <div className="row">
        <button type="button" onClick={() => saveFile(dataset.file.name, 'text/csv', text)}>
          {t('datasets.download', { bytes: formatBytes(text.length) })}
        </button>
      </div>
    </section>
  )
}
