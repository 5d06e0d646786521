import { decodePackage, type EvidencePackage, encodePackage, kindInfo, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatMoment, formatQuantity, formatWindow } from '../format.ts'
import { useOrganizationName } from '../organization/organization-link.tsx'
import type { Search } from '../search.ts'
import { client } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { AnswerSign } from '../shell/status.tsx'
import { anyDay } from './any-day.ts'
import type { ChainAddress } from './ask-chain.ts'
import type { CheckNews } from './check.worker.ts'
import { filterOf, requestOf, typeNumber } from './filter.ts'
import { logBefore } from './old-log.ts'
import { chainOf, runCheck } from './run-check.ts'
import {
  alterQuantity,
  answerFromOldRoot,
  dropReading,
  forgeSignature,
  hideBatch,
  moveTime,
  reorder,
  TAMPERS,
  type Tampered,
  type TamperName,
} from './tamper.ts'
import { VerdictView } from './verdict-view.tsx'

/** A real package of this platform, and where to ask the chain about it. */
interface Sample {
  readonly pack: EvidencePackage
  readonly bytes: Uint8Array
  readonly chain: ChainAddress | undefined
}
type Checked = Extract<CheckNews, { stage: 'checked' }>
type Name = TamperName | 'untouched'

/** The tamper lab (篡改实验): a real evidence package, really altered in this browser, and the check that notices. */
export function TamperLab() {
  const { t } = useTranslation()
  const search = useSearch({ strict: false })
  const sample = useQuery({
    queryKey: ['sample', JSON.stringify(search)],
    queryFn: () => loadSample(search),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const [results, setResults] = useState<
    Readonly<Partial<Record<Name, { readonly checked: Checked; readonly values: Tampered['values'] }>>>
  >({})
  const [chosen, setChosen] = useState<Name | undefined>(undefined)
  const [missing, setMissing] = useState<readonly Name[]>([])
  const [error, setError] = useState<unknown>(undefined)

  const run = async (name: Name) => {
    if (sample.data === undefined) return
    setChosen(name)
    setError(undefined)
    try {
      const tampered = await tamper(name, sample.data)
      if (tampered === undefined) {
        setMissing((now) => [...now, name])
        return
      }
      const bytes = name === 'untouched' ? sample.data.bytes : encodePackage(tampered.pack)
      const news = await runCheck({ bytes, chain: sample.data.chain }, () => undefined)
      if (news.stage === 'failed') throw new TanlianError(news.code, news.message)
      if (news.stage === 'checked')
        setResults((now) => ({ ...now, [name]: { checked: news, values: tampered.values } }))
    } catch (cause) {
      setError(cause)
    }
  }
  const result = chosen === undefined ? undefined : results[chosen]
  return (
    <Page title={t('tamper.title')} lead={t('tamper.lead')}>
      {sample.isPending && <p role="status">{t('tamper.loading')}</p>}
      {sample.isError && (
        <>
          <Problem error={sample.error} onRetry={() => void sample.refetch()} />
          <Link className="button" to="/upload" search={{}}>
            {t('shell.nav.upload')}
          </Link>
        </>
      )}
      {sample.data !== undefined && (
        <>
          <SampleNote sample={sample.data} />
          <div className="lab">
            <ul className="lab-list">
              {(['untouched', ...TAMPERS] as const).map((name) => (
                <li key={name}>
                  <button type="button" aria-pressed={chosen === name} onClick={() => void run(name)}>
                    <span>
                      {t(`tamper.way.${name}.title`)}
                      <small className="muted">{t(`tamper.way.${name}.body`)}</small>
                    </span>
                    <Mark checked={results[name]?.checked} />
                  </button>
                </li>
              ))}
            </ul>
            <div aria-live="polite">
              {chosen === undefined && <p className="note">{t('tamper.choose')}</p>}
              {chosen !== undefined && (
                <div className="sheet">
                  <h2>{t(`tamper.way.${chosen}.title`)}</h2>
                  {result !== undefined && Object.keys(result.values).length > 0 && (
                    <Changed name={chosen} values={result.values} pack={sample.data.pack} />
                  )}
                  {missing.includes(chosen) && <p className="note unchecked">{t('tamper.notHere')}</p>}
                  {error !== undefined && <Problem error={error} />}
                  {result === undefined && error === undefined && !missing.includes(chosen) && (
                    <p role="status">{t('trace.stages.checking')}</p>
                  )}
                  {result !== undefined && <Caught checked={result.checked} />}
                </div>
              )}
              {result !== undefined && (
                <VerdictView verdict={result.checked.verdict} chainError={result.checked.chainError} />
              )}
            </div>
          </div>
        </>
      )}
    </Page>
  )
}

async function tamper(name: Name, { pack, chain }: Sample): Promise<Tampered | undefined> {
  switch (name) {
    case 'untouched':
      return { pack, values: {} }
    case 'quantity':
      return alterQuantity(pack)
    case 'drop':
      return dropReading(pack)
    case 'reorder':
      return reorder(pack)
    case 'time':
      return moveTime(pack)
    case 'signature':
      return forgeSignature(pack)
    case 'hide':
      return hideBatch(pack)
    case 'old-root': {
      const at = pack.headers.length - 1
      const old = await logBefore(pack.inclusion.indexes[at] ?? 0, pack.log.block, chain)
      return old === undefined ? undefined : answerFromOldRoot(pack, old)
    }
  }
}

function SampleNote({ sample: { pack, bytes } }: { sample: Sample }) {
  const { t } = useTranslation()
  const { organization, from, to } = pack.question
  return (
    <p className="note">
      {t('tamper.sample', {
        organization: useOrganizationName(organization),
        window: formatWindow(from, to),
        batches: formatCount(pack.headers.length),
        bytes: formatBytes(bytes.length),
      })}
    </p>
  )
}

function Mark({ checked }: { checked: Checked | undefined }) {
  const { t } = useTranslation()
  if (checked === undefined) return null
  const failed = checked.verdict.status === 'failed'
  const tone = failed ? 'failed' : checked.verdict.status
  return (
    <span className={`status ${tone}`}>
      <AnswerSign ok={failed ? false : checked.verdict.status === 'verified' ? true : null} />
      {t(
        failed
          ? 'tamper.caught'
          : checked.verdict.status === 'verified'
            ? 'status.verified.word'
            : 'check:verdict.open',
      )}
    </span>
  )
}

/** Which check noticed, in one sentence. */
function Caught({ checked }: { checked: Checked }) {
  const { t } = useTranslation()
  const line = checked.verdict.lines.find((one) => one.ok === false)
  if (line === undefined) return null
  return (
    <p className="note failed" data-caught={line.step}>
      <strong>{t('tamper.caughtBy', { step: t(`check:step.${line.step}.title`) })}</strong>
    </p>
  )
}

/** What was altered, before and after, with units where there are any. */
function Changed({ name, values, pack }: { name: Name; values: Tampered['values']; pack: EvidencePackage }) {
  const { t } = useTranslation()
  const kind = kindInfo(
    Number.parseInt(
      toHex(pack.question.types[0] ?? new Uint8Array())
        .slice(0, 6)
        .padEnd(6, '0'),
      16,
    ),
  )
  const text = (field: string, value: string | number): string => {
    if (typeof value !== 'number') return value
    if (name === 'time' || field === 'start') return formatMoment(value)
    if ((name === 'quantity' || field === 'quantity') && field !== 'sequence' && kind?.sort === 'delta')
      return formatQuantity(BigInt(value), 1n, kind)
    return formatCount(value)
  }
  return (
    <dl className="facts">
      {Object.entries(values).map(([field, value]) => (
        <div key={field} className="contents">
          <dt>{t(`tamper.changed.${field}`)}</dt>
          <dd>{text(field, value)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The question in the address, else one day of the first enterprise that has signed anything, with every reading opened. */
async function loadSample(search: Search): Promise<Sample> {
  const where = await client.wellKnown()
  const filter = filterOf(search) ?? (await anyDay(client))
  const streams = []
  for await (const item of client.streams(filter.organization))
    streams.push({ stream: item.stream, type: typeNumber(item.type) })
  const bytes = await client.trace(filter.organization, requestOf({ ...filter, mode: 'readings' }, streams))
  return { bytes, pack: decodePackage(bytes), chain: chainOf(where) }
}
