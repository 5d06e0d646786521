import { createColors } from 'picocolors'

/** The language of what a person reads. */
export type Language = 'en' | 'zh'

/** A sentence in both languages. */
export interface Text {
  readonly en: string
  readonly zh: string
}

/** Where a command writes: results on stdout, everything else on stderr, so that a pipe gets the result alone. */
export interface Output {
  readonly language: Language
  readonly format: 'text' | 'json' | 'jsonl'
  readonly colors: ReturnType<typeof createColors>
  /** Picks the reader's language. */
  say(text: Text): string
  /** A line of the result for a person; nothing where JSON was asked for. */
  line(text: string): void
  /** The result for a program: with --json once at the end, with --jsonl a line each. */
  data(value: unknown): void
  /** A list for a program: one array with --json, a line each with --jsonl. */
  items(values: readonly unknown[]): void
  /** A line of progress that stays; nothing with --quiet. */
  note(text: string): void
  /** A line of progress that the next one replaces on a terminal; on a pipe one line a second at most. */
  progress(text: string): void
  /** Ends a replaced line. */
  clear(): void
  /** A mistake, in colour, on stderr, even with --quiet. */
  problem(text: string): void
}

export interface OutputOptions {
  readonly language: Language
  readonly format: 'text' | 'json' | 'jsonl'
  readonly quiet: boolean
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  readonly color: boolean
}

/** Opens the two streams of a command. */
export function openOutput(options: OutputOptions): Output {
  const { stdout, stderr, quiet, format } = options
  const live = stderr.isTTY === true
  let replaced = false
  let lastNote = 0
  const clear = () => {
    if (replaced) stderr.write('\r\u001b[2K')
    replaced = false
  }
  return {
    language: options.language,
    format,
    colors: createColors(options.color),
    say: (text) => text[options.language],
    line(text) {
      if (format !== 'text') return
      clear()
      stdout.write(`${text}\n`)
    },
    data(value) {
      if (format !== 'text') stdout.write(`${toJson(value, format === 'json')}\n`)
    },
    items(values) {
      if (format === 'json') stdout.write(`${toJson(values, true)}\n`)
      else if (format === 'jsonl') for (const value of values) stdout.write(`${toJson(value, false)}\n`)
    },
    note(text) {
      if (quiet) return
      clear()
      stderr.write(`${text}\n`)
    },
    progress(text) {
      if (quiet) return
      if (live) {
        stderr.write(`\r\u001b[2K${cutToWidth(text, (stderr.columns ?? 80) - 1)}`)
        replaced = true
      } else if (performance.now() - lastNote > 1000) {
        lastNote = performance.now()
        stderr.write(`${text}\n`)
      }
    },
    clear,
    problem(text) {
      clear()
      stderr.write(`${text}\n`)
    },
  }
}

/** JSON with big integers as decimal strings (safety R5) and byte strings as hex. */
export function toJson(value: unknown, pretty: boolean): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => {
      if (typeof item === 'bigint') return item.toString()
      if (item instanceof Uint8Array) return Buffer.from(item).toString('hex')
      return item
    },
    pretty ? 2 : undefined,
  )
}

/** Columns that a text takes on a terminal: Chinese characters take two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += /[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦]/u.test(character) ? 2 : 1
  return width
}

/** Fills a text with spaces to a width in columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

function cutToWidth(text: string, width: number): string {
  let result = ''
  let taken = 0
  for (const character of text) {
    taken += widthOf(character)
    if (taken > width) return result
    result += character
  }
  return result
}
