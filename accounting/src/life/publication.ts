import type { Publication } from '../document/publication.ts'
import type { Report } from '../document/report.ts'
import { type RegisterState, type Rule, registerError } from './state.ts'

/** A methodology is published once, and retired by whoever published it. */
export const publicationRule: Rule<Publication> = (state, stated) => {
  const { subject, state: to } = stated.content
  const name = subject.toString()
  const before = state.publications.get(name)
  const wanted = to === 'published' ? undefined : 'published'
  if (before?.content.state !== wanted)
    throw registerError(
      'E_REGISTER_STATE',
      `${subject} is ${before?.content.state ?? 'not published'} and cannot be ${to}.`,
      {
        cid: name,
        state: before?.content.state ?? null,
        to,
      },
    )
  if (before !== undefined && before.organization !== stated.organization)
    throw registerError('E_REGISTER_OWNER', `${subject} was published by organization ${before.organization}.`, {
      what: 'publication',
      organization: before.organization,
    })
  return () => {
    state.publications.set(name, stated)
  }
}

/** A report rests on what is published; one that corrects may keep the version of the report that it corrects. */
export function requirePublished({ publications }: RegisterState, report: Report, earlier: Report | undefined) {
  const kept = new Set(earlier === undefined ? [] : [earlier.methodology, ...earlier.factors].map(String))
  for (const cid of [report.methodology, ...report.factors])
    if (publications.get(cid.toString())?.content.state !== 'published' && !kept.has(cid.toString()))
      throw registerError(
        'E_REGISTER_METHODOLOGY',
        `${cid} is no published methodology or factor set. Use one that is, or have it published first.`,
        { cid: cid.toString() },
      )
}
