import { encodeBlock } from '@tanlian/evidence'
import { parseRatio, type Ratio, ROUNDINGS, type Rounding } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { isReserved } from './expression.ts'
import type { KindUnit } from './kind.ts'
import {
  choiceOf,
  dayOf,
  type Fields,
  fieldsOf,
  flagOf,
  formError,
  listOf,
  nameOf,
  requireBounded,
  type Source,
  sourceOf,
  textOf,
  unitAt,
  type Words,
  wholeOf,
  wordsOf,
} from './shape.ts'

export const METHODOLOGY_FORMAT = 'tanlian/methodology/1'

/** How emissions of one sector are computed (方法学): a document, named by its CID; a report keeps the version that it was made with. */
export interface Methodology {
  readonly id: string
  readonly version: string
  readonly name: Words
  readonly sector: string
  readonly from: string
  readonly to: string | undefined
  readonly source: Source
  /** Rows of a report, such as fuels or months: inputs of a group have a value a row. */
  readonly groups: ReadonlyMap<string, Words>
  readonly inputs: readonly Input[]
  readonly parameters: readonly Parameter[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Output[]
  readonly checks: readonly Check[]
  readonly uncertainty: readonly Uncertainty[]
  readonly examples: readonly Example[]
  readonly cid: CID
}

/** What a report must give: from proven totals where `evidence` names types, else entered with its document. */
export interface Input {
  readonly name: string
  readonly words: Words
  readonly group: string | undefined
  readonly unit: KindUnit | undefined
  /** For a text: what it may be; empty for any. */
  readonly choices: readonly string[] | undefined
  readonly optional: boolean
  /** Type prefixes in hex whose proven totals may fill it. */
  readonly evidence: readonly string[]
}

/**
 * A value that the methodology brings along (参数), the first of these that there is: what was measured, the default (a constant of the methodology
 * or a factor), the conservative fallback (保守值), which is marked wherever it shows.
 */
export interface Parameter {
  readonly name: string
  readonly words: Words
  readonly unit: KindUnit
  /** The optional input that counts where it was given. */
  readonly measured: string | undefined
  readonly constant: Constant | undefined
  readonly factor: FactorReference | undefined
  readonly fallback: Constant | undefined
}

export interface Constant {
  readonly text: string
  readonly value: Ratio
  readonly source: Source
}

/** A row of a factor set: of fixed keys (`gwp.ar5[N2O]`), or found by text inputs. */
export interface FactorReference {
  readonly set: string
  readonly keys: readonly string[] | undefined
  readonly by: readonly string[]
}

export interface Equation {
  readonly name: string
  readonly words: Words
  readonly unit: KindUnit
  readonly is: string
  readonly article: string | undefined
  /** How it is shown; what goes on is never rounded, unless `carry` says that the text has it so. */
  readonly places: number
  readonly rounding: Rounding
  readonly carry: boolean
}

/** An equation that is a line of the report. */
export interface Output {
  readonly equation: string
  readonly gas: string | undefined
  readonly scope: string | undefined
  readonly role: 'line' | 'total' | 'intensity' | 'note'
}

/** A condition on the report's values (校验); where it does not hold, somebody answers. */
export interface Check {
  readonly name: string
  readonly words: Words
  readonly is: string
  readonly severity: 'info' | 'question' | 'error'
}

/** Shapes that an uncertain value may have. */
export const DISTRIBUTIONS = ['normal', 'uniform', 'triangular', 'lognormal'] as const

/** How far an input or parameter may be off (不确定性). */
export interface Uncertainty {
  readonly of: string
  /** Half-width in percent: of the 95 % interval for normal and lognormal, of the whole range for uniform and triangular. */
  readonly percent: Ratio
  readonly distribution: (typeof DISTRIBUTIONS)[number]
  /** One error for all rows, as of one meter or one factor; otherwise each row has its own. */
  readonly shared: boolean
  readonly source: Source
}

/** A worked example (算例): what is given, and what equations then show, to the last digit. */
export interface Example {
  readonly words: Words
  readonly source: Source | undefined
  readonly data: ReportData
  /** Equation → the text that it shows; for rows, separated by one space. */
  readonly shows: ReadonlyMap<string, string>
}

/** What a report gives for one input: decimal text in the input's unit, or a text. */
export type Given = Readonly<Record<string, string>>

/** All that a report gives. */
export interface ReportData {
  readonly values: Given
  /** Rows of each group. */
  readonly groups: Readonly<Record<string, readonly Given[]>>
}

/**
 * Reads a methodology from YAML parsed without types. Its equations are checked by `compileMethodology`, its examples by `dryRun`.
 * @throws TanlianError E_DOCUMENT_FORM, E_DOCUMENT_SIZE, E_KIND_FORM, E_UNIT_UNKNOWN, E_DECIMAL_FORM
 */
export function readMethodology(input: unknown): Methodology {
  requireBounded(input)
  const f = fieldsOf(
    'methodology',
    input,
    ['format', 'id', 'version', 'name', 'sector', 'valid', 'source', 'rounding', 'inputs', 'equations', 'outputs'],
    ['groups', 'parameters', 'checks', 'uncertainty', 'examples'],
  )
  choiceOf('format', f.format, [METHODOLOGY_FORMAT])
  const valid = fieldsOf('valid', f.valid, ['from'], ['to'])
  const rounding = choiceOf('rounding', f.rounding, ROUNDINGS)
  const groups = new Map(listOf('groups', f.groups ?? [], readGroup))
  const methodology = {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    sector: textOf('sector', f.sector, 60),
    from: dayOf('valid.from', valid.from),
    to: valid.to === undefined ? undefined : dayOf('valid.to', valid.to),
    source: sourceOf('source', f.source),
    groups,
    inputs: listOf('inputs', f.inputs, (at, item) => readInput(at, item, groups)),
    parameters: listOf('parameters', f.parameters ?? [], readParameter),
    equations: listOf('equations', f.equations, (at, item) => readEquation(at, item, rounding)),
    outputs: listOf('outputs', f.outputs, readOutput),
    checks: listOf('checks', f.checks ?? [], readCheck),
    uncertainty: listOf('uncertainty', f.uncertainty ?? [], readUncertainty),
    examples: listOf('examples', f.examples ?? [], readExample),
    cid: encodeBlock(input).cid,
  }
  requireDistinct(methodology)
  return methodology
}

function readGroup(at: string, input: unknown): readonly [string, Words] {
  const { name, zh, en } = fieldsOf(at, input, ['name', 'zh', 'en'])
  return [nameOf(`${at}.name`, name), wordsOf(at, { zh, en })]
}

function readInput(at: string, input: unknown, groups: ReadonlyMap<string, Words>): Input {
  const f = fieldsOf(at, input, ['name', 'zh', 'en'], ['group', 'unit', 'text', 'optional', 'evidence'])
  if ((f.unit === undefined) === (f.text === undefined)) throw formError(at, 'has neither unit nor text, or both')
  const group = f.group === undefined ? undefined : nameOf(`${at}.group`, f.group)
  if (group !== undefined && !groups.has(group)) throw formError(`${at}.group`, `is no group: ${group}`)
  return {
    ...named(at, f),
    group,
    unit: f.unit === undefined ? undefined : unitAt(`${at}.unit`, f.unit),
    choices: f.text === undefined ? undefined : listOf(`${at}.text`, f.text, (place, item) => textOf(place, item, 60)),
    optional: flagOf(`${at}.optional`, f.optional),
    evidence: listOf(`${at}.evidence`, f.evidence ?? [], (place, item) => {
      const hex = textOf(place, item, 8)
      if (!/^(?:[0-9a-f]{2}){1,3}$/.test(hex)) throw formError(place, 'is no type of one to three bytes in hex')
      return hex
    }),
  }
}

function readParameter(at: string, input: unknown): Parameter {
  const f = fieldsOf(
    at,
    input,
    ['name', 'zh', 'en', 'unit'],
    ['measured', 'value', 'source', 'factor', 'by', 'fallback'],
  )
  if (f.value !== undefined && f.factor !== undefined) throw formError(at, 'has both value and factor')
  if (f.value === undefined && f.factor === undefined && f.fallback === undefined)
    throw formError(at, 'has neither value nor factor nor fallback')
  return {
    ...named(at, f),
    unit: unitAt(`${at}.unit`, f.unit),
    measured: f.measured === undefined ? undefined : nameOf(`${at}.measured`, f.measured),
    constant: f.value === undefined ? undefined : readConstant(at, { value: f.value, source: f.source }),
    factor: f.factor === undefined ? undefined : readReference(at, f.factor, f.by),
    fallback: f.fallback === undefined ? undefined : readConstant(`${at}.fallback`, f.fallback),
  }
}

function readConstant(at: string, input: unknown): Constant {
  const { value, source } = fieldsOf(at, input, ['value', 'source'])
  const text = textOf(`${at}.value`, value, 60)
  return { text, value: parseRatio(text), source: sourceOf(`${at}.source`, source) }
}

function readReference(at: string, factor: unknown, by: unknown): FactorReference {
  const [, set = '', keys] = /^([^[\]]+)(?:\[([^[\]]*)\])?$/.exec(textOf(`${at}.factor`, factor, 160)) ?? []
  if (set === '') throw formError(`${at}.factor`, 'is no set such as gwp.ar5 or set with keys such as gwp.ar5[N2O]')
  if (keys !== undefined && by !== undefined) throw formError(at, 'has its keys both fixed and by inputs')
  return {
    set,
    keys: keys?.split(',').map((key) => key.trim()),
    by: listOf(`${at}.by`, by ?? [], nameOf),
  }
}

function readEquation(at: string, input: unknown, rounding: Rounding): Equation {
  const f = fieldsOf(at, input, ['name', 'zh', 'en', 'is', 'unit', 'places'], ['article', 'rounding', 'carry'])
  return {
    ...named(at, f),
    unit: unitAt(`${at}.unit`, f.unit),
    is: textOf(`${at}.is`, f.is, 4000),
    article: f.article === undefined ? undefined : textOf(`${at}.article`, f.article),
    places: wholeOf(`${at}.places`, f.places, 12),
    rounding: f.rounding === undefined ? rounding : choiceOf(`${at}.rounding`, f.rounding, ROUNDINGS),
    carry: flagOf(`${at}.carry`, f.carry),
  }
}

function readOutput(at: string, input: unknown): Output {
  const f = fieldsOf(at, input, ['equation', 'role'], ['gas', 'scope'])
  return {
    equation: nameOf(`${at}.equation`, f.equation),
    role: choiceOf(`${at}.role`, f.role, ['line', 'total', 'intensity', 'note']),
    gas: f.gas === undefined ? undefined : textOf(`${at}.gas`, f.gas, 20),
    scope: f.scope === undefined ? undefined : choiceOf(`${at}.scope`, f.scope, ['1', '2', '2-market', '3']),
  }
}

function readCheck(at: string, input: unknown): Check {
  const f = fieldsOf(at, input, ['name', 'zh', 'en', 'is', 'severity'])
  return {
    ...named(at, f),
    is: textOf(`${at}.is`, f.is, 4000),
    severity: choiceOf(`${at}.severity`, f.severity, ['info', 'question', 'error']),
  }
}

function readUncertainty(at: string, input: unknown): Uncertainty {
  const f = fieldsOf(at, input, ['of', 'percent', 'distribution', 'source'], ['shared'])
  const percent = parseRatio(textOf(`${at}.percent`, f.percent, 20))
  if (percent.numerator < 0n || percent.numerator > 1000n * percent.denominator)
    throw formError(`${at}.percent`, 'is no half-width of 0 to 1000 percent')
  return {
    of: nameOf(`${at}.of`, f.of),
    percent,
    distribution: choiceOf(`${at}.distribution`, f.distribution, DISTRIBUTIONS),
    shared: flagOf(`${at}.shared`, f.shared),
    source: sourceOf(`${at}.source`, f.source),
  }
}

function readExample(at: string, input: unknown): Example {
  const f = fieldsOf(at, input, ['zh', 'en', 'shows'], ['values', 'groups', 'source'])
  return {
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    source: f.source === undefined ? undefined : sourceOf(`${at}.source`, f.source),
    data: {
      values: givenOf(`${at}.values`, f.values ?? {}),
      groups: Object.fromEntries(
        Object.entries(mapOf(`${at}.groups`, f.groups ?? {})).map(([group, rows]) => [
          group,
          listOf(`${at}.groups.${group}`, rows, givenOf),
        ]),
      ),
    },
    shows: new Map(Object.entries(givenOf(`${at}.shows`, f.shows))),
  }
}

function givenOf(at: string, input: unknown): Given {
  const map = mapOf(at, input)
  return Object.fromEntries(Object.entries(map).map(([name, text]) => [name, textOf(`${at}.${name}`, text)]))
}

function mapOf(at: string, input: unknown): Fields {
  return fieldsOf(at, input, [], typeof input === 'object' && input !== null ? Object.keys(input) : [])
}

function named(at: string, f: Fields): { readonly name: string; readonly words: Words } {
  return { name: nameOf(`${at}.name`, f.name), words: wordsOf(at, { zh: f.zh, en: f.en }) }
}

/** Names that are given twice, or mean something in equations, are refused: an equation must not read another value than its author meant. */
function requireDistinct({ inputs, parameters, equations, checks }: Methodology): void {
  const seen = new Set<string>()
  for (const { name } of [...inputs, ...parameters, ...equations, ...checks]) {
    if (seen.has(name)) throw formError(name, 'is given twice')
    if (isReserved(name)) throw formError(name, 'is a word of equations')
    seen.add(name)
  }
}
