import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { TanlianError } from '@tanlian/units'
import { parse } from 'yaml'

/** Settings in their order of weight: flags, then `TANLIAN_*`, then a YAML file. Names are those of the flags. */
export interface Settings {
  get(name: string): string | undefined
}

/**
 * Reads the settings file (`--config`, `TANLIAN_CONFIG`, or `config.yaml` in the home folder where there is one) and puts flags and
 * environment above it. Codes: E_CLI_SETTINGS.
 */
export function openSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const named = text(flags.config) ?? environment.TANLIAN_CONFIG
  const file = readSettings(named ?? join(homeFolder(flags, environment), 'config.yaml'), named !== undefined)
  return {
    get: (name) =>
      text(flags[name]) ?? environment[`TANLIAN_${name.toUpperCase().replaceAll('-', '_')}`] ?? text(file[name]),
  }
}

/** The folder of keys, signed bytes and receipts of this machine's user: `--home`, `TANLIAN_HOME`, else the user's own. */
export function homeFolder(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return (
    text(flags.home) ??
    environment.TANLIAN_HOME ??
    join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'tanlian')
  )
}

function readSettings(path: string, wanted: boolean): Record<string, unknown> {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (cause) {
    if (!wanted) return {}
    throw settingsError(path, 'it cannot be opened', cause)
  }
  let value: unknown
  try {
    value = parse(source)
  } catch (cause) {
    throw settingsError(path, 'it is not YAML', cause)
  }
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw settingsError(path, 'it is not a list of names and values')
  return value as Record<string, unknown>
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

function settingsError(path: string, why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_CLI_SETTINGS', `The settings file ${path} cannot be used: ${why}.`, {
    values: { path, why },
    cause,
  })
}
