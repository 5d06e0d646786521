import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { backup, restore } from './backup.ts'
import { check } from './check.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { gateway } from './gateway.ts'
import { helpText } from './help.ts'
import { importCommand } from './import.ts'
import { key } from './key.ts'
import { log } from './log.ts'
import { organization } from './organization.ts'
import { trace } from './trace.ts'
import { up } from './up.ts'

const TOP = [up, gateway, doctor, organization, key, importCommand, trace, check, log, backup, restore]
const ALL = TOP.flatMap((command) => [
  command,
  ...Object.values((command.subCommands ?? {}) as Readonly<Record<string, Command>>),
])

test('every command and every argument says what it is in both languages', () => {
  expect(ALL.length).toBeGreaterThan(25)
  for (const { about } of ALL)
    for (const { en, zh } of [about.description, ...Object.values(about.args).map(({ description }) => description)]) {
      expect(en, about.name).toMatch(/\w/)
      expect(en, about.name).not.toMatch(/\p{Script=Han}/u)
      // Words that are typed as they are, such as the purposes of a key, need no translation.
      if (zh !== en && !/^[\w、或 …]+$/.test(zh)) expect(zh, about.name).toMatch(/\p{Script=Han}/u)
    }
})

test('an example is a command that exists', () => {
  const names = new Set(ALL.map(({ about }) => about.name))
  const examples = ALL.flatMap(({ about }) => about.examples)
  expect(examples.length).toBeGreaterThan(4)
  for (const example of examples) expect(names).toContain(example.split(' ')[0])
})

test('arguments stand in the usage, those with a default in brackets', () => {
  expect(helpText(trace, [], 'en')).toContain('tanlian trace ORGANIZATION [OPTIONS]')
  const make = (key.subCommands as Readonly<Record<string, Command>>).new as Command
  expect(helpText(make, [], 'en')).toContain('tanlian key new [NAME] [OPTIONS]')
  expect(helpText(check, [], 'zh')).toContain('--no-audit')
})

describe('a slip on the command line', { timeout: 20_000 }, () => {
  const SLIPS: readonly [string, readonly string[], string][] = [
    ['an unknown command', ['frob'], 'There is no command frob. See tanlian --help.'],
    ['an unknown verb', ['org', 'frob'], 'There is no command frob. See tanlian org --help.'],
    ['a missing argument', ['trace'], 'ORGANIZATION is missing. See tanlian trace --help.'],
    ['a missing flag', ['import', 'a.csv'], '--map is missing. See tanlian import file --help.'],
    ['an unknown flag', ['trace', '3', '--mnth', '2018-03'], 'tanlian trace has no flag --mnth.'],
    ['one argument too many', ['trace', '3', '4'], 'tanlian trace does not take "4".'],
    ['the same in Chinese', ['trace', '--lang', 'zh'], '缺少 ORGANIZATION。请用 tanlian trace --help 查看用法。'],
  ]
  test.each(SLIPS)('%s: said with what to do, exit code 2', (_what, argv, said) => {
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...argv], {
      env: { ...process.env, LANG: 'C', LC_ALL: 'C' },
      encoding: 'utf8',
    })
    expect(stderr).toContain(said)
    expect(status).toBe(2)
  })
})
