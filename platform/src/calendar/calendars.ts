import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Calendar, readCalendar } from '@tanlian/accounting'
import { parse } from 'yaml'

const FOLDER = join(dirname(fileURLToPath(import.meta.resolve('@tanlian/accounting'))), '..', 'calendar')

let read: readonly Calendar[] | undefined

/** The calendars that come with the platform, read once: data of `accounting/calendar`, each date with its source. */
export function calendars(): readonly Calendar[] {
  read ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readCalendar(parse(readFileSync(join(FOLDER, name), 'utf8'), { schema: 'failsafe' })))
  return read
}
