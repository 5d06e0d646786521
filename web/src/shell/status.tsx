import { useTranslation } from 'react-i18next'

/** The words for how far a reading's evidence has come, in order; their meanings are those of docs on safety, to the letter. */
export const STATUS_WORDS = ['received', 'sealed', 'anchored', 'witnessed', 'verified', 'unavailable'] as const
/** One of {@link STATUS_WORDS}. */
export type Status = (typeof STATUS_WORDS)[number]

/** A status word with its mark; the meaning is in the title. Only *verified*, computed in this browser, is green. */
export function StatusWord({ word }: { word: Status }) {
  const { t } = useTranslation()
  const tone = word === 'verified' ? 'verified' : word === 'unavailable' ? 'failed' : ''
  const kept = { received: 1, sealed: 2, anchored: 3, witnessed: 4, verified: 4, unavailable: 0 }[word]
  return (
    <span className={`status ${tone}`} title={t(`status.${word}.means`)}>
      {/* Filled steps tell how far; the word tells the same, so nothing rests on colour. */}
      <svg width="22" height="10" viewBox="0 0 22 10" aria-hidden="true">
        {[0, 1, 2, 3].map((step) => (
          <rect
            key={step}
            x={step * 5.5 + 0.5}
            y="1.5"
            width="4"
            height="7"
            rx="1"
            fill={step < kept ? 'currentColor' : 'none'}
            stroke="currentColor"
          />
        ))}
      </svg>
      {t(`status.${word}.word`)}
    </span>
  )
}

/** The three answers of a check: held, failed, not checked. Sign, word and colour all say it. */
export function Answer({
  ok,
  held,
  failed,
  unchecked,
}: {
  ok: boolean | null
  held: string
  failed: string
  unchecked: string
}) {
  const tone = ok === null ? 'unchecked' : ok ? 'verified' : 'failed'
  return (
    <span className={`status ${tone}`}>
      <AnswerSign ok={ok} />
      {ok === null ? unchecked : ok ? held : failed}
    </span>
  )
}

/** A tick, a cross or an open circle, sixteen pixels. */
export function AnswerSign({ ok }: { ok: boolean | null }) {
  const path =
    ok === null ? 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11' : ok ? 'M2.5 8.5l4 4 7-9' : 'M3.5 3.5l9 9m0-9l-9 9'
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      strokeDasharray={ok === null ? '2.6 3' : undefined}
    >
      <path d={path} />
    </svg>
  )
}
