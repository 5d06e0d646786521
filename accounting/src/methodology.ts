import { encodeBlock } from '@tanlian/evidence'
import { parseRatio, type Ratio, ROUNDINGS, type Rounding } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { isReserved } from './expression.ts'
import { type KindUnit, parseUnit } from './kind.ts'
import {
  choiceOf,
  dayOf,
  fieldsOf,
  formError,
  listOf,
  nameOf,
  type Source,
  sourceOf,
  textOf,
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

/** A constant of the methodology, or a factor found by text inputs. */
export interface Parameter {
  readonly name: string
  readonly words: Words
  readonly unit: KindUnit
  readonly value: Ratio | undefined
  readonly text: string | undefined
  readonly source: Source | undefined
  readonly factor: { readonly set: string; readonly by: readonly string[] } | undefined
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

export interface Check {
  readonly name: string
  readonly words: Words
  readonly is: string
  readonly severity: 'info' | 'question' | 'error'
}

/**
 * Reads a methodology from YAML parsed without types. Its equations are checked by `compileMethodology`.
 * @throws TanlianError E_DOCUMENT_FORM, E_KIND_FORM, E_UNIT_UNKNOWN, E_DECIMAL_FORM
 */
export function readMethodology(input: unknown): Methodology {
  const f = fieldsOf(
    'methodology',
    input,
    ['format', 'id', 'version', 'name', 'sector', 'valid', 'source', 'rounding', 'inputs', 'equations', 'outputs'],
    ['groups', 'parameters', 'checks'],
  )
  choiceOf('format', f.format, [METHODOLOGY_FORMAT])
  const valid = fieldsOf('valid', f.valid, ['from'], ['to'])
  const rounding = choiceOf('rounding', f.rounding, ROUNDINGS)
  const groups = new Map(listOf('groups', f.groups ?? [], readGroup))
  return {
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
    cid: encodeBlock(input).cid,
  }
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
    name: nameOf(`${at}.name`, f.name),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    group,
    unit: f.unit === undefined ? undefined : parseUnit(textOf(`${at}.unit`, f.unit)),
    choices: f.text === undefined ? undefined : listOf(`${at}.text`, f.text, (place, item) => textOf(place, item, 60)),
    optional: f.optional !== undefined && choiceOf(`${at}.optional`, f.optional, ['true', 'false']) === 'true',
    evidence: listOf(`${at}.evidence`, f.evidence ?? [], (place, item) => {
      const hex = textOf(place, item, 8)
      if (!/^(?:[0-9a-f]{2}){1,3}$/.test(hex)) throw formError(place, 'is no type of one to three bytes in hex')
      return hex
    }),
  }
}

function readParameter(at: string, input: unknown): Parameter {
  const f = fieldsOf(at, input, ['name', 'zh', 'en', 'unit'], ['value', 'source', 'factor', 'by'])
  const constant = f.value !== undefined
  if (constant === (f.factor !== undefined)) throw formError(at, 'has neither value nor factor, or both')
  if (constant && f.source === undefined) throw formError(`${at}.source`, 'is missing')
  const text = constant ? textOf(`${at}.value`, f.value, 60) : undefined
  return {
    name: nameOf(`${at}.name`, f.name),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    unit: parseUnit(textOf(`${at}.unit`, f.unit)),
    text,
    value: text === undefined ? undefined : parseRatio(text),
    source: f.source === undefined ? undefined : sourceOf(`${at}.source`, f.source),
    factor: constant
      ? undefined
      : { set: textOf(`${at}.factor`, f.factor, 80), by: listOf(`${at}.by`, f.by ?? [], nameOf) },
  }
}

function readEquation(at: string, input: unknown, rounding: Rounding): Equation {
  const f = fieldsOf(at, input, ['name', 'zh', 'en', 'is', 'unit', 'places'], ['article', 'rounding', 'carry'])
  return {
    name: nameOf(`${at}.name`, f.name),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    unit: parseUnit(textOf(`${at}.unit`, f.unit)),
    is: textOf(`${at}.is`, f.is, 4000),
    article: f.article === undefined ? undefined : textOf(`${at}.article`, f.article),
    places: wholeOf(`${at}.places`, f.places, 12),
    rounding: f.rounding === undefined ? rounding : choiceOf(`${at}.rounding`, f.rounding, ROUNDINGS),
    carry: f.carry !== undefined && choiceOf(`${at}.carry`, f.carry, ['true', 'false']) === 'true',
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
    name: nameOf(`${at}.name`, f.name),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    is: textOf(`${at}.is`, f.is, 4000),
    severity: choiceOf(`${at}.severity`, f.severity, ['info', 'question', 'error']),
  }
}

/** Names that are given twice, or mean something in equations, are refused: an equation must not read another value than its author meant. */
export function requireDistinct(methodology: Methodology): void {
  const seen = new Set<string>()
  const { inputs, parameters, equations, checks } = methodology
  for (const { name } of [...inputs, ...parameters, ...equations, ...checks]) {
    if (seen.has(name)) throw formError(name, 'is given twice')
    if (isReserved(name)) throw formError(name, 'is a word of equations')
    seen.add(name)
  }
}
