import { keepAttachment } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { client, postJson } from '../service.ts'
import { FilePick } from '../shell/file-pick.tsx'
import { Problem } from '../shell/problem.tsx'
import type { CaseRecord } from './record.ts'

/** Site visits (现场核查): when, where, with whom, what was seen; photos are kept privately, the opinion signs their digests. */
export function Visits({
  organization,
  path,
  work: { visits, as, report },
  onChange,
}: {
  organization: number
  path: string
  work: CaseRecord
  onChange: () => void
}) {
  const { t } = useTranslation()
  return (
    <>
      <h2 className="part">{t('verification:visits')}</h2>
      {visits.length === 0 && <p className="note">{t('verification:noVisits')}</p>}
      {visits.map(({ id, at, place, people, words, files }) => (
        <section key={id} className="sheet">
          <h3>
            {place} · {formatMoment(at)}
          </h3>
          <p className="small muted">
            {people} · {t('verification:files', { count: files.length })}
          </p>
          <p>{words}</p>
        </section>
      ))}
      {as === 'verifier' && report.stage === 'submitted' && (
        <NewVisit organization={organization} path={path} onChange={onChange} />
      )}
    </>
  )
}

function NewVisit({ organization, path, onChange }: { organization: number; path: string; onChange: () => void }) {
  const { t } = useTranslation()
  const [at, setAt] = useState('')
  const [place, setPlace] = useState('')
  const [people, setPeople] = useState('')
  const [words, setWords] = useState('')
  const [files, setFiles] = useState<readonly string[]>([])
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>) => {
    setError(undefined)
    try {
      await work()
    } catch (cause) {
      setError(cause)
    }
  }
  const addPhoto = (file: File | undefined) =>
    run(async () => {
      if (file === undefined) return
      const bytes = new Uint8Array(await file.arrayBuffer())
      const { digest } = await keepAttachment(client, organization, file.name, bytes)
      setFiles((now) => [...now, digest])
    })
  const record = () =>
    run(async () => {
      await postJson(`${path}/visits`, { at: Math.floor(Date.parse(at) / 1000), place, people, words, files })
      setWords('')
      setFiles([])
      onChange()
    })
  return (
    <form
      className="sheet stack"
      onSubmit={(event) => {
        event.preventDefault()
        void record()
      }}
    >
      <h3>{t('verification:newVisit')}</h3>
      <div className="grid">
        <label className="field">
          <span>{t('verification:visitAt')}</span>
          <input type="datetime-local" required value={at} onChange={(event) => setAt(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('verification:place')}</span>
          <input required maxLength={200} value={place} onChange={(event) => setPlace(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('verification:people')}</span>
          <input required maxLength={400} value={people} onChange={(event) => setPeople(event.target.value)} />
        </label>
      </div>
      <label className="field">
        <span>{t('verification:seen')}</span>
        <textarea rows={3} required value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      <FilePick
        label={t('verification:addPhoto', { count: files.length })}
        accept=".jpg,.jpeg,.png,.pdf"
        onFile={(file) => void addPhoto(file)}
      />
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit">{t('verification:recordVisit')}</button>
      </div>
    </form>
  )
}
