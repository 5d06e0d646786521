import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firstLanguage } from './language.ts'

const SOURCE = join(import.meta.dirname, '..')
/** Texts of each part of the app: of `i18n` under their own keys, of another folder as `folder:key`. */
const PARTS = readdirSync(SOURCE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(SOURCE, entry.name, 'en.json')))
  .map(({ name }) => ({ name, en: readTexts(name, 'en'), zh: readTexts(name, 'zh-CN') }))

function readTexts(part: string, language: string): object {
  return JSON.parse(readFileSync(join(SOURCE, part, `${language}.json`), 'utf8')) as object
}

function inEither(placeholder: string): string {
  return placeholder === '{{zh}}' || placeholder === '{{en}}' ? '{{words}}' : placeholder
}

/** The names under which a page may ask for a key. The check page, which stands alone, asks for its own without a prefix. */
function namesOf(part: string, key: string): readonly string[] {
  if (part === 'i18n') return [key]
  return part === 'check' ? [key, `check:${key}`] : [`${part}:${key}`]
}

/** Every leaf of a tree of texts: its path and its placeholders; `zh` and `en` are the one name of a thing in each language. */
function leaves(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    const here = path === '' ? key : `${path}.${key}`
    if (typeof value === 'string') found.set(here, (value.match(/\{\{\w+\}\}/g) ?? []).map(inEither).sort().join(' '))
    else for (const [inner, holes] of leaves(value, here)) found.set(inner, holes)
  }
  return found
}

describe('texts', () => {
  it('exist in both languages, with the same placeholders', () => {
    expect(PARTS.map(({ name }) => name)).toContain('i18n')
    for (const { name, en, zh } of PARTS) expect([...leaves(zh)].sort(), name).toEqual([...leaves(en)].sort())
  })

  it('are Chinese in the Chinese table, but for names and units', () => {
    const latin = PARTS.flatMap(({ name, zh }) =>
      Object.entries(flat(zh))
        .filter(([, text]) => !/[㐀-鿿]/.test(text) && /[a-z]{4,}/i.test(text.replace(/\{\{\w+\}\}/g, '')))
        .map(([key]) => `${name}/${key}`),
    )
    expect(latin).toEqual(['check/page.language', 'i18n/shell.language.other'])
  })

  it('are each used by a page: none is left over, none is asked for in vain', () => {
    const source = sourceText()
    const patterns = [...source.matchAll(/`((?:[a-z]+:)?[\w-]+\.[\w.-]*\$\{[^`]*)`/g)].map(
      ([, text = '']) => new RegExp(`^${text.replaceAll('.', '\\.').replaceAll(/\$\{.*?\}+/g, '.+')}$`),
    )
    const isUsed = (key: string) => source.includes(`'${key}'`) || patterns.some((pattern) => pattern.test(key))
    const all = PARTS.flatMap(({ name, zh }) => Object.keys(flat(zh)).map((key) => namesOf(name, key)))
    expect(all.filter((names) => !names.some(isUsed)).map(([name]) => name)).toEqual([])
    const known = new Set(all.flat())
    const asked = [...source.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key = '']) => key)
    expect(asked.length).toBeGreaterThan(200)
    expect(asked.filter((key) => !known.has(key))).toEqual([])
  })

  it('start in the kept language, else the browser’s, else Chinese', () => {
    expect(firstLanguage('en', ['zh-CN'])).toBe('en')
    expect(firstLanguage(null, ['fr', 'en-GB', 'zh'])).toBe('en')
    expect(firstLanguage('de', ['fr'])).toBe('zh-CN')
  })
})

/** Everything that the pages are made from, as one text. */
function sourceText(): string {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => readFileSync(join(SOURCE, name), 'utf8'))
    .join('\n')
}

function flat(texts: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[path + key, value]] : Object.entries(flat(value, `${path}${key}.`)),
    ),
  )
}
