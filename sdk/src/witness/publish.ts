import { auditContent, ENTRY_DOCUMENT, encodeBlock, equalBytes, toHex, writeCar } from '@tanlian/evidence'
import type { FileOutbox } from '../node/file-outbox.ts'
import { below, readIfThere, removeFile, writeDurably } from '../node/files.ts'
import type { Receipt } from '../outbox.ts'
import type { Submitter } from '../submit.ts'
import type { Auditor } from './audit.ts'
import type { Finding } from './organization-file.ts'

/** Logs what an auditor found as audit documents: many batches in one, none twice, never two digests for one sequence. */
export interface Publisher {
  /** Logs a document where one is due. @param now all that there is, however young @returns whether one was logged */
  publish(now: boolean): Promise<boolean>
  /** Logs another document of the witness, once for each name. */
  announce(name: string, kind: string, content: unknown): Promise<void>
  /** Documents logged by this process. */
  readonly documents: number
}

export interface PublisherOptions {
  readonly folder: string
  readonly auditor: Auditor
  /** Opens the organization's outbox for as long as the work takes: other programs of this organization use it too, one at a time (R27). */
  readonly withOutbox: <T>(work: (submitter: Submitter, outbox: FileOutbox) => Promise<T>) => Promise<T>
  readonly organization: number
  /** Hears of each receipt that a document got. */
  readonly onReceipt: (receipt: Receipt) => Promise<unknown>
  /** Size of the log that was seen. */
  readonly logSize: () => number
  /** How old a finding grows before it is logged, milliseconds. */
  readonly everyMs: number
  readonly clock: () => number
}

/**
 * Batches in one document: it comes along whole in the package of a question to any one of them, and each document costs the log an entry.
 * With 64 it has 2.2 kB.
 */
export const DOCUMENT_BATCHES = 64

/** Makes a publisher. Before it logs anything it ends what an earlier run began: what was signed is sent again, what is logged is not said again. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { folder, auditor, withOutbox, organization, onReceipt, logSize, everyMs, clock } = options
  const flightPath = below(folder, 'document.json')
  let documents = 0

  const resume = async (submitter: Submitter, outbox: FileOutbox) => {
    for (const { receipt } of await submitter.resume()) await onReceipt(receipt)
    // A crash, or a platform that went away, may have come between a document and the note that its findings are logged.
    const flight = await readFlight(flightPath)
    if (flight === undefined) return
    if ((await outbox.receipts(flight.note)).length > 0)
      await auditor.logged(auditor.findings.filter((finding) => flight.findings.includes(nameOf(finding))))
    await removeFile(flightPath)
  }
  const submit = async (submitter: Submitter, note: string, kind: string, content: unknown) => {
    const receipt = await submitter.submit((sequence, previous) => {
      const document = encodeBlock({ format: 'tanlian/document/1', organization, sequence, previous, kind, content })
      return {
        entry: { kind: ENTRY_DOCUMENT, organization, sequence, digest: document.cid.multihash.digest },
        car: writeCar(document.cid, [document]),
      }
    }, note)
    await onReceipt(receipt)
    documents += 1
  }

  return {
    async publish(now) {
      const { findings, oldestMs } = auditor
      const isFull = findings.length >= DOCUMENT_BATCHES
      const isOld = oldestMs !== undefined && clock() - oldestMs >= everyMs
      if (findings.length === 0 || !(now || isFull || isOld)) return false
      return withOutbox(async (submitter, outbox) => {
        await resume(submitter, outbox)
        const told = auditor.findings.slice(0, DOCUMENT_BATCHES)
        if (told.length === 0) return false
        const content = auditContent(logSize(), lastWords(told))
        const note = `audit/${encodeBlock(content).cid}`
        await writeDurably(flightPath, JSON.stringify({ note, findings: told.map(nameOf) } satisfies Flight))
        await submit(submitter, note, 'audit', content)
        await auditor.logged(told)
        await removeFile(flightPath)
        return true
      })
    },
    announce: (name, kind, content) =>
      withOutbox(async (submitter, outbox) => {
        await resume(submitter, outbox)
        if ((await outbox.receipts(name)).length === 0) await submit(submitter, name, kind, content)
      }),
    get documents() {
      return documents
    },
  }
}

/** The document that is being logged, and what it tells. */
interface Flight {
  readonly note: string
  readonly findings: readonly string[]
}

/** One word about each batch, the last. */
function lastWords(findings: readonly Finding[]): Finding[] {
  return findings.filter(([digest], at) => !findings.slice(at + 1).some(([later]) => equalBytes(later, digest)))
}

function nameOf([digest, result]: Finding): string {
  return `${toHex(digest)}/${typeof result === 'object' ? result.code : result}`
}

async function readFlight(path: string): Promise<Flight | undefined> {
  const bytes = await readIfThere(path)
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as Flight)
}
