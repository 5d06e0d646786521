import type { Methodology } from '@tanlian/accounting'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { useMethodology } from '../methodology/names.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { type CaseRecord, type Finding, SEVERITIES, type Severity } from './record.ts'
import { useSubjectText } from './subject.ts'
import { SubjectPick } from './subject-pick.tsx'

/** Findings on rows of the report with what both sides said (问题与答复); the verifier raises and closes, the enterprise answers. */
export function Findings({
  path,
  as,
  report,
  findings,
  onChange,
}: {
  path: string
  as: CaseRecord['as']
  report: CaseRecord['report']
  findings: readonly Finding[]
  onChange: () => void
}) {
  const { t } = useTranslation()
  const methodology = useMethodology(report.methodology)
  return (
    <>
      <h2 className="part">{t('verification:findings')}</h2>
      {findings.length === 0 && <p className="note">{t('verification:noFindings')}</p>}
      {findings.map((finding) => (
        <Thread key={finding.id} {...{ path, as, finding, methodology, onChange }} />
      ))}
      {as === 'verifier' && <Raise {...{ path, report, methodology, onChange }} />}
    </>
  )
}

function Thread({
  path,
  as,
  finding,
  methodology,
  onChange,
}: {
  path: string
  as: CaseRecord['as']
  finding: Finding
  methodology: Methodology | undefined
  onChange: () => void
}) {
  const { t } = useTranslation()
  const textOf = useSubjectText(methodology)
  const { id, subject, severity, state, messages } = finding
  const kinds = as === 'verifier' ? (['request', 'note', 'closing'] as const) : (['answer'] as const)
  return (
    <section className="sheet stack">
      <div className="row between">
        <strong>{textOf(subject)}</strong>
        <span className={state === 'closed' ? 'status' : severity === 'hold' ? 'status failed' : 'status unchecked'}>
          {t(`verification:severity.${severity}`)} · {t(`verification:state.${state}`)}
        </span>
      </div>
      {messages.map((message) => (
        <blockquote key={`${message.at} ${message.words}`}>
          <p>{message.words}</p>
          <p className="small muted">
            {t(`verification:said.${message.kind}`)} · <OrganizationLink id={message.organization} />
            {/* Who signed in with a key has no name but its organization's. */}
            {message.who.startsWith('key:') ? '' : ` · ${message.who}`} · {formatMoment(Date.parse(message.at) / 1000)}
          </p>
        </blockquote>
      ))}
      {state !== 'closed' && (
        <Say
          labels={kinds.map((kind) => [kind, t(`verification:say.${kind}`)] as const)}
          send={(kind, words) => postJson(`${path}/findings/${id}/messages`, { kind, words })}
          onSent={onChange}
        />
      )}
    </section>
  )
}

/** One text with a button for each thing that it can be. */
function Say<K extends string>({
  labels,
  send,
  onSent,
}: {
  labels: readonly (readonly [K, string])[]
  send: (kind: K, words: string) => Promise<unknown>
  onSent: () => void
}) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const [error, setError] = useState<unknown>()
  const say = async (kind: K) => {
    setError(undefined)
    try {
      await send(kind, words)
      setWords('')
      onSent()
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <div className="stack">
      <label className="field">
        <span>{t('verification:words')}</span>
        <textarea rows={2} value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        {labels.map(([kind, label]) => (
          <button key={kind} type="button" disabled={words === ''} onClick={() => void say(kind)}>
            {label}
          </button>
        ))}
      </div>
    </div>
  )
}

function Raise({
  path,
  report,
  methodology,
  onChange,
}: {
  path: string
  report: CaseRecord['report']
  methodology: Methodology | undefined
  onChange: () => void
}) {
  const { t } = useTranslation()
  const [subject, setSubject] = useState('')
  const [severity, setSeverity] = useState<Severity>('question')
  return (
    <section className="sheet stack">
      <h3>{t('verification:raise')}</h3>
      <div className="grid">
        <SubjectPick methodology={methodology} results={report.outputs.map(({ name }) => name)} onPick={setSubject} />
        <label className="field">
          <span>{t('verification:severity.label')}</span>
          <select value={severity} onChange={(event) => setSeverity(event.target.value as Severity)}>
            {SEVERITIES.map((one) => (
              <option key={one} value={one}>
                {t(`verification:severity.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {subject !== '' && (
        <Say
          labels={[['finding', t('verification:raise')]]}
          send={(_kind, words) => postJson(`${path}/findings`, { subject, severity, words })}
          onSent={onChange}
        />
      )}
    </section>
  )
}
