import { kindInfo } from '@tanlian/evidence'
import { locale } from '../format.ts'
import { typeText } from './filter.ts'

/** A kind's name in the reader's language; its number where nobody named it. */
export function kindName(type: number): string {
  const kind = kindInfo(type)
  if (kind === undefined) return typeText(type)
  return locale() === 'en' ? kind.en : kind.zh
}
