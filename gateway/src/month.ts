/**
 * Tells the calendar month of moments in a zone, as `2026-11`: batches end with their month (月末). Neighbouring moments cost a comparison.
 * @param zone IANA name of the plant's zone
 */
export function createMonths(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' })
  const nameOf = (ms: number) => format.format(ms)
  let name = ''
  let known = { from: 0, to: 0 }
  return (ms) => {
    if (ms >= known.from && ms < known.to) return name
    name = nameOf(ms)
    const same = (moment: number) => nameOf(moment) === name
    known = { from: edge(ms - 32 * DAY_MS, ms, (moment) => !same(moment)), to: edge(ms, ms + 32 * DAY_MS, same) }
    return name
  }
}

const DAY_MS = 86_400_000

/** The first moment after `low` for which `holds` is no longer true; it is true at `low` and not at `high`. */
function edge(low: number, high: number, holds: (moment: number) => boolean): number {
  let [before, after] = [low, high]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (holds(middle)) before = middle
    else after = middle
  }
  return after
}
