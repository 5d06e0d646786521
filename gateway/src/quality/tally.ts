/** What became of a stream's samples: the figures of 重复采集 and 缺漏采集, and what its score is made of. */
export interface Counts {
  /** Readings made. */
  readings: number
  /** Intervals that no sample came for; a late one takes its own back. */
  missing: number
  /** Samples for a time that had the same value already. */
  repeated: number
  /** Samples for a time that had another value. */
  conflicts: number
  /** Samples too late or too far ahead to become a reading. */
  refused: number
  /** Readings whose flag a rule of ours set. */
  implausible: number
  /** Readings that the device itself called not valid. */
  flagged: number
  /** Intervals in which the unit stood still. */
  stopped: number
  /** Samples that came within their time. */
  timely: number
  /** Samples whose message the device had signed. */
  signed: number
  /** Samples looked at. */
  samples: number
}

const FIELDS = [
  'readings',
  'missing',
  'repeated',
  'conflicts',
  'refused',
  'implausible',
  'flagged',
  'stopped',
  'timely',
  'signed',
  'samples',
] as const satisfies readonly (keyof Counts)[]

/** Counts of all time, and of two days of the stream's own time, the running one and the one before. */
export interface Tally {
  day: number
  readonly today: Counts
  readonly yesterday: Counts
  readonly all: Counts
}

/** How good a stream is, in shares of 10,000; undefined where there is nothing to judge by (质量评分). */
export interface Score {
  /** 完整: intervals that have a reading, of those that should. */
  readonly complete: number | undefined
  /** 及时: samples that came in time. */
  readonly timely: number | undefined
  /** 合理: readings that no rule objected to. */
  readonly plausible: number | undefined
  /** 签名: samples that the device signed. */
  readonly signed: number | undefined
}

/** Nothing counted yet. */
export function createTally(): Tally {
  return { day: 0, today: noCounts(), yesterday: noCounts(), all: noCounts() }
}

/** Counts go to the day of this moment from now on; days only go on. */
export function turnTally(tally: Tally, seconds: number): void {
  const day = Math.floor(seconds / 86_400)
  if (day <= tally.day) return
  for (const field of FIELDS) {
    tally.all[field] += tally.today[field]
    tally.yesterday[field] = day === tally.day + 1 ? tally.today[field] : 0
    tally.today[field] = 0
  }
  tally.day = day
}

/** Counts since the stream began. */
export function countsOf({ all, today }: Tally): Counts {
  const sum = noCounts()
  for (const field of FIELDS) sum[field] = all[field] + today[field]
  return sum
}

/** The score of the running day and the one before. */
export function scoreOf({ today, yesterday }: Tally): Score {
  const sum = (field: keyof Counts) => today[field] + yesterday[field]
  const made = sum('readings')
  const known = made + sum('stopped')
  const share = (part: number, whole: number) =>
    whole <= 0 ? undefined : Math.floor((Math.max(0, Math.min(part, whole)) * 10_000) / whole)
  return {
    complete: share(known, known + sum('missing')),
    timely: share(sum('timely'), sum('samples')),
    plausible: share(made - sum('implausible') - sum('flagged'), made),
    signed: share(sum('signed'), sum('samples')),
  }
}

/** The tally as numbers, in a fixed order. */
export function saveTally(tally: Tally): number[] {
  return [
    tally.day,
    ...[tally.today, tally.yesterday, tally.all].flatMap((counts) => FIELDS.map((field) => counts[field])),
  ]
}

/** The tally from its numbers. */
export function loadTally(numbers: readonly number[]): Tally {
  const tally = createTally()
  tally.day = numbers[0] ?? 0
  for (const [part, counts] of [tally.today, tally.yesterday, tally.all].entries())
    for (const [at, field] of FIELDS.entries()) counts[field] = numbers[1 + part * FIELDS.length + at] ?? 0
  return tally
}

function noCounts(): Counts {
  return {
    readings: 0,
    missing: 0,
    repeated: 0,
    conflicts: 0,
    refused: 0,
    implausible: 0,
    flagged: 0,
    stopped: 0,
    timely: 0,
    signed: 0,
    samples: 0,
  }
}
