/** One media range of an Accept header. */
export interface MediaRange {
  readonly range: string
  /** 0 … 1; 0 refuses. */
  readonly quality: number
  readonly parameters: Readonly<Record<string, string>>
}

/** The readable media ranges of an Accept header (RFC 9110 section 12.5.1), in its order. One pass, no regular expression (R22). */
export function rangesOf(header: string | undefined): MediaRange[] {
  const ranges: MediaRange[] = []
  for (const part of (header ?? '').slice(0, 2000).split(',')) {
    const [range = '', ...rest] = part.split(';').map((text) => text.trim().toLowerCase())
    if (!range.includes('/')) continue
    const parameters: Record<string, string> = Object.create(null)
    for (const text of rest) {
      const at = text.indexOf('=')
      if (at > 0) parameters[text.slice(0, at)] = text.slice(at + 1)
    }
    const quality = Number(parameters.q ?? '1')
    ranges.push({ range, quality: Number.isFinite(quality) ? quality : 1, parameters })
  }
  return ranges
}

/**
 * Whether an Accept header allows a media type: the most specific range that matches decides, `q=0` refuses. A header without any readable
 * range allows everything.
 */
export function accepts(header: string | undefined, type: string): boolean {
  const ranges = rangesOf(header)
  const [kind] = type.split('/', 1)
  let best = -1
  let allowed = true
  for (const { range, quality } of ranges) {
    const rank = range === type ? 2 : range === `${kind}/*` ? 1 : range === '*/*' ? 0 : -1
    if (rank <= best) continue
    best = rank
    allowed = quality !== 0
  }
  return ranges.length === 0 || (best >= 0 && allowed)
}
