import type { CID } from 'multiformats/cid'
import { choiceOf, fieldsOf, formError, textOf } from '../shape.ts'
import {
  type Attachment,
  attachmentOf,
  byText,
  countOf,
  decimalTextOf,
  linkOf,
  nullable,
  type Period,
  periodOf,
  setOf,
  truthOf,
} from './read.ts'

/** A sample taken and sealed (采样、封样); it stands for the material burned in the period. */
export interface Sample {
  readonly format: 'tanlian/sample/1'
  readonly label: string
  readonly material: string
  readonly stream: number | null
  readonly period: Period
  readonly taken: number
  readonly sealed: number
  /** What the seal says. */
  readonly seal: string
}

/** The sample is given to a laboratory (交接). */
export interface Handover {
  readonly format: 'tanlian/handover/1'
  readonly sample: CID
  readonly laboratory: number
  readonly at: number
}

/** The laboratory has it, the seal intact or not (收样). */
export interface SampleReceipt {
  readonly format: 'tanlian/sample-receipt/1'
  readonly handover: CID
  readonly at: number
  readonly intact: boolean
}

/** What the laboratory found (检测报告), under a number that it uses once. */
export interface Analysis {
  readonly format: 'tanlian/analysis/1'
  readonly receipt: CID
  readonly number: string
  readonly analysed: number
  readonly results: readonly AnalysisResult[]
  readonly report: Attachment | null
}

export interface AnalysisResult {
  readonly name: string
  readonly value: string
  readonly unit: string
  readonly method: string
}

/** An invoice, a stock survey, a contract (凭证): what no meter measures, its digest logged before it is used. */
export interface Voucher {
  readonly format: 'tanlian/voucher/1'
  readonly title: string
  readonly period: Period
  readonly file: Attachment
}

export function readSample(input: unknown): Sample {
  const f = fieldsOf('sample', input, ['format', 'label', 'material', 'stream', 'period', 'taken', 'sealed', 'seal'])
  const taken = countOf('sample.taken', f.taken)
  const sealed = countOf('sample.sealed', f.sealed)
  if (sealed < taken) throw formError('sample.sealed', 'is before it was taken')
  return {
    format: choiceOf('sample.format', f.format, ['tanlian/sample/1']),
    label: textOf('sample.label', f.label, 120),
    material: textOf('sample.material', f.material, 120),
    stream: nullable(f.stream, (stream) => countOf('sample.stream', stream, 1)),
    period: periodOf('sample.period', f.period),
    taken,
    sealed,
    seal: textOf('sample.seal', f.seal, 120),
  }
}

export function readHandover(input: unknown): Handover {
  const f = fieldsOf('handover', input, ['format', 'sample', 'laboratory', 'at'])
  return {
    format: choiceOf('handover.format', f.format, ['tanlian/handover/1']),
    sample: linkOf('handover.sample', f.sample),
    laboratory: countOf('handover.laboratory', f.laboratory, 1),
    at: countOf('handover.at', f.at),
  }
}

export function readSampleReceipt(input: unknown): SampleReceipt {
  const f = fieldsOf('receipt', input, ['format', 'handover', 'at', 'intact'])
  return {
    format: choiceOf('receipt.format', f.format, ['tanlian/sample-receipt/1']),
    handover: linkOf('receipt.handover', f.handover),
    at: countOf('receipt.at', f.at),
    intact: truthOf('receipt.intact', f.intact),
  }
}

export function readAnalysis(input: unknown): Analysis {
  const f = fieldsOf('analysis', input, ['format', 'receipt', 'number', 'analysed', 'results', 'report'])
  const results = setOf('analysis.results', f.results, readResult, (a, b) => byText(a.name, b.name))
  if (results.length === 0) throw formError('analysis.results', 'are none')
  return {
    format: choiceOf('analysis.format', f.format, ['tanlian/analysis/1']),
    receipt: linkOf('analysis.receipt', f.receipt),
    number: textOf('analysis.number', f.number, 120),
    analysed: countOf('analysis.analysed', f.analysed),
    results,
    report: nullable(f.report, (report) => attachmentOf('analysis.report', report)),
  }
}

export function readVoucher(input: unknown): Voucher {
  const f = fieldsOf('voucher', input, ['format', 'title', 'period', 'file'])
  return {
    format: choiceOf('voucher.format', f.format, ['tanlian/voucher/1']),
    title: textOf('voucher.title', f.title, 200),
    period: periodOf('voucher.period', f.period),
    file: attachmentOf('voucher.file', f.file),
  }
}

function readResult(at: string, input: unknown): AnalysisResult {
  const f = fieldsOf(at, input, ['name', 'value', 'unit', 'method'])
  return {
    name: textOf(`${at}.name`, f.name, 80),
    value: decimalTextOf(`${at}.value`, f.value),
    unit: textOf(`${at}.unit`, f.unit, 80),
    method: textOf(`${at}.method`, f.method, 200),
  }
}
