import type { ErrorTable } from '@tanlian/units'
import { INTRODUCTION_ZH, SUMMARIES_ZH, TAGS_ZH, WORDS } from './openapi-zh.ts'

/** What the page shows of a JSON schema. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
  readonly description?: string
}

interface Operation {
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content>>
}

interface Document {
  readonly info: { readonly title: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

/** The language of a page. */
export type Language = 'en' | 'zh'

/** The readable page of an OpenAPI document: plain HTML, made here. */
export function renderReference(given: unknown, language: Language): string {
  const document = given as Document
  const words = WORDS[language]
  const groups = (document.tags ?? []).map((tag) => ({ ...tag, operations: operationsOf(document, tag.name) }))
  const shown = groups.filter((group) => group.operations.length > 0)
  const navigation = shown.map(
    ({ name, operations }) => `<li><a href="#${text(name)}">${text(name)}</a> <small>${operations.length}</small></li>`,
  )
  const body = shown.map((group) => {
    const said = language === 'zh' ? TAGS_ZH[group.name] : group.description
    const operations = group.operations.map((operation) => renderOperation(operation, language))
    const head = `<h2>${text(group.name)} <small>${operations.length}</small></h2><span>${text(said ?? '')}</span>`
    return `<section>${fold(head, text(group.name), operations.join(''))}</section>`
  })
  const schemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) =>
    fold(`<h3>${text(name)}</h3>`, `schema-${text(name)}`, renderSchema(schema as Schema, language)),
  )
  const introduction = language === 'zh' ? INTRODUCTION_ZH : (document.info.description ?? '')
  return page(
    language,
    `${document.info.title} · API`,
    `<nav aria-label="${words.contents}"><ul>${navigation.join('')}<li><a href="#schemas">${words.schemas}</a></li></ul></nav>
<main><h1>${text(document.info.title)} API</h1><p>${prose(introduction)}</p>
<p><a href="/openapi.json">openapi.json</a> · <a href="/docs/errors?lang=${language}">${words.errors}</a> · <a href="/">${words.home}</a> · ${otherLanguage('/docs', language)}</p>
${body.join('\n')}<section>${fold(`<h2>${words.schemas} <small>${schemas.length}</small></h2>`, 'schemas', schemas.join(''))}</section></main>`,
  )
}

/** Every error code with its sentence, in the reader's language; the anchor is what a problem's `type` points to. */
export function renderErrors(table: ErrorTable, language: Language): string {
  const title = language === 'zh' ? '错误代码' : 'Error codes'
  const areas = Map.groupBy(Object.keys(table).sort(), areaOf)
  const groups = [...areas].map(([area, codes]) => {
    const rows = codes.map(
      (code) => `<dt id="${code}"><code>${code}</code></dt><dd>${text(table[code]?.[language] ?? '')}</dd>`,
    )
    return fold(
      `<h2><code>E_${area}</code> <small>${codes.length}</small></h2>`,
      undefined,
      `<dl>${rows.join('')}</dl>`,
    )
  })
  return page(
    language,
    title,
    `<main><h1>${title}</h1><p><a href="/docs?lang=${language}">API</a> · ${otherLanguage('/docs/errors', language)}</p>${groups.join('')}</main>`,
  )
}

/** The second word of a code: what it is about. */
function areaOf(code: string): string {
  return code.split('_')[1] ?? code
}

/** A part that is closed until it is opened, or until its address leads into it: so the page is short on a phone, without a script. */
function fold(head: string, id: string | undefined, body: string): string {
  return `<details><summary>${head}</summary><div${id === undefined ? '' : ` id="${id}"`}>${body}</div></details>`
}

interface Listed extends Operation {
  readonly id: string
  readonly method: string
  readonly path: string
}

function operationsOf(document: Document, tag: string): Listed[] {
  const found: Listed[] = []
  for (const [path, methods] of Object.entries(document.paths ?? {}))
    for (const [method, value] of Object.entries(methods ?? {})) {
      const operation = value as Operation
      if (method === 'head' || !operation.tags?.includes(tag)) continue
      const id = `${method}${path}`.replaceAll(/[^A-Za-z0-9]+/g, '-')
      found.push({ ...operation, id, method: method.toUpperCase(), path })
    }
  return found
}

function renderOperation(operation: Listed, language: Language): string {
  const words = WORDS[language]
  const rows = (operation.parameters ?? []).map(
    (parameter) =>
      `<tr><th scope="row"><code>${text(parameter.name)}</code></th><td>${text(parameter.in)}${parameter.required ? `, ${words.required}` : ''}</td><td>${renderType(parameter.schema ?? {})}</td><td>${prose(parameter.description ?? parameter.schema?.description ?? '')}</td></tr>`,
  )
  const said = language === 'zh' ? SUMMARIES_ZH[routeOf(operation)] : operation.summary
  const head = `<h3><code>${operation.method}</code> <code>${text(operation.path)}</code></h3><span>${prose(said ?? operation.summary ?? '')}</span>`
  const parts: string[] = []
  if (operation.description !== undefined) parts.push(`<p lang="en">${prose(operation.description)}</p>`)
  if (rows.length > 0)
    parts.push(
      `<div class="scroll"><table><thead><tr>${[words.parameter, words.in, words.type, words.meaning].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    )
  if (operation.requestBody !== undefined)
    parts.push(`<h4>${words.body}</h4>${renderContent(operation.requestBody, language)}`)
  for (const [status, answer] of Object.entries(operation.responses ?? {}))
    parts.push(`<h4>${text(status)}</h4>${renderContent(answer, language)}`)
  return `<article class="operation">${fold(head, operation.id, parts.join(''))}</article>`
}

/** The line of the policy table that an operation is. */
function routeOf({ method, path }: Pick<Listed, 'method' | 'path'>): string {
  return `${method} ${path.replaceAll(/\{([^}]*)\}/g, (_, name: string) => (name === '*' ? '*' : `:${name}`))}`
}

function renderContent(content: Content, language: Language): string {
  const kinds = Object.entries(content.content ?? {})
  if (kinds.length === 0) return `<p>${text(content.description ?? '')}</p>`
  return kinds
    .map(
      ([type, { schema }]) =>
        `<p><code>${text(type)}</code></p>${schema === undefined ? '' : renderSchema(schema, language)}`,
    )
    .join('')
}

/** Objects as a list of their fields, everything else as one line. */
function renderSchema(schema: Schema, language: Language): string {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices?.some((choice) => choice.properties !== undefined))
    return choices.map((choice) => renderSchema(choice, language)).join(`<p>${WORDS[language].or}</p>`)
  if (schema.properties === undefined) return `<p>${renderType(schema)}</p>`
  const fields = Object.entries(schema.properties).map(
    ([name, field]) =>
      `<dt><code>${text(name)}</code>${schema.required?.includes(name) ? '' : ` <small>${WORDS[language].optional}</small>`}</dt><dd>${renderType(field)} ${prose(field.description ?? '')}</dd>`,
  )
  return `<dl>${fields.join('')}</dl>`
}

function renderType(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return `<a href="#schema-${text(name)}">${text(name)}</a>`
  }
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (choices !== undefined) return choices.map((choice) => renderType(choice)).join(' | ')
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`
  if (schema.enum !== undefined)
    return schema.enum.map((one) => `<code>${text(JSON.stringify(one))}</code>`).join(' | ')
  if (schema.type === 'array') return `array of ${renderType(schema.items ?? {})}`
  if (schema.type === 'object' && schema.properties !== undefined)
    return `object { ${Object.entries(schema.properties)
      .map(([name, field]) => `${text(name)}: ${renderType(field)}`)
      .join(', ')} }`
  const type = [schema.type ?? 'any'].flat().join(' | ')
  return `${text(type)}${schema.pattern === undefined ? '' : ` <code>${text(schema.pattern)}</code>`}`
}

function page(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${text(title)}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/docs.css"></head>
<body>${body}</body></html>`
}

function otherLanguage(path: string, language: Language): string {
  const other = language === 'zh' ? 'en' : 'zh'
  return `<a href="${path}?lang=${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}">${WORDS[language].other}</a>`
}

/** Text as HTML; what stands between backquotes is code. */
function prose(value: string): string {
  return text(value).replaceAll(/`([^`]*)`/g, '<code>$1</code>')
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Styles of the documentation pages. */
export const DOCS_CSS = `:root { color-scheme: light dark; --line: light-dark(#d8dde3, #39414a); --quiet: light-dark(#4a5561, #b3bdc7); --link: light-dark(#0b5d3b, #6fd3a2) }
body { margin: 0; font: 16px/1.55 system-ui, "Noto Sans SC", sans-serif; display: flex; gap: 2rem }
nav { flex: none; width: 12rem; height: 100vh; overflow: auto; position: sticky; top: 0; border-right: 1px solid var(--line); font-size: .9rem }
nav ul { list-style: none; padding-left: 1rem } nav li { margin: .3rem 0 }
main { max-width: 60rem; padding: 1rem 1.5rem 4rem; min-width: 0; flex: 1 }
details { border-top: 1px solid var(--line) } details > div { padding: 0 0 1.2rem 1.2rem; scroll-margin-top: 6rem }
summary { cursor: pointer; padding: .5rem 0; display: grid; grid-template-columns: 1.2rem minmax(0, 1fr); align-items: baseline }
summary::before { content: "+"; color: var(--quiet) } details[open] > summary::before { content: "−" }
summary > * { grid-column: 2; margin: 0 } summary span { color: var(--quiet); font-size: .9rem } summary h2 { font-size: 1.1rem } summary h3 { font-size: 1rem; font-weight: 600 }
a { color: var(--link) } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere } small { color: var(--quiet) }
h4 { margin: .8rem 0 .2rem } dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem } dd { margin: 0; color: var(--quiet); overflow-wrap: anywhere }
table { border-collapse: collapse; font-size: .9rem } th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line) }
.scroll { overflow-x: auto }
dt:target { outline: 2px solid var(--link); outline-offset: 4px }
@media (max-width: 60rem) { body { display: block } nav { position: static; width: auto; height: auto; border: 0; border-bottom: 1px solid var(--line) } nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding-right: 1rem } dl { grid-template-columns: 1fr } dt { margin-top: .5rem } }
`
