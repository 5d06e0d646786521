import type { Frame } from '@tanlian/evidence'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatMoment } from '../format.ts'
import { Problem } from '../shell/problem.tsx'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { Answer, StatusWord } from '../shell/status.tsx'
import { type FoundReading, loadFrame, signatureState } from './load-reading.ts'
import { hexRows, readMessage } from './message.ts'

/** Rows of hex at first: a kilobyte, as long as an HJ 212 packet gets. */
const ROWS = 64

/** The raw message (原始报文): its bytes, what they say, checksum and signature. */
export function FrameView({ cid, reading }: { cid: string; reading: FoundReading }) {
  const { t } = useTranslation()
  const frame = useQuery({
    queryKey: ['frame', cid],
    queryFn: () => loadFrame(cid, reading),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  return (
    <section className="sheet">
      <h2>{t('device.frame')}</h2>
      {frame.isPending && <p role="status">{t('shell.loading')}</p>}
      {frame.isError && (
        <>
          <StatusWord word="unavailable" />
          <Problem error={frame.error} onRetry={() => void frame.refetch()} />
        </>
      )}
      {frame.data !== undefined && (
        <>
          <Origin cid={cid} frame={frame.data} reading={reading} />
          <Fields frame={frame.data} />
          <Bytes frame={frame.data} />
        </>
      )}
    </section>
  )
}

function Origin({ cid, frame, reading }: { cid: string; frame: Frame; reading: FoundReading }) {
  const { t } = useTranslation()
  const signature = signatureState(frame, reading)
  return (
    <dl className="facts">
      <dt>CID</dt>
      <dd>
        <code>{cid}</code>
      </dd>
      <dt>{t('device.from')}</dt>
      <dd>{`${frame.device} · ${frame.protocol}`}</dd>
      <dt>{t('device.receivedAt')}</dt>
      <dd>{formatMoment(frame.received)}</dd>
      {frame.counter !== undefined && (
        <>
          <dt>{t('device.counter')}</dt>
          <dd>{formatCount(frame.counter)}</dd>
        </>
      )}
      <dt>{t('device.signature')}</dt>
      <dd>
        <Answer
          ok={signature === 'unsigned' ? null : signature === 'signed'}
          held={t('device.signed')}
          failed={t(signature === 'ended' ? 'device.ended' : 'device.broken')}
          unchecked={t('device.unsigned')}
        />
      </dd>
    </dl>
  )
}

function Fields({ frame }: { frame: Frame }) {
  const { t } = useTranslation()
  const message = readMessage(frame.bytes)
  // A message may name a thing twice: the place tells them apart.
  const rows = message.fields.map(([name, value], at) => ({ place: `${at}/${name}`, name, value }))
  return (
    <>
      <h3>{t(`device.form.${message.form}`)}</h3>
      {message.crc !== undefined && (
        <Answer
          ok={message.crc.ok}
          held={t('device.crc.held', { crc: message.crc.given })}
          failed={t('device.crc.failed', message.crc)}
          unchecked=""
        />
      )}
      {message.fields.length > 0 && (
        <ScrollBox className="block-text" label={t('device.fields')}>
          <dl className="facts">
            {rows.map(({ place, name, value }) => (
              <div key={place} className="contents">
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </ScrollBox>
      )}
    </>
  )
}

function Bytes({ frame }: { frame: Frame }) {
  const { t } = useTranslation()
  const rows = hexRows(frame.bytes.subarray(0, ROWS * 16))
  return (
    <details>
      <summary>{t('device.bytes', { bytes: formatBytes(frame.bytes.length) })}</summary>
      <ScrollBox className="small block-text" label={t('device.bytesLabel')}>
        <pre>{rows.map(({ at, hex, text }) => `${at}  ${hex.padEnd(47)}  ${text}`).join('\n')}</pre>
      </ScrollBox>
    </details>
  )
}
