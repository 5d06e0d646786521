import type { Verdict, VerdictLine } from '@tanlian/evidence'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { codeText } from '../shell/error-text.ts'
import { AnswerSign } from '../shell/status.tsx'

/** The verdict of a check (spec section 8): the word first, then line by line what held, how we know, and what it does not prove. */
export function VerdictView({ verdict, chainError }: { verdict: Verdict; chainError: ChainError | undefined }) {
  return (
    <section className="sheet" data-verdict={verdict.status}>
      <VerdictWord verdict={verdict} chainError={chainError} />
      <VerdictLines verdict={verdict} />
    </section>
  )
}

/** Why the chain could not be asked. */
interface ChainError {
  readonly code: string
  readonly message: string
}

/** Verified, failed or not checked, in one sentence. */
export function VerdictWord({ verdict, chainError }: { verdict: Verdict; chainError: ChainError | undefined }) {
  const { t, i18n } = useTranslation()
  return (
    <div className={`note ${verdict.status}`} role="status">
      <p className="row big">
        <AnswerSign ok={verdict.status === 'verified' ? true : verdict.status === 'failed' ? false : null} />
        <strong>{t(`check:verdict.${verdict.status}.title`)}</strong>
      </p>
      <p>
        {t(`check:verdict.${verdict.status}.body`, {
          size: formatCount(verdict.asOf.size),
          hidden: formatCount(verdict.batches.hidden),
          all: formatCount(verdict.batches.all),
        })}
      </p>
      {chainError !== undefined && (
        <p className="small">{codeText(chainError.code, i18n.language) ?? chainError.message}</p>
      )}
    </div>
  )
}

/** One line a check; each opens to how we know and what it does not prove. */
export function VerdictLines({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation()
  const { size, block } = verdict.asOf
  return (
    <>
      <h2>{t('check:verdict.lines')}</h2>
      <p className="small muted">
        {t('check:verdict.asOf', { size: formatCount(size), block: formatCount(block) })} {t('trace.openLine')}
      </p>
      <ol className="verdict-lines">
        {verdict.lines.map((line) => (
          <Line key={line.step} line={line} />
        ))}
      </ol>
    </>
  )
}

function Line({ line }: { line: VerdictLine }) {
  const { t } = useTranslation()
  const tone = line.ok === null ? 'unchecked' : line.ok ? 'verified' : 'failed'
  const word =
    line.ok === null ? t('check:verdict.open') : line.ok ? t('check:verdict.held') : t('check:verdict.notHeld')
  return (
    <li className={tone} data-step={line.step} data-ok={String(line.ok)}>
      <details open={line.ok === false}>
        <summary>
          <span className={`status ${tone}`}>
            <AnswerSign ok={line.ok} />
            <span className="visually-hidden">{word}</span>
          </span>
          <span className="line-title">{t(`check:step.${line.step}.title`)}</span>
          <span className="line-detail">
            <LineDetail line={line} />
          </span>
        </summary>
        <dl className="facts small">
          <dt>{t('check:verdict.how')}</dt>
          <dd>{t(`check:step.${line.step}.how`)}</dd>
          <dt>{t('check:verdict.not')}</dt>
          <dd>{t(`check:step.${line.step}.not`)}</dd>
        </dl>
      </details>
    </li>
  )
}

/** What held, with its figures; or why it did not, by code and with the values. */
function LineDetail({ line }: { line: VerdictLine }) {
  const { t, i18n } = useTranslation()
  if (line.ok === true) return t(`check:step.${line.step}.held`, shown(line.values))
  if (line.code === 'E_VERDICT_NO_WITNESS') return t('check:step.witnesses.none')
  const known = line.code === undefined ? undefined : codeText(line.code, i18n.language)
  // English has the values in its message; the code's own sentence stands in for it in Chinese.
  const text = line.ok === false && i18n.language === 'en' ? (line.message ?? known) : known
  return (
    <>
      {text} {line.ok === false && line.code !== undefined && <code>{line.code}</code>}
    </>
  )
}

function shown(values: VerdictLine['values']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'bigint' ? formatCount(value) : String(value),
    ]),
  )
}
