import { KINDS, kindInfo } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Point } from '../device.ts'
import { choice, decimal, fields, integer, list, type Place, refused, text, wanted } from '../document.ts'
import { type Check, createCheck } from './check.ts'
import { createDerived, type Derived, type MassStream } from './derived.ts'
import type { Regime } from './validity.ts'

/** What a plant file says of streams made of others, and of checks between streams. */
export interface Declared {
  readonly derived: readonly Derived[]
  readonly checks: readonly Check[]
}

/** The streams that a plant has, by number, with their types. */
type Types = ReadonlyMap<number, number>

const SECONDS = [60, 600, 3600, 86_400] as const
const REGIMES: readonly Regime[] = ['flue', 'air', 'water']

/**
 * Reads the sections `derived` and `checks` of a plant file; every stream that they name must be one of the plant.
 * @throws TanlianError E_PLANT with file, line and place
 * @example
 * derived:
 *   - { stream: 120, make: co2-mass, kind: "040100", name: CO2 of the stack, inputs: { co2: 101, flow: 103, temperature: 104, pressure: 105, moisture: 106 }, flow: actual, basis: dry }
 *   - { stream: 121, make: fill, kind: "040100", name: CO2 of missing hours, input: 120 }
 * checks:
 *   - { rule: combustion, name: CO2 against O2, co2: 101, o2: 102, most: "11.9", percent: "0.2" }
 */
export function readDeclared(
  derived: Place | undefined,
  checks: Place | undefined,
  points: readonly Point[],
  zone: string,
): Declared {
  const types = new Map(points.map(({ stream, type }) => [stream, type]))
  const made: Derived[] = []
  for (const place of derived === undefined ? [] : list(derived)) {
    const one = readDerived(place, types, zone)
    if (types.has(one.stream)) throw refused(place, `gives stream ${one.stream} away a second time`)
    tryOut(place, () => createDerived(one))
    types.set(one.stream, one.type)
    made.push(one)
  }
  const read: Check[] = []
  for (const place of checks === undefined ? [] : list(checks)) {
    const check = readCheck(place, types)
    if (read.some(({ name }) => name === check.name)) throw refused(place, 'has the name of another check')
    tryOut(place, () => createCheck(check, zone))
    read.push(check)
  }
  return { derived: made, checks: read }
}

function readDerived(place: Place, types: Types, zone: string): Derived {
  const f = fields(place, [
    'stream',
    'make',
    'kind',
    'name',
    'device',
    'input',
    'inputs',
    'seconds',
    'regime',
    'flow',
    'basis',
    'reference-o2',
  ])
  const make = choice(wanted(f.make, place, 'make'), ['mean', 'co2-mass', 'fill'])
  const base = {
    stream: integer(wanted(f.stream, place, 'stream'), 1, 0xffffffff),
    type: readKind(wanted(f.kind, place, 'kind')),
    name: text(wanted(f.name, place, 'name'), 120),
    device: f.device === undefined ? 'gateway' : text(f.device, 60),
    zone,
  }
  if (make === 'co2-mass') {
    const reference = f['reference-o2']
    return {
      ...base,
      make,
      seconds: 3600,
      inputs: readInputs(wanted(f.inputs, place, 'inputs'), types),
      co2Basis: choice(wanted(f.basis, place, 'basis'), ['dry', 'wet']),
      flowState: choice(wanted(f.flow, place, 'flow'), ['actual', 'dry-standard']),
      ...(reference === undefined ? {} : { co2ReferenceO2: decimal(reference) }),
    }
  }
  const input = readStream(wanted(f.input, place, 'input'), types)
  if (types.get(input) !== base.type) throw refused(place, 'is of another kind than its input')
  if (make === 'fill') return { ...base, make, input }
  const seconds = wanted(f.seconds, place, 'seconds')
  const length = SECONDS.find((one) => one === seconds.value)
  if (length === undefined) throw refused(seconds, `is not one of: ${SECONDS.join(', ')}`)
  return { ...base, make, input, seconds: length, regime: choice(wanted(f.regime, place, 'regime'), REGIMES) }
}

function readInputs(place: Place, types: Types): MassStream['inputs'] {
  const f = fields(place, ['co2', 'flow', 'temperature', 'pressure', 'moisture', 'o2'])
  const optional = (['temperature', 'pressure', 'moisture', 'o2'] as const).flatMap((name) => {
    const item = f[name]
    return item === undefined ? [] : [[name, readStream(item, types)]]
  })
  return {
    co2: readStream(wanted(f.co2, place, 'co2'), types),
    flow: readStream(wanted(f.flow, place, 'flow'), types),
    ...Object.fromEntries(optional),
  }
}

function readCheck(place: Place, types: Types): Check {
  const f = fields(place, [
    'rule',
    'name',
    'main',
    'parts',
    'percent',
    'of',
    'by',
    'co2',
    'o2',
    'most',
    'stream',
    'load',
    'standard',
  ])
  const rule = choice(wanted(f.rule, place, 'rule'), ['balance', 'relation', 'combustion', 'load', 'limit'])
  const name = text(wanted(f.name, place, 'name'), 120)
  const stream = (key: keyof typeof f) => readStream(wanted(f[key], place, key), types)
  const number = (key: keyof typeof f) => Number(decimal(wanted(f[key], place, key)))
  if (rule === 'balance') {
    const parts = list(wanted(f.parts, place, 'parts'), 64).map((item) => readStream(item, types))
    return { rule, name, main: stream('main'), parts, percent: number('percent') }
  }
  if (rule === 'relation') return { rule, name, of: stream('of'), by: stream('by') }
  if (rule === 'combustion')
    return { rule, name, co2: stream('co2'), o2: stream('o2'), most: number('most'), percent: number('percent') }
  if (rule === 'load') return { rule, name, stream: stream('stream'), load: stream('load') }
  const of = stream('stream')
  const unit = kindInfo(types.get(of) ?? 0)?.unit ?? '1'
  return { rule, name, stream: of, standard: text(wanted(f.standard, place, 'standard')), unit }
}

function readStream(place: Place, types: Types): number {
  const stream = integer(place, 1, 0xffffffff)
  if (!types.has(stream)) throw refused(place, `names stream ${stream}, which the plant has not, or not yet`)
  return stream
}

function readKind(place: Place): number {
  const code = text(place)
  const type = /^[0-9a-f]{6}$/.test(code) ? Number.parseInt(code, 16) : Number.NaN
  if (!KINDS.some((kind) => kind.type === type)) throw refused(place, 'is no kind of quantity')
  return type
}

/** Makes what is declared once, so that what cannot be is refused here, with its place. */
function tryOut(place: Place, make: () => unknown): void {
  try {
    make()
  } catch (cause) {
    if (cause instanceof TanlianError) throw refused(place, `is refused: ${cause.message}`, cause)
    throw cause
  }
}
