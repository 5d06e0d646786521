import { TanlianError } from '@tanlian/units'

/** One JSON-RPC call to a chain node: method and parameters in, `result` out. */
export type RpcCall = (method: string, params: readonly unknown[]) => Promise<unknown>

/** How a chain node is reached. `fetch` can be replaced, for a test or a proxy. */
export interface RpcOptions {
  readonly url: string
  readonly fetch?: typeof fetch
  /** Limit of one try, milliseconds. */
  readonly timeoutMs?: number
  /** Tries in all; every method used here is a read, so a repeat is harmless. */
  readonly tries?: number
}

/** JSON-RPC over HTTP with a limit and three tries. Codes: E_CHAIN_RPC. */
export function openRpc(options: RpcOptions): RpcCall {
  const send = options.fetch ?? globalThis.fetch
  let id = 0
  return async (method, params) => {
    const tries = options.tries ?? 3
    for (let attempt = 1; ; attempt++) {
      try {
        id += 1
        const response = await send(options.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
          signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
        })
        const answer = (await response.json()) as { result?: unknown; error?: { code?: number; message?: string } }
        if (answer.error !== undefined) throw refused(method, answer.error.message ?? 'no reason given')
        if (!('result' in answer)) throw refused(method, `HTTP ${response.status} without a result`)
        return answer.result
      } catch (error) {
        if (error instanceof TanlianError) throw error
        if (attempt >= tries) throw refused(method, error instanceof Error ? error.message : String(error), error)
        await new Promise((resolve) => setTimeout(resolve, 150 * 2 ** attempt))
      }
    }
  }
}

function refused(method: string, reason: string, cause?: unknown): TanlianError {
  return new TanlianError('E_CHAIN_RPC', `The chain node did not answer ${method}: ${reason}. Check the RPC address.`, {
    values: { method, reason },
    cause,
  })
}
