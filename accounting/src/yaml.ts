import { TanlianError } from '@tanlian/units'
import { parseDocument } from 'yaml'
import { DOCUMENT_LIMITS } from './shape.ts'

/**
 * Reads the YAML of a methodology or factor set as its author wrote it: every number stays the text that it is, so that no digit is lost. Aliases,
 * repeated keys and texts that are too long are refused before they cost anything (safety S35).
 * @returns what `readMethodology` and `readFactors` read
 * @throws TanlianError E_DOCUMENT_SIZE, E_DOCUMENT_FORM with the line
 */
export function readYaml(text: string): unknown {
  const most = DOCUMENT_LIMITS.characters
  if (text.length > most)
    throw new TanlianError('E_DOCUMENT_SIZE', `The YAML has more than ${most} characters. Make it smaller.`, {
      values: { what: 'characters', most },
    })
  requireShallow(text)
  const document = parseDocument(text, { schema: 'failsafe', version: '1.2', uniqueKeys: true })
  const [problem] = document.errors
  if (problem !== undefined) throw yamlError(problem.message.split('\n', 1)[0] ?? '', problem.linePos?.[0].line)
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (cause) {
    throw yamlError(cause instanceof Error ? cause.message : 'it does not read')
  }
}

/** Nesting is looked at before the parser is, which would go as deep as it is told. */
function requireShallow(text: string) {
  let depth = 0
  for (const sign of text.matchAll(/[[\]{}]/g)) {
    depth += sign[0] === '[' || sign[0] === '{' ? 1 : -1
    if (depth > MAX_BRACKETS) throw yamlError(`brackets are nested deeper than ${MAX_BRACKETS}`)
  }
  for (const line of text.matchAll(/^(?: *- )+/gm))
    if (line[0].length > 4 * MAX_BRACKETS) throw yamlError(`lists are nested deeper than ${MAX_BRACKETS}`)
}

/** Brackets open at once; a methodology has five. */
const MAX_BRACKETS = 40

function yamlError(why: string, line?: number): TanlianError {
  const at = line === undefined ? 'the YAML' : `line ${line}`
  return new TanlianError('E_DOCUMENT_FORM', `${at}: ${why}`, { values: { at, why } })
}
