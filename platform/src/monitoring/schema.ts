import type { Generated } from 'kysely'
import type { RuleKind, Severity } from './rule.ts'

/** Tables of migration 0107. */
declare module '../schema.ts' {
  interface Schema {
    alert_rule: AlertRuleTable
    alert: AlertTable
    alert_note: AlertNoteTable
    webhook: WebhookTable
    delivery: DeliveryTable
    complaint: ComplaintTable
  }
}

export interface AlertRuleTable {
  id: string
  /** Null: a regulator's rule for everybody. */
  organization: number | null
  name: string
  kind: RuleKind
  stream: number | null
  type: string | null
  severity: Severity
  /** JSON of the kind's settings. */
  settings: string
  /** JSON: addresses that are written to. */
  mail: string
  enabled: boolean
  created_by: string
  created_ms: number
}

export interface AlertTable {
  id: string
  rule: string
  organization: number
  /** 0: the organization as a whole. */
  stream: number
  device: string | null
  severity: Severity
  state: 'open' | 'acknowledged' | 'resolved'
  assignee: string | null
  muted_until_ms: number | null
  opened_ms: number
  last_ms: number
  times: number
  sequence: number | null
  from_s: number
  to_s: number
  /** JSON: the values that broke the rule, as they were last. */
  detail: string
}

/** What happened to an alert, and what people said of it. */
export interface AlertNoteTable {
  id: Generated<number>
  alert: string
  at_ms: number
  who: string
  what: 'opened' | 'acknowledged' | 'assigned' | 'commented' | 'muted' | 'resolved'
  words: string | null
}

export interface WebhookTable {
  id: string
  organization: number
  url: string
  created_by: string
  created_ms: number
}

/** Something to be sent, until it is or is given up. */
export interface DeliveryTable {
  id: Generated<number>
  organization: number
  alert: string
  channel: 'mail' | 'webhook'
  target: string
  body: string
  state: 'waiting' | 'sent' | 'failed'
  attempts: Generated<number>
  next_ms: number
  failure: string | null
}

export interface ComplaintTable {
  kind: number
  organization: number
  sequence: number
  digest: Uint8Array
  receipt: Uint8Array
  made_ms: number
  chain_block: number
  log_size: number
  head_sequence: number
  settled_index: number | null
  settled_ms: number | null
}
