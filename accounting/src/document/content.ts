import { TanlianError } from '@tanlian/units'
import {
  type Analysis,
  type Handover,
  readAnalysis,
  readHandover,
  readSample,
  readSampleReceipt,
  readVoucher,
  type Sample,
  type SampleReceipt,
  type Voucher,
} from './laboratory.ts'
import { type Publication, readPublication } from './publication.ts'
import { type Report, readReport } from './report.ts'
import {
  type Assignment,
  type Decision,
  type Draw,
  type Opinion,
  type Reopening,
  readAssignment,
  readDecision,
  readDraw,
  readOpinion,
  readReopening,
  readSamplingPlan,
  type SamplingPlan,
} from './verification.ts'

/** Who may state what (`docs/spec/documents.md`). */
export type PartyKind = 'platform' | 'regulator' | 'enterprise' | 'verifier' | 'laboratory'

/** The content of a document, told apart by its kind. */
export type DocumentContent =
  | { readonly kind: 'methodology' | 'factors'; readonly content: Publication }
  | { readonly kind: 'sample'; readonly content: Sample }
  | { readonly kind: 'handover'; readonly content: Handover }
  | { readonly kind: 'receipt'; readonly content: SampleReceipt }
  | { readonly kind: 'analysis'; readonly content: Analysis }
  | { readonly kind: 'voucher'; readonly content: Voucher }
  | { readonly kind: 'report'; readonly content: Report }
  | { readonly kind: 'draw'; readonly content: Draw }
  | { readonly kind: 'assignment'; readonly content: Assignment }
  | { readonly kind: 'sampling-plan'; readonly content: SamplingPlan }
  | { readonly kind: 'opinion'; readonly content: Opinion }
  | { readonly kind: 'decision'; readonly content: Decision }
  | { readonly kind: 'reopening'; readonly content: Reopening }

export type DocumentKind = DocumentContent['kind']

const READERS: Readonly<Record<DocumentKind, (content: unknown) => unknown>> = {
  methodology: readPublication,
  factors: readPublication,
  sample: readSample,
  handover: readHandover,
  receipt: readSampleReceipt,
  analysis: readAnalysis,
  voucher: readVoucher,
  report: readReport,
  draw: readDraw,
  assignment: readAssignment,
  'sampling-plan': readSamplingPlan,
  opinion: readOpinion,
  decision: readDecision,
  reopening: readReopening,
}

/** Every kind of document whose content this package knows; others, such as audits, are no part of a report's life. */
export const DOCUMENT_KINDS = Object.keys(READERS) as readonly DocumentKind[]

/** Who may log a document of each kind. */
export const STATED_BY: Readonly<Record<DocumentKind, readonly PartyKind[]>> = {
  methodology: ['regulator', 'platform'],
  factors: ['regulator', 'platform'],
  sample: ['enterprise'],
  handover: ['enterprise'],
  receipt: ['laboratory'],
  analysis: ['laboratory'],
  voucher: ['enterprise'],
  report: ['enterprise'],
  draw: ['regulator'],
  assignment: ['regulator'],
  'sampling-plan': ['verifier'],
  opinion: ['verifier'],
  decision: ['regulator'],
  reopening: ['regulator'],
}

export function isDocumentKind(kind: string): kind is DocumentKind {
  return Object.hasOwn(READERS, kind)
}

/**
 * Reads the content of a document by its kind; exactly the keys of the form are allowed.
 * @throws TanlianError E_DOCUMENT_FORM with the place, E_DOCUMENT_KIND for a kind that is not of {@link DOCUMENT_KINDS}
 */
export function readDocumentContent(kind: string, content: unknown): DocumentContent {
  if (!isDocumentKind(kind)) throw kindError(kind)
  return { kind, content: READERS[kind](content) } as DocumentContent
}

function kindError(kind: string): TanlianError {
  return new TanlianError('E_DOCUMENT_KIND', `There is no document of kind "${kind.slice(0, 40)}".`, {
    values: { kind: kind.slice(0, 40) },
  })
}
