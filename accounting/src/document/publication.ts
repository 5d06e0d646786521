import type { CID } from 'multiformats/cid'
import { choiceOf, fieldsOf, textOf } from '../shape.ts'
import { linkOf, nullable } from './read.ts'

/** A methodology or factor set is published or retired (方法学发布); old reports keep their version. */
export interface Publication {
  readonly format: 'tanlian/publication/1'
  readonly subject: CID
  readonly state: 'published' | 'retired'
  readonly reason: string | null
}

export function readPublication(input: unknown): Publication {
  const f = fieldsOf('publication', input, ['format', 'subject', 'state', 'reason'])
  return {
    format: choiceOf('publication.format', f.format, ['tanlian/publication/1']),
    subject: linkOf('publication.subject', f.subject),
    state: choiceOf('publication.state', f.state, ['published', 'retired']),
    reason: nullable(f.reason, (reason) => textOf('publication.reason', reason)),
  }
}
