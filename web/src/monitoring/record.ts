/** How a stream, or an organization with all its streams, was collected. */
export interface Figures {
  readonly expectedSeconds: number
  /** Measured, by hand or estimated, not valid. */
  readonly coveredSeconds: readonly [number, number, number]
  readonly gaps: number
  readonly missingReadings: number
  readonly repeated: number
  readonly refused: number
  readonly readings: number
  readonly frames: number
  readonly signed: number
  readonly late: number
}

/** Figures of one stream. */
export interface StreamFigures extends Figures {
  readonly stream: number
  readonly device: string
  readonly type: string
  readonly interval: number
  readonly restated: number
  readonly skipped: number
}

/** Figures of one organization. */
export interface OrganizationFigures extends Figures {
  readonly organization: number
  readonly name: string | null
  readonly nameEn: string | null
  readonly streams: number
  /** Streams that their owner has not opened to whoever asks; they stand in no figure. */
  readonly withheld: number
  readonly lastReceived: string | null
}

/** How an organization's streams were collected, with how many are withheld. */
export interface Collection {
  readonly items: readonly StreamFigures[]
  readonly withheld: number
}

/** The last reading heard of a stream. */
export interface Latest {
  readonly stream: number
  readonly device: string
  readonly type: string
  readonly interval: number
  readonly validity: number | null
  readonly start: number | null
  readonly seconds: number | null
  readonly quantity: string | null
  readonly sequence: number | null
  readonly received: string | null
}

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export const STATES = ['open', 'acknowledged', 'resolved'] as const

/** An alert (预警). */
export interface Alert {
  readonly id: string
  readonly rule: string
  readonly name: string
  readonly kind: string
  readonly organization: number
  readonly stream: number | null
  readonly device: string | null
  readonly severity: (typeof SEVERITIES)[number]
  readonly state: (typeof STATES)[number]
  readonly assignee: string | null
  readonly mutedUntil: string | null
  readonly opened: string
  readonly last: string
  readonly times: number
  readonly sequence: number | null
  readonly from: number
  readonly to: number
  readonly values: Readonly<Record<string, string | number>>
}

/** An alert with all that happened to it. */
export interface AlertWithNotes extends Alert {
  readonly notes: readonly {
    readonly at: string
    readonly who: string
    readonly what: string
    readonly words: string | null
  }[]
}

/** Kinds of rules with the whole numbers that each is set by. */
export const RULE_SETTINGS = {
  threshold: ['least', 'most'],
  rate: ['mostPerMinute'],
  gap: ['intervals'],
  drift: ['seconds'],
  quality: ['percent', 'readings'],
  capture: ['percent'],
  signature: [],
  counter: [],
  silence: ['seconds'],
  deadline: ['days'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** A rule as data. */
export interface Rule {
  readonly id: string
  readonly organization: number | null
  readonly name: string
  readonly kind: keyof typeof RULE_SETTINGS
  readonly stream: number | null
  readonly type: string | null
  readonly severity: (typeof SEVERITIES)[number]
  readonly settings: Readonly<Record<string, number>>
  readonly mail: readonly string[]
  readonly enabled: boolean
}

/** A receipt as the platform signs it. */
export interface Receipt {
  readonly kind: 1 | 2
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly received: number
  readonly size: number
  readonly promise: number
  readonly key: string
  readonly signature: string
}

/** A receipt whose entry was not in the log in time. */
export interface Complaint {
  readonly organization: number
  readonly kind: 1 | 2
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  readonly receipt: Receipt
  readonly made: string
  readonly due: string
  readonly chain: { readonly block: number; readonly size: number; readonly head: number }
  readonly settled: { readonly index: number; readonly at: string } | null
}

/** How alerts can be sent out, as the operator has set it up. */
export interface Channels {
  /** `key`: raw Ed25519 public key, hex. */
  readonly webhook: { readonly hosts: readonly string[]; readonly key: string }
  /** Null where no mail is sent. */
  readonly mail: { readonly from: string | null }
}

/** An address that alerts are sent to. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly created: string
}

/** A mail or webhook on its way. */
export interface Delivery {
  readonly id: number
  readonly alert: string
  readonly channel: 'mail' | 'webhook'
  readonly target: string
  readonly state: 'waiting' | 'sent' | 'failed'
  readonly attempts: number
  readonly failure: string | null
  /** Of one that waits, RFC 3339. */
  readonly nextTry: string | null
}
