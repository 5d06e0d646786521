import type { BothTexts } from '@tanlian/sdk'

/** A publisher's text in the reader's language. */
export function textsIn(texts: BothTexts, language: string): string {
  return language === 'en' ? texts.en : texts.zh
}
