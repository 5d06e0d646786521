import {
  cidOf,
  type DocumentBlock,
  decodeBlock,
  decodeDocument,
  decodeHeader,
  type Header,
  parseCid,
  toHex,
} from '@tanlian/evidence'
import { DATASET_KIND } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount, formatWindow, shorten } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { client } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { StatusWord } from '../shell/status.tsx'
import { isWithheld } from '../shell/withheld.tsx'
import { BatchBlocks } from './batch-blocks.tsx'
import { BatchTree } from './batch-tree.tsx'
import { BatchWithheld } from './batch-withheld.tsx'
import { EntryFacts } from './entry-facts.tsx'

/** A statement's block as this browser read it: its bytes match its CID. */
type Statement = { readonly header: Header } | { readonly document: DocumentBlock } | { readonly other: unknown }

/** A batch (or a document, or any block): what was signed, where it stands in the log, its blocks, and its tree for a question. */
export function BatchPage() {
  const { t } = useTranslation()
  const { cid } = useParams({ strict: false }) as { cid: string }
  const block = useQuery({
    queryKey: ['block', cid],
    queryFn: () => loadStatement(cid),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => count < 1 && !isWithheld(error),
  })
  const statement = block.data?.statement
  return (
    <Page title={titleOf(statement, t)} lead={<code>{cid}</code>}>
      {block.isPending && <p role="status">{t('shell.loading')}</p>}
      {isWithheld(block.error) && <BatchWithheld cid={cid} />}
      {block.isError && !isWithheld(block.error) && (
        <>
          <p>
            <StatusWord word="unavailable" />
          </p>
          <Problem error={block.error} onRetry={() => void block.refetch()} />
        </>
      )}
      {block.data !== undefined && (
        <>
          <p className="note">{t('batch.matches', { bytes: formatBytes(block.data.size) })}</p>
          {'header' in block.data.statement && (
            <>
              <HeaderFacts header={block.data.statement.header} />
              <EntryFacts
                kind={1}
                organization={block.data.statement.header.organization}
                sequence={block.data.statement.header.sequence}
              />
              <BatchTree cid={cid} header={block.data.statement.header} />
              <BatchBlocks header={block.data.statement.header} />
            </>
          )}
          {'document' in block.data.statement && (
            <>
              <EntryFacts
                kind={2}
                organization={block.data.statement.document.organization}
                sequence={block.data.statement.document.sequence}
              />
              <section className="sheet">
                <div className="row between">
                  <h2>
                    {t(`document.${block.data.statement.document.kind}`, {
                      defaultValue: block.data.statement.document.kind,
                    })}
                  </h2>
                  {block.data.statement.document.kind === DATASET_KIND && (
                    <Link className="button" to="/datasets/$cid" params={{ cid }} search={{}}>
                      {t('batch.openDataset')}
                    </Link>
                  )}
                </div>
                <BlockText value={block.data.statement.document.content} />
              </section>
            </>
          )}
          {'other' in block.data.statement && (
            <section className="sheet">
              <h2>{t('batch.content')}</h2>
              <BlockText value={block.data.statement.other} />
            </section>
          )}
        </>
      )}
    </Page>
  )
}

/** What was signed, by its number; a block that is no statement has only its CID. */
function titleOf(statement: Statement | undefined, t: TFunction): string {
  if (statement === undefined) return t('batch.blockTitle')
  if ('header' in statement) return t('home.log.batchNumber', { n: formatCount(statement.header.sequence) })
  if ('document' in statement) return t('home.log.documentNumber', { n: formatCount(statement.document.sequence) })
  return t('batch.blockTitle')
}

function HeaderFacts({ header }: { header: Header }) {
  const { t } = useTranslation()
  return (
    <section className="sheet">
      <h2>{t('batch.header')}</h2>
      <dl className="facts">
        <dt>{t('home.log.organization')}</dt>
        <dd>
          <OrganizationLink id={header.organization} />
        </dd>
        <dt>{t('home.log.sequence')}</dt>
        <dd>{formatCount(header.sequence)}</dd>
        <dt>{t('organization.batches.window')}</dt>
        <dd>{formatWindow(header.from, header.to)}</dd>
        <dt>{t('batch.root')}</dt>
        <dd>
          <code>{toHex(header.tree.subarray(56))}</code>
        </dd>
        <dt>{t('organization.batches.readings')}</dt>
        <dd>{formatCount(new DataView(header.tree.buffer, header.tree.byteOffset).getBigUint64(32))}</dd>
        <dt>{t('batch.previous')}</dt>
        <dd>
          {header.previous === null ? (
            t('shell.none')
          ) : (
            <Link to="/batches/$cid" params={{ cid: header.previous.toString() }} search={{}}>
              <code>{shorten(header.previous.toString(), 10)}</code>
            </Link>
          )}
        </dd>
        <dt>{t('batch.restates')}</dt>
        <dd>
          {header.restates.length === 0 ? t('shell.none') : t('batch.restatesCount', { n: header.restates.length })}
        </dd>
      </dl>
    </section>
  )
}

/** A block's value as text, for the curious; byte strings as hex, long ones cut. */
function BlockText({ value }: { value: unknown }) {
  const { t } = useTranslation()
  const text = JSON.stringify(
    value,
    (_, part: unknown) =>
      part instanceof Uint8Array ? shorten(toHex(part), 16) : typeof part === 'bigint' ? part.toString() : part,
    2,
  )
  return (
    <ScrollBox className="small block-text" label={t('batch.content')}>
      <pre>{text.slice(0, 20_000)}</pre>
    </ScrollBox>
  )
}

async function loadStatement(cid: string): Promise<{ statement: Statement; size: number }> {
  const wanted = parseCid(cid).toString()
  const bytes = await client.block(wanted)
  if (cidOf(bytes).toString() !== wanted)
    throw new TanlianError(
      'E_TRACE_BLOCK',
      'The bytes that came do not match the CID. The evidence is unavailable, not refuted.',
      { values: { cid } },
    )
  const value = decodeBlock(bytes) as { format?: unknown }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  const statement =
    format === 'tanlian/batch/1'
      ? { header: decodeHeader(bytes) }
      : format === 'tanlian/document/1'
        ? { document: decodeDocument(bytes) }
        : { other: value }
  return { statement, size: bytes.length }
}
