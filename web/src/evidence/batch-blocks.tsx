import { cidOf, decodeIndex, decodeKey, decodeStreams, type Header } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, shorten } from '../format.ts'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { kindName } from './kind-name.ts'

/** Chunks shown before the rest is folded away. */
const SHOWN = 50

/** The blocks that a batch is made of: its chunks by the index, each of one type and stream. */
export function BatchBlocks({ header }: { header: Header }) {
  const { t } = useTranslation()
  const index = useQuery({
    queryKey: ['index', header.data.toString()],
    queryFn: () => loadIndex(header),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <section className="sheet">
      <h2>{t('batch.blocks')}</h2>
      <dl className="facts">
        <dt>{t('batch.index')}</dt>
        <dd>
          <BlockLink cid={header.data.toString()} />
        </dd>
        <dt>{t('batch.streams')}</dt>
        <dd>
          <BlockLink cid={header.streams.toString()} />
        </dd>
      </dl>
      {index.isError && <Problem error={index.error} />}
      {index.data !== undefined && (
        <>
          <Table
            label={t('batch.blocks')}
            className="preview"
            caption={t('batch.chunks', { n: formatCount(index.data.chunks.length) })}
            rows={index.data.chunks.slice(0, SHOWN).map(([min, , count, cid]) => ({
              ...decodeKey(min),
              count,
              cid: cid.toString(),
            }))}
            keyOf={({ cid }) => cid}
            columns={[
              { head: t('organization.streams.kind'), lead: true, cell: ({ type }) => kindName(type >>> 8) },
              { head: t('check:totals.validity'), cell: ({ type }) => t(`check:validity.${type & 0xff}`) },
              { head: t('tree.streams'), number: true, cell: ({ stream }) => stream },
              { head: t('tree.from'), cell: ({ start }) => formatMoment(start) },
              { head: t('organization.batches.readings'), number: true, cell: ({ count }) => formatCount(count) },
              { head: 'CID', cell: ({ cid }) => <BlockLink cid={cid} /> },
            ]}
          />
          {index.data.chunks.length > SHOWN && (
            <p className="small muted">{t('batch.moreChunks', { n: formatCount(index.data.chunks.length - SHOWN) })}</p>
          )}
        </>
      )}
    </section>
  )
}

function BlockLink({ cid }: { cid: string }) {
  return (
    <Link to="/batches/$cid" params={{ cid }} search={{}}>
      <code title={cid}>{shorten(cid, 8)}</code>
    </Link>
  )
}

/** The index and streams blocks of a batch, each held to its CID. */
export async function loadIndex(header: Header) {
  const load = async (cid: Header['data']) => {
    const name = cid.toString()
    const bytes = await client.block(name)
    if (cidOf(bytes).toString() !== name)
      throw new TanlianError('E_TRACE_BLOCK', 'A block that came does not match its CID.', { values: { cid: name } })
    return bytes
  }
  const [data, streams] = await Promise.all([load(header.data), load(header.streams)])
  return { chunks: decodeIndex(data).chunks, streams: decodeStreams(streams).streams }
}
