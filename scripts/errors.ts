/**
 * Writes docs/errors.md from the tables of error codes: `node scripts/errors.ts`; with `--check` it only compares, and exits 1 where
 * the page is not what the tables say.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ACCOUNTING_ERRORS } from '../accounting/src/errors.ts'
import { CLI_ERRORS } from '../cli/src/errors.ts'
import { EVIDENCE_ERRORS } from '../evidence/src/errors.ts'
import { GATEWAY_ERRORS } from '../gateway/src/errors.ts'
import { PLATFORM_ERRORS } from '../platform/src/errors.ts'
import { statusOf } from '../platform/src/status.ts'
import { REGISTRY_ERRORS } from '../registry/src/errors.ts'
import { SDK_ERRORS } from '../sdk/src/errors.ts'
import { UNITS_ERRORS } from '../units/src/errors.ts'
import type { ErrorTable } from '../units/src/index.ts'
import { WEB_ERRORS } from '../web/src/errors.ts'

/** The table of each package, in the order of the arrows. */
export const ERROR_TABLES: Readonly<Record<string, ErrorTable>> = {
  units: UNITS_ERRORS,
  evidence: EVIDENCE_ERRORS,
  accounting: ACCOUNTING_ERRORS,
  registry: REGISTRY_ERRORS,
  platform: PLATFORM_ERRORS,
  sdk: SDK_ERRORS,
  gateway: GATEWAY_ERRORS,
  cli: CLI_ERRORS,
  web: WEB_ERRORS,
}

/** Where the page is. */
export const ERRORS_PAGE = join(import.meta.dirname, '..', 'docs', 'errors.md')

/** Packages whose refusals a platform sends over HTTP. */
const SERVED = new Set(['units', 'evidence', 'registry', 'platform'])

const HEAD = `# Error codes

Made from the tables in each package's \`src/errors.ts\` by \`node scripts/errors.ts\`; do not edit. A test holds page and code together.

An error over HTTP is RFC 9457 \`application/problem+json\`: \`code\` is one of these and stable, \`title\` is its sentence in the reader's
language, \`detail\` has the values in English, \`instance\` is the correlation id, \`errors\` points into the request (RFC 6901), and the same
code is the \`code\` of a \`TanlianError\` in a program and of a line of a verdict.
`

/** The page as the tables say it. */
export function renderErrorsPage(): string {
  const parts = Object.entries(ERROR_TABLES).map(([name, table]) => {
    const served = SERVED.has(name)
    const rows = Object.entries(table).map(
      ([code, { en, zh }]) =>
        `| <a id="${code}"></a>\`${code}\` |${served ? ` ${statusOf(code)} |` : ''} ${cell(en)} | ${cell(zh)} |`,
    )
    const head = served
      ? '| code | HTTP | what happened, and what to do | 说明 |\n|---|---|---|---|'
      : '| code | what happened, and what to do | 说明 |\n|---|---|---|'
    return `\n## ${name}\n\n${head}\n${rows.join('\n')}\n`
  })
  return HEAD + parts.join('')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) {
  const page = renderErrorsPage()
  if (!process.argv.includes('--check')) writeFileSync(ERRORS_PAGE, page)
  else if (readFileSync(ERRORS_PAGE, 'utf8') !== page) {
    console.error('docs/errors.md is not what the tables say. Run: npm run errors')
    process.exit(1)
  }
}
