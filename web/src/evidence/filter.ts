import { fromHex } from '@tanlian/evidence'
import type { TraceRequest } from '@tanlian/sdk'
import { DEFAULT_ZONE, periodWindow, TanlianError } from '@tanlian/units'
import { all, first, type Search } from '../search.ts'

/** What a trace page asks, as it stands in the address: everything a share link needs. */
export interface TraceFilter {
  readonly organization: number
  /** Type prefixes of one to three bytes, hex: class, group, kind. */
  readonly types: readonly string[]
  /** Only this validity; every one where it is left out. */
  readonly validity?: 0 | 1 | 2
  /** Only these streams; every stream of the types where it is empty. */
  readonly streams: readonly number[]
  /** First and last day, both included, as YYYY-MM-DD in the zone. */
  readonly from: string
  readonly through: string
  readonly zone: string
  readonly mode: 'total' | 'readings'
}

/** A stream as far as a filter needs to know it. */
export interface FilterStream {
  readonly stream: number
  /** Class, group and kind. */
  readonly type: number
}

/** Reads a filter from the address; undefined until an organization, a type and a window are named. */
export function filterOf(search: Search): TraceFilter | undefined {
  const organization = Number(first(search, 'organization'))
  const types = all(search, 'type').filter((type) => /^([0-9a-f]{2}){1,3}$/.test(type))
  const from = dayOf(first(search, 'from'))
  const through = dayOf(first(search, 'through'))
  if (
    !Number.isSafeInteger(organization) ||
    organization < 1 ||
    types.length === 0 ||
    from === undefined ||
    through === undefined
  )
    return undefined
  const validity = ([0, 1, 2] as const).find((one) => String(one) === first(search, 'validity'))
  return {
    organization,
    types,
    ...(validity === undefined ? {} : { validity }),
    streams: all(search, 'stream')
      .map(Number)
      .filter((stream) => Number.isSafeInteger(stream) && stream > 0),
    from,
    through,
    zone: first(search, 'zone') ?? DEFAULT_ZONE,
    mode: first(search, 'mode') === 'readings' ? 'readings' : 'total',
  }
}

/** The address of a filter; what is as usual is left out. */
export function searchOf(filter: TraceFilter): Search {
  return {
    organization: String(filter.organization),
    type: filter.types,
    ...(filter.validity === undefined ? {} : { validity: String(filter.validity) }),
    ...(filter.streams.length === 0 ? {} : { stream: filter.streams.map(String) }),
    from: filter.from,
    through: filter.through,
    ...(filter.zone === DEFAULT_ZONE ? {} : { zone: filter.zone }),
    ...(filter.mode === 'total' ? {} : { mode: filter.mode }),
  }
}

/**
 * The question that goes to the platform. With a validity chosen the types become four bytes each, so the organization's declared kinds
 * are needed. @throws TanlianError E_PERIOD_FORM, E_ZONE_UNKNOWN, E_FILTER_FORM
 */
export function requestOf(filter: TraceFilter, streams: readonly FilterStream[]): TraceRequest {
  const window = { from: periodWindow(filter.from, filter.zone).from, to: periodWindow(filter.through, filter.zone).to }
  if (window.to <= window.from)
    throw new TanlianError(
      'E_FILTER_FORM',
      `The window ends on ${filter.through}, before it begins on ${filter.from}. Choose a later end.`,
      {
        values: { from: filter.from, through: filter.through },
      },
    )
  return {
    types: filter.validity === undefined ? filter.types : withValidity(filter.types, filter.validity, streams),
    ...(filter.streams.length === 0 ? {} : { streams: filter.streams }),
    ...window,
    mode: filter.mode,
  }
}

/** Adds or removes a type prefix; one that holds another, or lies within it, takes its place, since a question's types must not overlap. */
export function toggleType(types: readonly string[], prefix: string): readonly string[] {
  if (types.includes(prefix)) return types.filter((type) => type !== prefix)
  return [...types.filter((type) => !type.startsWith(prefix) && !prefix.startsWith(type)), prefix].sort()
}

/** True where a stream's type lies under one of the prefixes. */
export function isUnder(type: number, prefixes: readonly string[]): boolean {
  const text = typeText(type)
  return prefixes.some((prefix) => text.startsWith(prefix))
}

/** A 24-bit type as six hex digits. */
export function typeText(type: number): string {
  return type.toString(16).padStart(6, '0')
}

/** A type as a list of the platform gives it: six hex digits or the number. */
export function typeNumber(type: string | number): number {
  return typeof type === 'number' ? type : Number.parseInt(type, 16)
}

/** The prefixes as bytes, as a question has them. */
export function typeBytes(types: readonly string[]): readonly Uint8Array[] {
  return types.map((type) => fromHex(type))
}

function withValidity(
  prefixes: readonly string[],
  validity: number,
  streams: readonly FilterStream[],
): readonly string[] {
  const kinds = new Set(
    streams.filter((stream) => isUnder(stream.type, prefixes)).map((stream) => typeText(stream.type)),
  )
  if (kinds.size === 0)
    throw new TanlianError(
      'E_FILTER_FORM',
      'The organization declares no stream of these types, so no validity can be chosen.',
    )
  return [...kinds].sort().map((kind) => `${kind}0${validity}`)
}

function dayOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined
}
