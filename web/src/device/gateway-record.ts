import { TanlianError } from '@tanlian/units'

/** A device model that the gateway knows: what the wizard calls a driver (驱动). */
export interface Driver {
  readonly name: string
  readonly en: string
  readonly zh: string
  readonly protocol: string
  readonly address: Readonly<Record<string, string | number>>
  readonly points: readonly { readonly name: string; readonly en: string; readonly zh: string; readonly unit: string }[]
}

/** The gateway at a glance, as `GET /api/state` and the event `state` give it. */
export interface GatewayState {
  readonly nowMs: number
  readonly plant: {
    readonly organization: number
    readonly platform: string
    readonly zone: string
    readonly signs: boolean
  }
  readonly journal: {
    readonly bytes: number
    readonly budgetBytes: number
    readonly next: number
    readonly waitingBytes: number
    readonly damage: readonly unknown[]
    readonly stopped: boolean
  }
  readonly lag: number
  readonly open: number
  readonly aside: number
  readonly problem?: string
  readonly uplink: {
    readonly waiting: number
    readonly sent: number
    readonly lastSequence?: number
    readonly lastMs?: number
    readonly problem?: Told
    readonly nextTryMs?: number
  }
  readonly protocols: readonly { readonly name: string; readonly address: string | null }[]
  readonly devices: readonly {
    readonly id: string
    readonly model: string
    readonly protocol: string
    readonly signs: boolean
    readonly presence: {
      readonly connected: boolean
      readonly lastMs?: number
      readonly refused: number
      /** Code of the last refusal. */
      readonly problem?: string
    } | null
    /** What became of its messages since the start; null before the first. */
    readonly counts: {
      readonly kept: number
      readonly repeated: number
      readonly conflicts: number
      readonly refused: number
    } | null
    readonly points: readonly { readonly name: string; readonly stream: number; readonly unit: string }[]
  }[]
  readonly scores: readonly {
    readonly stream: number
    readonly complete?: number
    readonly timely?: number
    readonly plausible?: number
    readonly signed?: number
    /** Of all time. */
    readonly counts: {
      readonly readings: number
      readonly missing: number
      readonly repeated: number
      readonly conflicts: number
      readonly refused: number
    }
  }[]
}

/** What went wrong: English with its values, and the code's sentence in Chinese. */
export interface Told {
  readonly code: string
  readonly message: string
  readonly zh?: string
}

/** The last value of a stream on the gateway. */
export interface LiveValue {
  readonly device: string
  readonly point: string
  readonly stream: number
  readonly unit: string
  readonly value?: string
  readonly flag?: string
  readonly rule?: string
  readonly receivedMs: number
}

/** What a device said when it was tried. */
export type Tried =
  | {
      readonly ok: true
      readonly afterMs: number
      readonly samples: readonly {
        readonly point: string
        readonly stamp: number
        /** In the unit. */
        readonly value?: string
        readonly unit?: string
        readonly flag?: string
      }[]
    }
  | ({ readonly ok: false } & Told)

/** Asks the gateway that serves this page. @throws TanlianError with the gateway's code */
export async function askGateway<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const value = (await answer.json().catch(() => undefined)) as Partial<Told> | undefined
  if (answer.ok && value !== undefined) return value as T
  const { code = 'E_GATEWAY_AWAY', message = `The gateway answered with ${answer.status}.`, zh } = value ?? {}
  throw problemOf({ code, message, ...(zh === undefined ? {} : { zh }) })
}

/** As an error that is shown in the reader's language. */
export function problemOf({ code, message, zh }: Told): TanlianError {
  return new TanlianError(code, message, zh === undefined ? {} : { values: { title: zh } })
}
