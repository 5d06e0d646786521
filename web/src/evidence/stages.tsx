import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount } from '../format.ts'
import { AnswerSign } from '../shell/status.tsx'
import type { CheckNews } from './check.worker.ts'

type News<S extends CheckNews['stage']> = Extract<CheckNews, { stage: S }>

/** How far a trace has come; what is not there yet is still under way. */
export interface Progress {
  /** Sequence of the organization's last batch, once it is known. */
  readonly head?: number
  /** Bytes that have come. */
  readonly received: number
  readonly located?: News<'located'>
  readonly opened?: News<'opened'>
  readonly checked?: News<'checked'>
}

/** 定位 → 检索 → 验证, as they happen. */
export function Stages({ progress, failed }: { progress: Progress; failed: boolean }) {
  const { t } = useTranslation()
  const { head, received, located, opened, checked } = progress
  const lines = checked?.verdict.lines
  const stages = [
    {
      name: 'locate',
      done: located !== undefined,
      text:
        located !== undefined
          ? t('trace.stages.located', {
              asked: formatCount(located.asked.length),
              all: formatCount(located.all),
              range: rangeOf(located.asked),
            })
          : head !== undefined
            ? t('trace.stages.head', { head: formatCount(head) })
            : t('trace.stages.locating'),
    },
    {
      name: 'retrieve',
      done: opened !== undefined,
      text:
        opened !== undefined
          ? t('trace.stages.opened', { proofs: formatCount(opened.proofs), bytes: formatBytes(opened.bytes) })
          : received > 0
            ? t('trace.stages.receiving', { bytes: formatBytes(received) })
            : t('trace.stages.waiting'),
    },
    {
      name: 'check',
      done: checked !== undefined,
      text:
        checked !== undefined && lines !== undefined
          ? t('trace.stages.checked', {
              held: lines.filter((line) => line.ok === true).length,
              failed: lines.filter((line) => line.ok === false).length,
              open: lines.filter((line) => line.ok === null).length,
              ms: formatCount(Math.round(checked.ms)),
            })
          : opened !== undefined
            ? t('trace.stages.checking')
            : t('trace.stages.waiting'),
    },
  ] as const
  const current = stages.findIndex((stage) => !stage.done)
  return (
    <ol className="stages" aria-live="polite">
      {stages.map((stage, index) => (
        <li
          key={stage.name}
          className={stage.done ? 'done' : index === current && !failed ? 'running' : 'ahead'}
          data-stage={stage.name}
        >
          <span className="stage-sign">
            {stage.done ? (
              <AnswerSign ok={true} />
            ) : index === current && failed ? (
              <AnswerSign ok={false} />
            ) : (
              <span className="stage-dot" />
            )}
          </span>
          <b>{t(`trace.stages.${stage.name}`)}</b>
          <span>{stage.text}</span>
        </li>
      ))}
    </ol>
  )
}

/** Sequences as a range where they follow each other. */
function rangeOf(sequences: readonly number[]): string {
  const first = sequences[0]
  const last = sequences.at(-1)
  if (first === undefined || last === undefined) return '–'
  return first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`
}
