import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeOfContractError, LOG_CONTRACT, REGISTRY_CONTRACT } from '../registry/src/contract.ts'
import { ERROR_TABLES, ERRORS_PAGE, renderErrorsPage } from '../scripts/errors.ts'

const ROOT = join(import.meta.dirname, '..')

/** Every source file of the packages but tests and the tables themselves. */
function sources(): string[] {
  return Object.keys(ERROR_TABLES).flatMap((name) => {
    const folder = join(ROOT, name, 'src')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
      .map((file) => join(folder, file))
      .filter((file) => !file.endsWith(`${sep}src${sep}errors.ts`))
  })
}

/** Codes that stand in quotes in the code; a comment alone is no use. */
function usedCodes(): Map<string, string> {
  const used = new Map<string, string>()
  for (const file of sources())
    for (const [, code = ''] of readFileSync(file, 'utf8').matchAll(/['"`](E_[A-Z0-9_]*[A-Z0-9])['"`]/g))
      used.set(code, file.slice(ROOT.length + 1))
  return used
}

const known = new Map(
  Object.entries(ERROR_TABLES).flatMap(([name, table]) => Object.keys(table).map((code) => [code, name])),
)

describe('error codes', () => {
  const used = usedCodes()

  test('every code in the code is in a table', () => {
    const unknown = [...used].filter(([code]) => !known.has(code)).map(([code, file]) => `${code} in ${file}`)
    expect(unknown).toEqual([])
  })

  test('every code of a table is used, or is the name of a contract’s error', () => {
    const contracts = [...LOG_CONTRACT.abi, ...REGISTRY_CONTRACT.abi]
      .filter((item) => item.type === 'error')
      .map((item) => codeOfContractError('name' in item ? (item.name ?? '') : ''))
    const live = new Set([...used.keys(), ...contracts])
    expect([...known.keys()].filter((code) => !live.has(code))).toEqual([])
    expect(contracts.filter((code) => !known.has(code))).toEqual([])
  })

  test('a code stands in one table only', () => {
    const all = Object.values(ERROR_TABLES).flatMap((table) => Object.keys(table))
    expect(all.filter((code, at) => all.indexOf(code) !== at)).toEqual([])
  })

  test('every sentence exists in both languages, as a whole sentence', () => {
    for (const table of Object.values(ERROR_TABLES))
      for (const [code, { en, zh }] of Object.entries(table)) {
        expect(en, code).toMatch(/^[A-Z“‘].*[.]$/su)
        expect(zh, code).toMatch(/[。]$/u)
        expect(zh, code).toMatch(/\p{Script=Han}/u)
      }
  })

  test('docs/errors.md is what the tables say', () => {
    expect(readFileSync(ERRORS_PAGE, 'utf8')).toBe(renderErrorsPage())
  })
})
