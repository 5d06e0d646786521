import { type FactorSet, type Program, readFactors } from '@tanlian/accounting'
import { loadLibrary, loadProgram } from '@tanlian/accounting/library'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { SourceLine } from './confidence.tsx'
import { DryRun } from './dry-run.tsx'
import { writtenText } from './figure.ts'
import { Rules } from './rules.tsx'
import './texts.ts'

/** One methodology or factor set, by its id or CID: every equation, value and source, and a trial with one's own numbers. */
export function MethodologyPage() {
  const { t, i18n } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const loaded = useQuery({
    queryKey: ['library', id],
    queryFn: () => loadDocument(id),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const { data } = loaded
  const head = data === undefined ? undefined : 'program' in data ? data.program.methodology : data.set
  return (
    <Page
      title={head === undefined ? t('methodology:one') : textsIn(head.name, i18n.language)}
      lead={head === undefined ? undefined : <Head head={head} source={data} />}
      actions={
        data !== undefined && 'program' in data ? (
          <Link to="/methodologies/edit" search={{ id: data.program.methodology.id }} className="button">
            {t('methodology:edit.open')}
          </Link>
        ) : undefined
      }
    >
      {loaded.isPending && <p role="status">{t('shell.loading')}</p>}
      {loaded.isError && <Problem error={loaded.error} />}
      {data !== undefined &&
        ('program' in data ? (
          <>
            <DryRun key={data.program.methodology.cid.toString()} program={data.program} />
            <Rules program={data.program} />
          </>
        ) : (
          <FactorTable set={data.set} />
        ))}
    </Page>
  )
}

type Loaded = { readonly program: Program } | { readonly set: FactorSet }

async function loadDocument(id: string): Promise<Loaded> {
  const { item, document } = await loadLibrary(id)
  return item.kind === 'factors' ? { set: readFactors(document) } : { program: await loadProgram(id) }
}

function Head({ head, source }: { head: Program['methodology'] | FactorSet; source: Loaded | undefined }) {
  const { t } = useTranslation()
  return (
    <span className="stack small">
      <span>
        {t('methodology:valid', { version: head.version, from: head.from, to: head.to ?? '…' })} ·{' '}
        <code>{head.cid.toString()}</code>
      </span>
      {source !== undefined && 'program' in source && <SourceLine source={source.program.methodology.source} />}
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
