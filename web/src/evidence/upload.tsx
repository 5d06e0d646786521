import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { type OpenKey, Unlock } from '../organization/unlock.tsx'
import { useChoice } from '../privacy/record.ts'
import { client } from '../service.ts'
import { FilePick } from '../shell/file-pick.tsx'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { guessFields, type MappingFields, mappingOf } from './mapping-fields.ts'
import { MappingForm } from './mapping-form.tsx'
import type { UploadNews, UploadOrder } from './upload.worker.ts'
import { UploadPlan } from './upload-plan-view.tsx'
import { UploadPrivacy } from './upload-privacy.tsx'
import { UploadProgress } from './upload-progress.tsx'

type News<N extends UploadNews['news']> = Extract<UploadNews, { news: N }>

/** Upload (上传): a file is read, checked, cut into batches, signed and sent by this browser; the platform sees only what was signed. */
export function UploadPage() {
  const { t } = useTranslation()
  const worker = useRef<Worker | undefined>(undefined)
  const [key, setKey] = useState<OpenKey | undefined>(undefined)
  const [opened, setOpened] = useState<News<'opened'> | undefined>(undefined)
  const [fields, setFields] = useState<MappingFields | undefined>(undefined)
  const [plan, setPlan] = useState<News<'planned'>['plan'] | undefined>(undefined)
  const [progress, setProgress] = useState<(News<'progress'> & { readonly sinceMs: number }) | undefined>(undefined)
  const [batches, setBatches] = useState<readonly News<'batch'>[]>([])
  const [sent, setSent] = useState<News<'sent'> | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const organization = key?.organization
  const name = useOrganizationName(organization ?? 0)
  const streams = useQuery({
    queryKey: ['streams', organization],
    queryFn: async () => {
      const numbers: number[] = []
      for await (const { stream } of client.streams(organization ?? 0)) numbers.push(stream)
      return numbers
    },
    enabled: organization !== undefined,
  })
  const choice = useChoice(organization ?? 0)
  const nextStream = Math.max(0, ...(streams.data ?? [])) + 1

  useEffect(() => () => worker.current?.terminate(), [])

  const hear = (news: UploadNews) => {
    if (news.news === 'opened') {
      setOpened(news)
      setFields(guessFields(news.columns, news.sample, nextStream))
    } else if (news.news === 'progress')
      setProgress((now) => ({ ...news, sinceMs: now?.what === news.what ? now.sinceMs : Date.now() }))
    else if (news.news === 'planned') setPlan(news.plan)
    else if (news.news === 'batch') setBatches((now) => [...now, news])
    else if (news.news === 'sent') setSent(news)
    else setError(new TanlianError(news.code, news.message))
    if (news.news !== 'progress' && news.news !== 'batch') setProgress(undefined)
  }
  const order = (what: UploadOrder) => worker.current?.postMessage(what)
  const open = (file: File | undefined) => {
    if (file === undefined) return
    stop()
    worker.current = new Worker(new URL('./upload.worker.ts', import.meta.url), { type: 'module' })
    worker.current.onmessage = ({ data }: MessageEvent<UploadNews>) => hear(data)
    worker.current.onerror = (event) => setError(new Error(event.message))
    order({ order: 'open', file })
  }
  const stop = () => {
    worker.current?.terminate()
    worker.current = undefined
    setOpened(undefined)
    setFields(undefined)
    setPlan(undefined)
    setProgress(undefined)
    setBatches([])
    setSent(undefined)
    setError(undefined)
  }
  const mapping = fields === undefined || opened === undefined ? undefined : mappingOf(fields, opened.protocol)
  const send = () => {
    if (key?.organization === undefined || choice.data === undefined) return
    setError(undefined)
    const { organization: of, privateKey } = key
    order({
      ...{ order: 'send', organization: of, key: privateKey.slice(), origin: location.origin },
      choice: choice.data.since,
    })
  }
  const step = key === undefined ? 'key' : opened === undefined ? 'file' : plan === undefined ? 'map' : 'send'
  return (
    <Page title={t('upload.title')} lead={t('upload.lead')}>
      <ol className="steps">
        {(['key', 'file', 'map', 'send'] as const).map((one) => (
          <li key={one} aria-current={one === step ? 'step' : undefined}>
            {t(`upload.step.${one}`)}
          </li>
        ))}
      </ol>
      {key === undefined && (
        <section className="sheet">
          <h2>{t('upload.step.key')}</h2>
          <Unlock purpose="batches" onOpen={setKey} />
        </section>
      )}
      {key !== undefined && key.organization === undefined && <p className="note failed">{t('review.unregistered')}</p>}
      {streams.isError && <Problem error={streams.error} />}
      {/* A file opened before the plant's streams are known would be given the number of another meter's stream. */}
      {key?.organization !== undefined && streams.data !== undefined && (
        <>
          <p className="note">{t('upload.as', { organization: name })}</p>
          <section className="sheet">
            <h2>{t('upload.step.file')}</h2>
            <FilePick label={t('upload.choose')} accept=".csv,.txt,.tsv,.xlsx" onFile={open} />
            <p className="small muted">
              {t('upload.template')}{' '}
              <a href="/template.csv" download>
                {t('upload.templateLink')}
              </a>
            </p>
          </section>
        </>
      )}
      {opened !== undefined && fields !== undefined && sent === undefined && (
        <section className="sheet">
          <h2>{t('upload.step.map')}</h2>
          <Sample columns={opened.columns} rows={opened.sample} />
          <MappingForm
            columns={opened.columns}
            fields={fields}
            onChange={(changed) => {
              setFields(changed)
              setPlan(undefined)
            }}
          />
          <div className="row">
            <button
              type="button"
              className={plan === undefined ? 'primary' : ''}
              disabled={mapping === undefined || progress !== undefined}
              onClick={() => {
                setError(undefined)
                order({ order: 'plan', mapping })
              }}
            >
              {t('upload.check')}
            </button>
            {mapping === undefined && <span className="small muted">{t('upload.incomplete')}</span>}
          </div>
        </section>
      )}
      {error !== undefined && <Problem error={error} />}
      {progress !== undefined && <UploadProgress progress={progress} onStop={stop} />}
      {choice.isError && <Problem error={choice.error} onRetry={() => void choice.refetch()} />}
      {plan !== undefined && sent === undefined && choice.data !== undefined && fields !== undefined && (
        <UploadPrivacy organization={organization ?? 0} choice={choice.data} columns={fields.columns} />
      )}
      {plan !== undefined && (
        <UploadPlan
          plan={plan}
          batches={batches}
          sent={sent}
          busy={progress !== undefined || choice.data === undefined}
          columns={opened?.columns ?? []}
          onSend={send}
        />
      )}
    </Page>
  )
}

function Sample({ columns, rows }: { columns: readonly string[]; rows: readonly (readonly string[])[] }) {
  const { t } = useTranslation()
  return (
    <ScrollBox className="table-wrap preview" label={t('upload.sample')}>
      <table>
        <caption>{t('upload.sample')}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 5).map((row) => (
            <tr key={row.join('\t')}>
              {columns.map((column, at) => (
                <td key={column}>{row[at] ?? ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
