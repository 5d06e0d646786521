import {
  buildTree,
  decodeHeader,
  equalBytes,
  leavesOfChunks,
  parseCid,
  type Reader,
  summarize,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client, EntryItem } from './client.ts'
import { openChunks, platformBlocks } from './open-chunks.ts'

/** A summary that an owner handed in, as a platform lists it. */
export interface SummaryItem {
  /** CID of the header. */
  readonly batch: string
  readonly sequence: number
  /** Seconds. */
  readonly step: number
  readonly created: string
}

/** How handing in goes: batches that are done, of how many that wanted a summary. */
export interface SummaryProgress {
  readonly done: number
  readonly of: number
}

/** Base64 of a summary is made in parts: a call takes only so many arguments. */
const PART = 8192

/** Sequences of an organization's batches that the platform cannot read and that have no summary at this step yet. @param client signed in as the owner */
export async function missingSummaries(client: Client, organization: number, step: number): Promise<EntryItem[]> {
  const there = new Set<number>()
  for await (const item of client.all<SummaryItem>(`/v1/organizations/${organization}/summaries`))
    if (item.step === step) there.add(item.sequence)
  const missing: EntryItem[] = []
  for await (const entry of client.entries(organization, 1))
    if (entry.sealed === true && entry.audited === false && !there.has(entry.sequence)) missing.push(entry)
  return missing
}

/**
 * Hands in the owner's summaries (提交汇总) of all batches that the platform cannot read: opens each here, prunes its tree to sums by stream and
 * step, and sends that alone. Those who were granted this step are answered from it. What was handed in before is not handed in again.
 * @param client signed in as the owner @param reader opens the owner's sealed chunks @param step seconds
 * @returns how many were handed in. Codes: E_SEALED_READER, E_GRANTED_TREE, E_SUMMARY_FORM, the platform's.
 */
export async function handInSummaries(
  client: Client,
  organization: number,
  reader: Reader,
  step: number,
  onProgress?: (progress: SummaryProgress) => void,
): Promise<number> {
  const missing = await missingSummaries(client, organization, step)
  for (const [at, { cid, sequence }] of missing.entries()) {
    onProgress?.({ done: at, of: missing.length })
    const blocks = platformBlocks(client)
    const { tree: root, ...header } = decodeHeader(await blocks.get(parseCid(cid)))
    const { chunks, closed } = await openChunks(blocks, header, [reader])
    if (closed > 0)
      throw new TanlianError('E_SEALED_READER', `Batch ${sequence} is sealed for none of the keys here.`, {
        values: { sequence },
      })
    const tree = buildTree(leavesOfChunks(chunks))
    if (!equalBytes(tree.root, root))
      throw new TanlianError(
        'E_GRANTED_TREE',
        `The opened readings do not come to the sums that batch ${sequence} was signed for.`,
        { values: { sequence } },
      )
    await client.http.json(`/v1/organizations/${organization}/summaries`, {
      method: 'POST',
      json: { batch: cid, step, summary: base64(summarize(tree, step)) },
    })
  }
  onProgress?.({ done: missing.length, of: missing.length })
  return missing.length
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PART) text += String.fromCharCode(...bytes.subarray(at, at + PART))
  return btoa(text)
}
