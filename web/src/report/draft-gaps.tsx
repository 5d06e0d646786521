import type { Program } from '@tanlian/accounting'
import { periodOf } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatCount, formatSeconds } from '../format.ts'
import { methodologyList } from '../methodology/record.ts'
import type { DraftRecord } from './draft-record.ts'

/** What is missing before anything else (缺漏): inputs, checks that do not hold, and how the data was collected. */
export function DraftGaps({ draft, program }: { draft: DraftRecord; program: Program }) {
  const { t, i18n } = useTranslation()
  const nameOf = (name: string) => {
    const input = program.methodology.inputs.find((one) => one.name === name)
    return input === undefined ? name : textsIn(input.words, i18n.language)
  }
  const list = useQuery(methodologyList)
  const item = list.data?.find(({ cid }) => cid === draft.methodology)
  const checks = draft.checks.filter(({ rows }) => rows.length > 0)
  const patchy = draft.collection.filter(({ gaps, repeated }) => gaps > 0 || repeated > 0)
  const { from, to } = program.methodology
  const first = periodOf(draft.from, 'day', draft.zone)
  const last = periodOf(draft.to - 1, 'day', draft.zone)
  // Days of this form stand in the order of their text.
  const isOutside = first < from || (to !== undefined && last > to)
  const notes = [
    ...(draft.latest?.locked === true ? [t('report:draft.locked')] : []),
    ...(item !== undefined && item.state !== 'published' && draft.corrects === null
      ? [t('report:draft.unpublished')]
      : []),
    ...(isOutside ? [t('report:draft.outside', { from, to: to ?? '…' })] : []),
    ...(draft.witnesses.short > 0 ? [t('report:draft.witnesses', { ...draft.witnesses })] : []),
  ]
  return (
    <section className="sheet stack" aria-label={t('report:gaps.title')}>
      <h2>{t('report:gaps.title')}</h2>
      {draft.missing.length === 0 && draft.problem === null && checks.length === 0 && patchy.length === 0 && (
        <p>{t('report:gaps.none')}</p>
      )}
      {notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
      {draft.missing.length > 0 && (
        <p className="note failed">
          {t('report:gaps.inputs', {
            names: [...new Set(draft.missing.map(({ name }) => nameOf(name)))].join(
              i18n.language === 'en' ? ', ' : '、',
            ),
          })}
        </p>
      )}
      {draft.problem !== null && draft.missing.length === 0 && (
        <p className="note failed">
          {draft.problem.message} <code>{draft.problem.code}</code>
        </p>
      )}
      {checks.map((check) => (
        <p key={check.name} className={check.severity === 'error' ? 'note failed' : 'note'}>
          {textsIn(check, i18n.language)}
        </p>
      ))}
      {patchy.map(({ stream, device, missingSeconds, repeated }) => (
        <p key={stream} className="note">
          {t('report:gaps.stream', {
            stream,
            device,
            missing: formatSeconds(missingSeconds),
            repeated: formatCount(repeated),
          })}
        </p>
      ))}
    </section>
  )
}
