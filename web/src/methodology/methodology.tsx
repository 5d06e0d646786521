import { type FactorSet, publicationOf } from '@tanlian/accounting'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Checks } from './checks.tsx'
import { SourceLine } from './confidence.tsx'
import { DryRun } from './dry-run.tsx'
import { writtenText } from './figure.ts'
import { MethodologyLife } from './life.tsx'
import { type Loaded, loadSubject } from './load.ts'
import { Publish, usePublishers } from './publish.tsx'
import { type MethodologyRecord, methodologyList } from './record.ts'
import { Rules } from './rules.tsx'
import './texts.ts'

/**
 * One methodology, factor set or set of cross-checks, by its id or CID: every equation, value and rule with its source, a trial with one's own numbers,
 * who published it, and which reports rest on it.
 */
export function MethodologyPage() {
  const { t, i18n } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const loaded = useQuery({
    queryKey: ['library', id],
    queryFn: () => loadSubject(id),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const list = useQuery(methodologyList)
  const { data } = loaded
  const head = data === undefined ? undefined : headOf(data)
  const item = list.data?.find(({ cid }) => cid === head?.cid.toString())
  return (
    <Page
      title={head === undefined ? t('methodology:one') : textsIn(head.name, i18n.language)}
      lead={data === undefined ? undefined : <Head loaded={data} />}
      actions={
        data !== undefined && 'program' in data ? (
          <Link to="/methodologies/edit" search={{ id: data.program.methodology.cid.toString() }} className="button">
            {t('methodology:edit.open')}
          </Link>
        ) : undefined
      }
    >
      {loaded.isPending && <p role="status">{t('shell.loading')}</p>}
      {loaded.isError && <Problem error={loaded.error} />}
      {data !== undefined && 'program' in data && (
        <>
          <DryRun key={data.program.methodology.cid.toString()} program={data.program} />
          <Rules program={data.program} />
        </>
      )}
      {data !== undefined && 'set' in data && <FactorTable set={data.set} />}
      {data !== undefined && 'checks' in data && <Checks checks={data.checks} />}
      {item !== undefined && <MethodologyLife item={item} />}
      {item?.state === 'library' && data !== undefined && <PublishShipped item={item} loaded={data} />}
    </Page>
  )
}

/** What comes with the platform is published from its own page; nothing is offered to who may not. */
function PublishShipped({ item, loaded }: { item: MethodologyRecord; loaded: Loaded }) {
  const { i18n } = useTranslation()
  if (usePublishers().length === 0) return null
  const sets = 'program' in loaded ? [...loaded.program.sets.values()] : []
  return (
    <Publish
      title={i18n.language === 'en' ? item.en : item.zh}
      version={item.version}
      prepare={() => publicationOf(loaded.document, sets)}
    />
  )
}

function headOf(loaded: Loaded) {
  if ('program' in loaded) return loaded.program.methodology
  return 'set' in loaded ? loaded.set : loaded.checks
}

function Head({ loaded }: { loaded: Loaded }) {
  const { t } = useTranslation()
  const head = headOf(loaded)
  const words =
    'from' in head
      ? t('methodology:valid', { version: head.version, from: head.from, to: head.to ?? '…' })
      : t('methodology:versioned', { version: head.version })
  return (
    <span className="stack small">
      <span>
        {words} · <code>{head.cid.toString()}</code>
      </span>
      {'program' in loaded && <SourceLine source={loaded.program.methodology.source} />}
    </span>
  )
}

/** The rows of a factor set (排放因子), each with its source. */
function FactorTable({ set }: { set: FactorSet }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('methodology:factor.title')}
      columns={[
        { head: t('methodology:factor.keys'), lead: true, cell: (row) => row.keys.join(' · ') || '–' },
        {
          head: t('methodology:factor.value'),
          number: true,
          cell: (row) => `${writtenText(row.text)} ${set.unit.text}`,
        },
        { head: t('methodology:factor.source'), cell: (row) => <SourceLine source={row.source} /> },
      ]}
      rows={set.rows}
      keyOf={(row) => row.keys.join('/')}
    />
  )
}
