/**
 * Whether an Accept header allows a media type (RFC 9110 section 12.5.1): the most specific range that matches decides, `q=0` refuses.
 * A header without any readable range allows everything. One pass, no regular expression (R22).
 */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined) return true
  const [kind] = type.split('/', 1)
  let readable = false
  let best = -1
  let allowed = true
  for (const part of header.slice(0, 2000).split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    if (!range.includes('/')) continue
    readable = true
    const rank = range === type ? 2 : range === `${kind}/*` ? 1 : range === '*/*' ? 0 : -1
    if (rank <= best) continue
    best = rank
    allowed = !parameters.some((text) => text.startsWith('q=') && Number(text.slice(2)) === 0)
  }
  if (!readable) return true
  return best >= 0 && allowed
}
