import { TanlianError } from '@tanlian/units'
import modbus from 'modbus-serial'
import type { Read, RegisterMap } from './registers.ts'

/** A connection to a Modbus server, shared by the units behind it: one request at a time. */
export interface Line {
  /** Codes: E_MODBUS_SILENT where nothing answers in time, E_MODBUS_EXCEPTION where the meter declines. */
  read(map: RegisterMap): Promise<readonly (readonly [Read, Uint8Array])[]>
  close(): Promise<void>
}

export function openLine(host: string, port: number): Line {
  let client: InstanceType<typeof modbus.default> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let closed = false

  const hangUp = async () => {
    const old = client
    client = undefined
    if (old !== undefined) await new Promise<void>((resolve) => old.destroy(() => resolve()))
  }
  const dial = async (timeoutMs: number) => {
    const fresh = new modbus.default()
    // An error between two requests is found by the next one.
    fresh.on('error', () => {})
    client = fresh
    await fresh.connectTCP(host, { port, timeout: timeoutMs })
    return fresh
  }
  const readAll = async ({ unit, timeoutMs, reads }: RegisterMap) => {
    if (closed) throw silent(host, port, 'it is closed')
    try {
      const open = client?.isOpen === true ? client : await dial(timeoutMs)
      open.setID(unit)
      open.setTimeout(timeoutMs)
      const answers: [Read, Uint8Array][] = []
      for (const read of reads) {
        const { buffer } = await (read.function === 3
          ? open.readHoldingRegisters(read.address, read.count)
          : open.readInputRegisters(read.address, read.count))
        if (buffer.length !== read.count * 2) throw new Error(`${buffer.length} bytes for ${read.count} registers`)
        answers.push([read, new Uint8Array(buffer)])
      }
      return answers
    } catch (cause) {
      const code: unknown = (cause as { modbusCode?: unknown }).modbusCode
      if (typeof code === 'number')
        throw new TanlianError(
          'E_MODBUS_EXCEPTION',
          `Unit ${unit} at ${host}:${port} declined with exception ${code}.`,
          {
            values: { host, port, unit, exception: code },
            cause,
          },
        )
      // Whatever still comes over this connection could be taken for the next answer.
      await hangUp()
      // The library's errors are not all of class Error.
      throw silent(host, port, String((cause as { message?: unknown }).message), cause)
    }
  }
  return {
    read(map) {
      const answer = queue.then(() => readAll(map))
      queue = answer.catch(() => {})
      return answer
    },
    async close() {
      closed = true
      await queue
      await hangUp()
    },
  }
}

function silent(host: string, port: number, why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_MODBUS_SILENT', `Nothing answers at ${host}:${port}: ${why}.`, {
    values: { host, port, why },
    cause,
  })
}
