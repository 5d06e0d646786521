import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatWindow, shorten } from '../format.ts'
import { getJson, postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import type { Alert, AlertWithNotes } from './record.ts'

const DAY_MS = 86_400_000

/** One alert: what broke the rule, all that happened since, and what can be done. */
export function AlertDetail({ alert, mayAct }: { alert: Alert; mayAct: boolean }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = `/v1/organizations/${alert.organization}/alerts/${alert.id}`
  const full = useQuery({ queryKey: ['alerts', path], queryFn: () => getJson<AlertWithNotes>(path) })
  const [problem, setProblem] = useState<unknown>(undefined)
  const act = (body: Readonly<Record<string, string>>) =>
    postJson(`${path}/acts`, body)
      .then(() => setProblem(undefined), setProblem)
      .finally(() => void queries.invalidateQueries({ queryKey: ['alerts'] }))
  return (
    <section className="sheet" aria-label={alert.name} data-testid="alert">
      <h2>{alert.name}</h2>
      <p>{t(`monitoring.found.${alert.kind}`, textValues(alert))}</p>
      <dl className="facts">
        <dt>{t('stream.when')}</dt>
        <dd>{formatWindow(alert.from, alert.to)}</dd>
        {alert.stream !== null && (
          <>
            <dt>{t('organization.streams.number')}</dt>
            <dd>
              <Link
                to="/organizations/$id/streams/$stream"
                params={{ id: String(alert.organization), stream: String(alert.stream) }}
                search={{ from: String(alert.from), to: String(alert.to) }}
              >
                {alert.stream}
              </Link>
            </dd>
          </>
        )}
        {alert.assignee !== null && (
          <>
            <dt>{t('monitoring.assignee')}</dt>
            <dd>{alert.assignee}</dd>
          </>
        )}
        {alert.mutedUntil !== null && (
          <>
            <dt>{t('monitoring.mutedUntil')}</dt>
            <dd>{formatMoment(Date.parse(alert.mutedUntil) / 1000)}</dd>
          </>
        )}
      </dl>
      <ol className="plain-list small" aria-label={t('monitoring.history')}>
        {full.data?.notes.map((note) => (
          <li key={`${note.at}/${note.what}`}>
            {formatMoment(Date.parse(note.at) / 1000)} · {t(`monitoring.what.${note.what}`)} ·{' '}
            <span className="muted" title={note.who}>
              {shorten(note.who, 8)}
            </span>
            {note.words !== null && <blockquote>{note.words}</blockquote>}
          </li>
        ))}
      </ol>
      {problem !== undefined && <Problem error={problem} />}
      {mayAct && alert.state !== 'resolved' && <Acts isOpen={alert.state === 'open'} onAct={act} />}
    </section>
  )
}

function Acts({
  isOpen,
  onAct,
}: {
  isOpen: boolean
  onAct: (body: Readonly<Record<string, string>>) => Promise<unknown>
}) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const text = words.trim()
  const send = (body: Readonly<Record<string, string>>) => void onAct(body).then(() => setWords(''))
  const comment = (event: FormEvent) => {
    event.preventDefault()
    if (text !== '') send({ act: 'comment', words: text })
  }
  return (
    <form className="stack" onSubmit={comment}>
      <label className="field">
        <span>{t('monitoring.words')}</span>
        <textarea rows={2} maxLength={1000} value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      <div className="row">
        {isOpen && (
          <button type="button" className="primary" onClick={() => send({ act: 'acknowledge' })}>
            {t('monitoring.act.acknowledge')}
          </button>
        )}
        <button type="submit" disabled={text === ''}>
          {t('monitoring.act.comment')}
        </button>
        <button
          type="button"
          disabled={text === '' || text.length > 100}
          onClick={() => send({ act: 'assign', to: text })}
        >
          {t('monitoring.act.assign')}
        </button>
        <button type="button" onClick={() => send({ act: 'mute', until: new Date(Date.now() + DAY_MS).toISOString() })}>
          {t('monitoring.act.mute')}
        </button>
        <button type="button" disabled={text === ''} onClick={() => send({ act: 'resolve', words: text })}>
          {t('monitoring.act.resolve')}
        </button>
      </div>
      <p className="small muted">{t('monitoring.actHelp')}</p>
    </form>
  )
}

/** The values of an alert as a sentence takes them: whole numbers grouped, what is not there as a dash. */
function textValues({ values, times }: Alert): Readonly<Record<string, string>> {
  const found: Record<string, string> = {
    least: '–',
    most: '–',
    why: '–',
    skipped: '0',
    repeated: '0',
    times: formatCount(times),
  }
  for (const [name, value] of Object.entries(values))
    found[name] = typeof value === 'number' ? formatCount(value) : value
  return found
}
