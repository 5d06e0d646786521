/** One thing found by `GET /v1/search`. */
export interface SearchResult {
  readonly kind: 'organization' | 'batch' | 'document' | 'block' | 'transaction' | 'stream' | 'entry'
  /** Organization id, CID or transaction hash. */
  readonly id: string
  readonly label: string
  /** The organization it belongs to, where it is not one itself. */
  readonly organization?: number
  /** The batch to show for an entry or a transaction. */
  readonly cid?: string
}

/** The page on which a found thing is shown. */
export function placeOf(result: SearchResult) {
  if (result.kind === 'stream') {
    return { to: '/trace', search: { organization: String(result.organization), stream: result.id } } as const
  }
  const cid =
    result.cid ??
    (result.kind === 'batch' || result.kind === 'block' || result.kind === 'document' ? result.id : undefined)
  if (cid !== undefined) return { to: '/batches/$cid', params: { cid }, search: {} } as const
  const id = result.kind === 'organization' ? result.id : String(result.organization)
  return { to: '/organizations/$id', params: { id }, search: {} } as const
}
