/**
 * The shortest plain decimal that is this very float of 32 or 64 bits again; undefined for what is no number, or too large or too small to
 * be a measured value.
 */
export function floatText(value: number, bits: 32 | 64): string | undefined {
  const round = bits === 32 ? Math.fround : (number: number) => number
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return undefined
  if (Math.abs(value) < 1e-12) return '0'
  for (let digits = 1; digits <= 17; digits++) {
    const text = value.toPrecision(digits)
    if (round(Number(text)) !== value) continue
    const [mantissa = '', exponent] = text.split('e')
    if (exponent === undefined) return text
    const after = (mantissa.split('.')[1]?.length ?? 0) - Number(exponent)
    return Number(text).toFixed(Math.max(0, after))
  }
  return undefined
}
