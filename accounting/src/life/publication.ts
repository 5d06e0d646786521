import type { Publication } from '../document/publication.ts'
import type { Report } from '../document/report.ts'
import { type PublicationLife, type RegisterState, type Rule, registerError } from './state.ts'

/** A methodology is published once, and retired by whoever published it. */
export const publicationRule: Rule<Publication> = (state, stated) => {
  const { subject, state: to } = stated.content
  const name = subject.toString()
  const life = state.publications.get(name)
  const now = stageOf(life)
  if (now !== (to === 'published' ? undefined : 'published'))
    throw registerError('E_REGISTER_STATE', `${subject} is ${now ?? 'not published'} and cannot be ${to}.`, {
      cid: name,
      state: now ?? null,
      to,
    })
  if (life !== undefined && life.organization !== stated.organization)
    throw registerError('E_REGISTER_OWNER', `${subject} was published by organization ${life.organization}.`, {
      what: 'publication',
      organization: life.organization,
    })
  return () => {
    if (life === undefined) state.publications.set(name, { ...stated, retired: undefined })
    else life.retired = stated
  }
}

/** Where a methodology or factor set stands; undefined before it is published. */
export function stageOf(life: PublicationLife | undefined): Publication['state'] | undefined {
  if (life === undefined) return undefined
  return life.retired === undefined ? 'published' : 'retired'
}

/** A report rests on what is published; one that corrects may keep the version of the report that it corrects. */
export function requirePublished({ publications }: RegisterState, report: Report, earlier: Report | undefined) {
  const kept = new Set(earlier === undefined ? [] : [earlier.methodology, ...earlier.factors].map(String))
  for (const cid of [report.methodology, ...report.factors])
    if (stageOf(publications.get(cid.toString())) !== 'published' && !kept.has(cid.toString()))
      throw registerError(
        'E_REGISTER_METHODOLOGY',
        `${cid} is no published methodology or factor set. Use one that is, or have it published first.`,
        { cid: cid.toString() },
      )
}
