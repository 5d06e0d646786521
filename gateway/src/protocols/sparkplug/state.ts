/** What the host application tells of itself (STATE; Sparkplug 3.0, section 6.4.23): JSON with the time of the connection that it is about. */
export interface HostState {
  readonly online: boolean
  /** Unix milliseconds. */
  readonly timestamp: number
}

/** The topic of a host's state; edge nodes whose primary host it is keep their data while it is away. */
export function stateTopic(host: string): string {
  return `spBv1.0/STATE/${host}`
}

export function writeState({ online, timestamp }: HostState): Buffer {
  return Buffer.from(JSON.stringify({ online, timestamp }))
}

/** Undefined for bytes that are no state. */
export function readState(bytes: Uint8Array): HostState | undefined {
  try {
    const { online, timestamp } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as HostState
    return typeof online === 'boolean' && Number.isSafeInteger(timestamp) ? { online, timestamp } : undefined
  } catch {
    return undefined
  }
}
