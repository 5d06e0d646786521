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
    readonly problem?: { readonly code: string; readonly message: string }
    readonly nextTryMs?: number
  }
  readonly protocols: readonly { readonly name: string; readonly address: string | null }[]
  readonly devices: readonly {
    readonly id: string
    readonly model: string
    readonly protocol: string
    readonly signs: boolean
    readonly presence: { readonly connected: boolean; readonly lastMs?: number; readonly refused: number } | null
    readonly points: readonly { readonly name: string; readonly stream: number; readonly unit: string }[]
  }[]
  readonly scores: readonly {
    readonly stream: number
    readonly complete?: number
    readonly timely?: number
    readonly plausible?: number
    readonly signed?: number
    readonly counts: { readonly missing: number; readonly repeated: number; readonly conflicts: number }
  }[]
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
        readonly value?: string
        readonly flag?: string
      }[]
    }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Asks the gateway that serves this page. @throws TanlianError with the gateway's code */
export async function askGateway<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const value = (await answer.json().catch(() => undefined)) as { code?: string; message?: string } | undefined
  if (answer.ok && value !== undefined) return value as T
  const code = value?.code ?? 'E_GATEWAY_AWAY'
  throw new TanlianError(code, value?.message ?? `The gateway answered with ${answer.status}.`)
}
