import { kindInfo } from '@tanlian/evidence'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ReadingView } from '../device/reading-view.tsx'
import { formatCount, formatMoment } from '../format.ts'
import type { SampledReading } from './record.ts'

/** The sampled readings, one at a time: N and P go to the next and the one before; each is opened down to its raw frame. */
export function SampleList({ organization, items }: { organization: number; items: readonly SampledReading[] }) {
  const { t, i18n } = useTranslation()
  const [at, setAt] = useState(0)
  useEffect(() => {
    const step = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.ctrlKey || event.metaKey || event.altKey || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
      if (event.key === 'n') setAt((now) => Math.min(items.length - 1, now + 1))
      if (event.key === 'p') setAt((now) => Math.max(0, now - 1))
    }
    addEventListener('keydown', step)
    return () => removeEventListener('keydown', step)
  }, [items.length])
  const item = items[at]
  if (item === undefined) return <p className="note">{t('verification:noSample')}</p>
  const kind = kindInfo(Number.parseInt(item.type.slice(0, 6), 16))
  return (
    <>
      <section className="sheet stack">
        <div className="row between">
          <strong>{t('verification:sampleAt', { at: formatCount(at + 1), of: formatCount(items.length) })}</strong>
          <span className="row">
            <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
              {t('verification:before')} <kbd>P</kbd>
            </button>
            <button type="button" disabled={at === items.length - 1} onClick={() => setAt(at + 1)}>
              {t('verification:next')} <kbd>N</kbd>
            </button>
          </span>
        </div>
        <p>
          <Link
            to="/organizations/$id/streams/$stream"
            params={{ id: String(organization), stream: String(item.stream) }}
            search={{}}
          >
            {t('verification:stream', { stream: item.stream })}
          </Link>{' '}
          · {kind === undefined ? item.type : i18n.language === 'en' ? kind.en : kind.zh} · {formatMoment(item.start)}
        </p>
      </section>
      {item.batch === null ? (
        <p className="note">{t('verification:noBatch')}</p>
      ) : (
        <ReadingView key={item.key} cid={item.batch} stream={item.stream} start={item.start} />
      )}
    </>
  )
}
