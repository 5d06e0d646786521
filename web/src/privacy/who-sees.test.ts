import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import en from './en.json'
import { ROLES, SIGHTS, sightOf } from './who-sees.ts'

/** The cells of the table of roles in the documentation. */
function documented(): readonly (readonly string[])[] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/privacy.md'), 'utf8')
  const [, ...rows] = text.slice(text.indexOf('| | public, other organizations')).split('\n\n')[0]?.split('\n') ?? []
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

test('the page says who learns what in the order and the words of the documentation', () => {
  const rows = documented()
  expect(rows).toHaveLength(SIGHTS.length)
  for (const [at, [thing, ...sights]] of SIGHTS.entries()) {
    const [said = '', ...cells] = rows[at] ?? []
    expect(cells).toHaveLength(ROLES.length)
    expect(en.sees.thing[thing as keyof typeof en.sees.thing].toLowerCase().slice(0, 4)).toBe(
      said.toLowerCase().slice(0, 4),
    )
    for (const [place, sight] of sights.entries()) {
      const cell = cells[place] ?? ''
      const plain = sight === 'yes' || sight === 'no' || sight === 'shared' ? sight : undefined
      // "all", "all, closed by its own key": yes, in more words.
      const word = cell.startsWith('all') ? 'yes' : cell
      if (plain !== undefined) expect(word, `${thing}, ${ROLES[place]}`).toBe(plain)
      else expect(['yes', 'no', 'shared', ''], `${thing}, ${ROLES[place]}`).not.toContain(word)
    }
  }
})

test('of an open type everybody learns all; what is shared alone is kept from the platform where a type is closed', () => {
  expect(sightOf('open', 'no')).toBe('yes')
  expect([sightOf('shared', 'shared'), sightOf('closed', 'shared')]).toEqual(['yes', 'no'])
  expect(sightOf('closed', 'edges')).toBe('edges')
})
