import { cidFromDigest, fromHex, kindInfo } from '@tanlian/evidence'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatQuantity, formatSeconds, formatWindow, shorten } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { codeText } from '../shell/error-text.ts'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { StatusWord } from '../shell/status.tsx'
import { kindName } from './kind-name.ts'
import { csvOf } from './table-file.ts'
import type { UploadNews } from './upload.worker.ts'
import type { Plan } from './upload-plan.ts'

type Batch = Extract<UploadNews, { news: 'batch' }>
const SHOWN_ERRORS = 50

/** What the check of a file found: the batches to be, a preview, every bad row by row and column; and after sending, what is there. */
export function UploadPlan({
  plan,
  batches,
  sent,
  busy,
  columns,
  onSend,
}: {
  plan: Plan
  batches: readonly Batch[]
  sent: Extract<UploadNews, { news: 'sent' }> | undefined
  busy: boolean
  columns: readonly string[]
  onSend: () => void
}) {
  const { t } = useTranslation()
  return (
    <>
      <section className="sheet">
        <h2>{t('upload.plan.title')}</h2>
        <div className="grid">
          <Figure value={formatCount(plan.readings)} name={t('upload.plan.readings')} />
          <Figure value={formatCount(plan.windows.length)} name={t('upload.plan.batches')} />
          <Figure value={formatCount(plan.badRows)} name={t('upload.plan.badRows')} />
        </div>
        {plan.from !== undefined && plan.to !== undefined && (
          <p className="muted">{formatWindow(plan.from, plan.to)}</p>
        )}
        {plan.preview.length > 0 && <Preview plan={plan} />}
        {sent === undefined && plan.readings > 0 && (
          <div className="row">
            <button type="button" className="primary" disabled={busy} onClick={onSend}>
              {t('upload.plan.send', {
                readings: formatCount(plan.readings),
                batches: formatCount(plan.windows.length),
              })}
            </button>
          </div>
        )}
        {sent !== undefined && (
          <p className="note" role="status">
            <strong>{t('upload.sent.title')}</strong>{' '}
            {t('upload.sent.body', { batches: formatCount(sent.batches), earlier: formatCount(sent.earlier) })}
          </p>
        )}
      </section>
      {plan.badRows > 0 && <Errors plan={plan} columns={columns} />}
      {batches.length > 0 && (
        <section className="sheet">
          <h2>{t('upload.sent.batches')}</h2>
          <ScrollBox className="table-wrap preview" label={t('upload.sent.batches')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('batch.day')}</th>
                  <th scope="col" className="number">
                    {t('home.log.sequence')}
                  </th>
                  <th scope="col" className="number">
                    {t('organization.batches.readings')}
                  </th>
                  <th scope="col">{t('home.log.digest')}</th>
                  <th scope="col">{t('home.log.status')}</th>
                </tr>
              </thead>
              <tbody>
                {batches.map((batch) => (
                  <tr key={batch.window}>
                    <td>{batch.window}</td>
                    <td className="number">{formatCount(batch.sequence)}</td>
                    <td className="number">{formatCount(batch.readings)}</td>
                    <td>
                      <Link
                        to="/batches/$cid"
                        params={{ cid: cidFromDigest(fromHex(batch.digest)).toString() }}
                        search={{}}
                      >
                        <code>{shorten(batch.digest)}</code>
                      </Link>
                    </td>
                    <td>
                      <StatusWord word="sealed" />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollBox>
        </section>
      )}
    </>
  )
}

function Figure({ value, name }: { value: string; name: string }) {
  return (
    <div className="figure">
      <b>{value}</b>
      <span>{name}</span>
    </div>
  )
}

function Preview({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  return (
    <ScrollBox className="table-wrap preview" label={t('upload.plan.preview')}>
      <table>
        <caption>{t('upload.plan.preview')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('trace.figures.from')}</th>
            <th scope="col">{t('organization.streams.interval')}</th>
            <th scope="col">{t('organization.streams.kind')}</th>
            <th scope="col" className="number">
              {t('organization.streams.number')}
            </th>
            <th scope="col" className="number">
              {t('trace.figures.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.preview.map((reading) => {
            const kind = kindInfo(reading.type)
            return (
              <tr key={`${reading.stream}/${reading.start}`}>
                <td>{formatMoment(reading.start)}</td>
                <td>{formatSeconds(reading.seconds)}</td>
                <td>{kindName(reading.type)}</td>
                <td className="number">{reading.stream}</td>
                <td className="number">
                  {kind === undefined ? '–' : formatQuantity(BigInt(reading.quantity), BigInt(reading.seconds), kind)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollBox>
  )
}

function Errors({ plan, columns }: { plan: Plan; columns: readonly string[] }) {
  const { t, i18n } = useTranslation()
  const reasons = new Map<number, string>()
  for (const error of plan.errors)
    reasons.set(error.row, [reasons.get(error.row), error.message].filter((text) => text !== undefined).join(' '))
  const save = () =>
    saveFile(
      'rejected-rows.csv',
      'text/csv',
      csvOf([
        [...columns, 'row', 'reason'],
        ...plan.rejected.map(({ line, cells }) => [
          ...columns.map((_, at) => cells[at] ?? ''),
          line,
          reasons.get(line) ?? '',
        ]),
      ]),
    )
  return (
    <section className="sheet">
      <div className="row between">
        <h2>{t('upload.errors.title')}</h2>
        <button type="button" onClick={save}>
          {t('upload.errors.download')}
        </button>
      </div>
      <p className="muted">{t('upload.errors.lead')}</p>
      <ScrollBox className="table-wrap preview" label={t('upload.errors.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col" className="number">
                {t('upload.errors.row')}
              </th>
              <th scope="col">{t('upload.errors.column')}</th>
              <th scope="col">{t('upload.errors.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {plan.errors.slice(0, SHOWN_ERRORS).map((error) => (
              <tr key={`${error.row}/${error.column}/${error.code}`}>
                <td className="number">{formatCount(error.row)}</td>
                <td>{error.column ?? '–'}</td>
                <td>
                  {i18n.language === 'en' ? error.message : (codeText(error.code, i18n.language) ?? error.message)}{' '}
                  <code>{error.code}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {plan.errors.length > SHOWN_ERRORS && (
          <p className="small muted">
            {t('upload.errors.more', { n: formatCount(plan.errors.length - SHOWN_ERRORS) })}
          </p>
        )}
      </ScrollBox>
    </section>
  )
}
