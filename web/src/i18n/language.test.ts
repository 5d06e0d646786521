import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import checkEn from '../check/en.json' with { type: 'json' }
import checkZh from '../check/zh-CN.json' with { type: 'json' }
import en from './en.json' with { type: 'json' }
import { firstLanguage } from './language.ts'
import zh from './zh-CN.json' with { type: 'json' }

/** Every leaf of a tree of texts: its path and its placeholders. */
function leaves(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    const here = path === '' ? key : `${path}.${key}`
    if (typeof value === 'string') found.set(here, (value.match(/\{\{\w+\}\}/g) ?? []).sort().join(' '))
    else for (const [inner, holes] of leaves(value, here)) found.set(inner, holes)
  }
  return found
}

describe('texts', () => {
  it('exist in both languages, with the same placeholders', () => {
    expect([...leaves(zh)].sort()).toEqual([...leaves(en)].sort())
    expect([...leaves(checkZh)].sort()).toEqual([...leaves(checkEn)].sort())
  })

  it('are Chinese in the Chinese table, but for names and units', () => {
    const latin = Object.entries(flat(zh)).filter(
      ([, text]) => !/[㐀-鿿]/.test(text) && /[a-z]{4,}/i.test(text.replace(/\{\{\w+\}\}/g, '')),
    )
    expect(latin.map(([key]) => key)).toEqual(['shell.language.other'])
  })

  it('are each used by a page: none is left over, none is asked for in vain', () => {
    const source = sourceText()
    const patterns = [...source.matchAll(/`((?:check:)?[\w-]+\.[\w.-]*\$\{[^`]*)`/g)].map(
      ([, text = '']) => new RegExp(`^${text.replaceAll('.', '\\.').replaceAll(/\$\{.*?\}+/g, '.+')}$`),
    )
    const isUsed = (key: string) => source.includes(`'${key}'`) || patterns.some((pattern) => pattern.test(key))
    const left = [
      ...Object.keys(flat(zh)).filter((key) => !isUsed(key)),
      ...Object.keys(flat(checkZh)).filter((key) => !isUsed(key) && !isUsed(`check:${key}`)),
    ]
    expect(left).toEqual([])
    const known = new Set([
      ...Object.keys(flat(zh)),
      ...Object.keys(flat(checkZh)).flatMap((key) => [key, `check:${key}`]),
    ])
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
  const folder = join(import.meta.dirname, '..')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
}

function flat(texts: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[path + key, value]] : Object.entries(flat(value, `${path}${key}.`)),
    ),
  )
}
