import { type Block, encodeBlock, writeCar } from '@tanlian/evidence'
import type { FastifyReply } from 'fastify'

/** What somebody is to sign: a document's content, and the blocks that travel after the document. */
export interface Unsigned {
  readonly content: Block
  readonly blocks: readonly Block[]
}

/** Content without further blocks. */
export function unsigned(content: unknown): Unsigned {
  return { content: encodeBlock(content), blocks: [] }
}

/**
 * Answers with content to be signed: a CAR, the content first. Whoever signs puts it into a document with the next number of their sequence; the key
 * never comes here.
 */
export function sendUnsigned(reply: FastifyReply, kind: string, { content, blocks }: Unsigned) {
  const distinct = new Map([content, ...blocks].map((block) => [block.cid.toString(), block]))
  return reply
    .header('content-type', 'application/vnd.ipld.car')
    .header('cache-control', 'no-store')
    .header('tanlian-document', kind)
    .send(Buffer.from(writeCar(content.cid, [...distinct.values()])))
}
