import {
  compileMethodology,
  dryRun,
  type ExampleRun,
  type FactorSet,
  type Program,
  publicationOf,
  readMethodology,
} from '@tanlian/accounting'
import { readYaml } from '@tanlian/accounting/yaml'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { stringify } from 'yaml'
import { textsIn } from '../dataset/texts.ts'
import { saveFile } from '../save-file.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { DryRun } from './dry-run.tsx'
import { loadAllSets, loadSubject } from './load.ts'
import { Publish } from './publish.tsx'
import { Rules } from './rules.tsx'
import './texts.ts'

/** The methodology that a new one starts from. */
const FIRST = 'gas-combustion'

/** Writes a methodology as YAML (编写方法学): parsed, checked by kinds and tried out on its examples at every change, all in this browser. */
export function MethodologyEditor() {
  const { t } = useTranslation()
  const { id } = useSearch({ strict: false }) as { id?: string }
  const start = useQuery({
    queryKey: ['library', 'editor', id ?? FIRST],
    queryFn: async () => ({
      yaml: await textOf(id ?? FIRST),
      sets: await loadAllSets(),
    }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return (
    <Page title={t('methodology:edit.title')} lead={t('methodology:edit.lead')}>
      {start.isPending && <p role="status">{t('shell.loading')}</p>}
      {start.isError && <Problem error={start.error} />}
      {start.data !== undefined && <Editor key={id} yaml={start.data.yaml} sets={start.data.sets} />}
    </Page>
  )
}

function Editor({ yaml, sets }: { yaml: string; sets: readonly FactorSet[] }) {
  const { t, i18n } = useTranslation()
  const [text, setText] = useState(yaml)
  const settled = useDeferredValue(text)
  const made = useMemo(() => attempt(settled, sets), [settled, sets])
  return (
    <>
      <section className="sheet stack">
        <label>
          <span>{t('methodology:edit.yaml')}</span>
          <textarea
            className="code"
            rows={24}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {made instanceof Error ? (
          <Problem error={made} />
        ) : (
          <p role="status" data-testid="compiled">
            {t('methodology:edit.compiled', {
              equations: made.program.methodology.equations.length,
              held: made.runs.filter(holds).length,
              examples: made.runs.length,
            })}{' '}
            <code>{made.program.methodology.cid.toString()}</code>
          </p>
        )}
        {!(made instanceof Error) && <Differences runs={made.runs} />}
        <div className="row">
          <button
            type="button"
            onClick={() => saveFile('methodology.yaml', 'application/yaml', new TextEncoder().encode(text))}
          >
            {t('methodology:edit.save')}
          </button>
          <button type="button" className="plain" onClick={() => setText(yaml)} disabled={text === yaml}>
            {t('methodology:edit.undo')}
          </button>
        </div>
      </section>
      {!(made instanceof Error) && (
        <>
          <DryRun key={made.program.methodology.cid.toString()} program={made.program} />
          <Rules program={made.program} />
          <h2 className="part">{t('methodology:life.publish')}</h2>
          {made.ok ? (
            <Publish
              key={`publish ${made.program.methodology.cid}`}
              title={textsIn(made.program.methodology.name, i18n.language)}
              version={made.program.methodology.version}
              prepare={() => publicationOf(made.document, sets)}
            />
          ) : (
            <p className="note">{t('methodology:life.examplesFirst')}</p>
          )}
        </>
      )}
    </>
  )
}

/** Examples that do not come out as their author wrote, digit by digit. */
function Differences({ runs }: { runs: readonly ExampleRun[] }) {
  const { t, i18n } = useTranslation()
  return (
    <ul className="plain-list">
      {runs
        .filter((run) => !holds(run))
        .map(({ example, differences, refused }) => (
          <li key={example.words.en} className="note failed">
            {textsIn(example.words, i18n.language)}:{' '}
            {refused?.message ??
              differences
                .map(({ equation, said, shown }) => t('methodology:edit.differs', { equation, said, shown }))
                .join('; ')}
          </li>
        ))}
    </ul>
  )
}

type Made = {
  readonly document: unknown
  readonly program: Program
  /** Whether every example comes out: only then can it be published. */
  readonly ok: boolean
  readonly runs: readonly ExampleRun[]
}

function holds({ differences, refused }: ExampleRun): boolean {
  return differences.length === 0 && refused === undefined
}

function attempt(text: string, sets: readonly FactorSet[]): Made | Error {
  try {
    const document = readYaml(text)
    const program = compileMethodology(readMethodology(document), sets)
    return { document, program, ...dryRun(program) }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A methodology as its author wrote it; of one that was published elsewhere only what it says is known, not how it was laid out. */
async function textOf(idOrCid: string): Promise<string> {
  const { yaml, document } = await loadSubject(idOrCid)
  return yaml ?? stringify(document)
}
