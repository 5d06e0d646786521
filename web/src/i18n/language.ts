import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import checkEn from '../check/en.json'
import checkZh from '../check/zh-CN.json'
import en from './en.json'
import zh from './zh-CN.json'

/** The languages in which everything a person sees exists. */
export const LANGUAGES = ['zh-CN', 'en'] as const
/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number]

const KEPT_AS = 'tanlian.language'

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
export function setLanguage(language: Language): void {
  localStorage.setItem(KEPT_AS, language)
  void i18next.changeLanguage(language)
}

/** Adds the texts of a part of the app, asked for as `part:key`; a page that is loaded when it is opened brings its own. */
export function addTexts(part: string, texts: Readonly<Record<Language, object>>): void {
  for (const language of LANGUAGES) i18next.addResourceBundle(language, part, texts[language])
}

/** Prepares the texts; the page's `lang` follows every change, so that a screen reader pronounces it right. */
export function startLanguage(): void {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  void i18next.use(initReactI18next).init({
    lng: firstLanguage(localStorage.getItem(KEPT_AS), navigator.languages),
    resources: { 'zh-CN': { translation: zh, check: checkZh }, en: { translation: en, check: checkEn } },
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  })
}
