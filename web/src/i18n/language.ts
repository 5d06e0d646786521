import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

/** The languages in which everything a person sees exists. */
export const LANGUAGES = ['zh-CN', 'en'] as const
/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number]

const KEPT_AS = 'tanlian.language'

/** The texts of each language travel by themselves: few readers want both. */
const TEXTS = {
  'zh-CN': () => Promise.all([import('./zh-CN.json'), import('../check/zh-CN.json')]),
  en: () => Promise.all([import('./en.json'), import('../check/en.json')]),
} as const satisfies Readonly<Record<Language, unknown>>

/** Brings the texts of a language, once. */
export async function bringTexts(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return
  const [own, check] = await TEXTS[language]()
  i18next.addResourceBundle(language, 'translation', own.default)
  i18next.addResourceBundle(language, 'check', check.default)
}

/** The language of the last visit, else the browser's, else Chinese. */
export function firstLanguage(kept: string | null, browser: readonly string[]): Language {
  if (kept === 'en' || kept === 'zh-CN') return kept
  for (const tag of browser) {
    if (tag.startsWith('zh')) return 'zh-CN'
    if (tag.startsWith('en')) return 'en'
  }
  return 'zh-CN'
}

/** Changes the language of every text at once, without a reload, and remembers it on this device. */
export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT_AS, language)
  await bringTexts(language)
  await i18next.changeLanguage(language)
}

/** Adds the texts of a part of the app, asked for as `part:key`; a page that is loaded when it is opened brings its own. */
export function addTexts(part: string, texts: Readonly<Record<Language, object>>): void {
  for (const language of LANGUAGES) i18next.addResourceBundle(language, part, texts[language])
}

/** Prepares the texts of the reader's language; the page's `lang` follows every change, so that a screen reader pronounces it right. */
export async function startLanguage(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  const language = firstLanguage(localStorage.getItem(KEPT_AS), navigator.languages)
  await i18next.use(initReactI18next).init({
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  await bringTexts(language)
  await i18next.changeLanguage(language)
}
