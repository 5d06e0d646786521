import en from './en.json'
import zh from './zh-CN.json'

/** The language of the check page. */
export type Language = 'zh-CN' | 'en'

const KEPT_AS = 'tanlian.language'

/** The language of the last visit to any page here, else the browser's. */
export function keptLanguage(): Language {
  const kept = localStorage.getItem(KEPT_AS)
  if (kept === 'en' || kept === 'zh-CN') return kept
  return navigator.language.startsWith('zh') ? 'zh-CN' : navigator.language.startsWith('en') ? 'en' : 'zh-CN'
}

/** Remembers the language for all pages. */
export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT_AS, language)
}

/** A text by its key, with its placeholders filled. */
export function textIn(
  language: Language,
  key: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return textOf(language === 'en' ? en : zh, key, values)
}

/** The same of texts that are loaded later. */
export function textOf(texts: unknown, key: string, values: Readonly<Record<string, string | number>> = {}): string {
  let part = texts
  for (const name of key.split('.'))
    part = typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[name] : undefined
  if (typeof part !== 'string') return key
  return part.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''))
}
