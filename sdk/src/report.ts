import type { Client } from './client.ts'
import { askStatement, type Statement } from './document.ts'

/** Where a value of a report is from; what a total comes to is for the platform to look up, and for everybody to check. */
export type AskedOrigin =
  | {
      readonly kind: 'total'
      /** Class, group and kind, and with four bytes the validity, in hex. */
      readonly type: string
      readonly streams: readonly number[] | null
      /** Unix seconds, `[from, to)`. */
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'analysis'; readonly document: string; readonly result: string }
  | { readonly kind: 'voucher'; readonly document: string }
  | { readonly kind: 'choice' }
  | { readonly kind: 'manual'; readonly reason: string }

/** One input of a draft; a total has no value of its own. */
export interface AskedInput {
  readonly name: string
  readonly group: string | null
  readonly row: number
  readonly value?: string
  readonly origin: AskedOrigin
}

/** What a report is begun with. */
export interface NewReport {
  readonly type: 'month' | 'year'
  readonly subject: string
  /** `2025` or `2025-03`. */
  readonly period: string
  readonly zone: string
  /** CID of the methodology. */
  readonly methodology: string
  readonly corrects?: string
  readonly reason?: string
}

/** A report being prepared, as the platform keeps it. */
export interface ReportDraft {
  readonly id: string
  readonly organization: number
  readonly version: number
  readonly from: number
  readonly to: number
  readonly inputs: readonly AskedInput[]
  readonly outputs:
    | readonly { readonly name: string; readonly value: string; readonly unit: string; readonly role: string }[]
    | null
  readonly missing: readonly { readonly name: string; readonly group: string | null; readonly row: number }[]
  readonly problem: { readonly code: string; readonly message: string } | null
}

/** A file that stays private (附件): what a document in the log names of it. */
export interface KeptAttachment {
  readonly id: string
  /** SHA-256 over salt and bytes, hex. */
  readonly digest: string
  readonly salt: string
  readonly media: string
  readonly bytes: number
}

/** Begins a report; it fills itself from proven totals. Codes: the platform's. */
export function beginReport(client: Client, organization: number, report: NewReport): Promise<ReportDraft> {
  return client.http.json<ReportDraft>(`/v1/organizations/${organization}/reports`, { method: 'POST', json: report })
}

/** Sets all inputs of a draft, and the answers to what checks asked. Codes: E_DRAFT_VERSION where somebody else changed it, and the platform's. */
export function setInputs(
  client: Client,
  { organization, id, version }: Pick<ReportDraft, 'organization' | 'id' | 'version'>,
  inputs: readonly AskedInput[],
  answers: readonly (readonly [rule: string, subject: string, text: string])[] = [],
): Promise<ReportDraft> {
  return client.http.json<ReportDraft>(`/v1/organizations/${organization}/reports/${id}/inputs`, {
    method: 'PUT',
    json: { version, inputs, answers },
  })
}

/** What is signed to submit a draft. Codes: E_DRAFT_BEHIND while a batch is on its way into the log, E_DRAFT_…, E_INPUT_… */
export function reportStatement(
  client: Client,
  { organization, id }: Pick<ReportDraft, 'organization' | 'id'>,
): Promise<Statement> {
  return askStatement(client, 'report', `/v1/organizations/${organization}/reports/${id}/submission`)
}

/** Lets everybody do a report over sealed readings again; it cannot be taken back. Codes: the platform's. */
export async function publishReport(client: Client, organization: number, report: string): Promise<void> {
  await client.http.json(`/v1/organizations/${organization}/published-reports`, { method: 'POST', json: { report } })
}

/** Keeps a private file on the platform. Codes: E_ATTACHMENT_… */
export function keepAttachment(
  client: Client,
  organization: number,
  name: string,
  bytes: Uint8Array,
): Promise<KeptAttachment> {
  const path = `/v1/organizations/${organization}/attachments?name=${encodeURIComponent(name)}`
  const headers = { 'content-type': 'application/octet-stream' }
  return client.http.json<KeptAttachment>(path, { method: 'POST', bytes, headers })
}
