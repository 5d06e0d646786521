import { join } from 'node:path'
import type { ReportLife } from '@tanlian/accounting'
import pdfmake from 'pdfmake'
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { Instance } from '../instance.ts'
import { organizationOf } from '../organization/view.ts'
import { inputRow } from './pdf-input.ts'
import { WORDS } from './pdf-words.ts'
import { findProgram } from './program.ts'
import { reportWhole } from './report.ts'

type Language = keyof typeof WORDS
/** Words with values put in. */
type Fill = Readonly<Record<string, string | number>>

const FONT = join(import.meta.dirname, '..', '..', 'fonts', 'NotoSansSC.otf')
const CAR = 'application/vnd.ipld.car'
/** Rows of inputs that are printed; the rest are in the data. */
const ROWS_MAX = 400

pdfmake.setFonts({ NotoSansSC: { normal: FONT, bold: FONT, italics: FONT, bolditalics: FONT } })
// A document made here reads its one font and nothing else.
pdfmake.setLocalAccessPolicy((path) => path === FONT)
pdfmake.setUrlAccessPolicy(() => false)

/**
 * A report for people to read (打印件), with a code that leads to where it is done again.
 * @param address of the report's public page @param evidence its package, as a file inside; undefined for a reader who may not have it
 */
export async function reportPdf(
  instance: Instance,
  life: ReportLife,
  {
    language,
    address,
    evidence,
  }: { readonly language: Language; readonly address: string; readonly evidence: Uint8Array | undefined },
): Promise<Buffer> {
  const [whole, party, { program }] = await Promise.all([
    reportWhole(instance, life),
    organizationOf(instance, life.organization),
    findProgram(instance, life.content.methodology, life.content.factors),
  ])
  const words = WORDS[language]
  const name = (language === 'en' ? party?.nameEn : undefined) ?? party?.name ?? String(life.organization)
  const opinion = whole.opinions.at(-1)
  const head: [label: string, value: string][] = [
    [words.organization, `${name} (${life.organization})`],
    [words.subject, whole.subject],
    [words.period, `${whole.period} (${whole.zone})`],
    [words.stage, words.stages[whole.stage]],
    [words.methodology, `${whole.method[language]} · ${whole.method.id} ${whole.method.version}\n${whole.methodology}`],
    [words.factors, whole.factors.join('\n') || '–'],
    [words.submitted, whole.submitted],
    [words.logged, String(whole.index)],
    [words.size, String(whole.size)],
    ...(whole.corrects === null ? [] : ([[words.corrects, whole.corrects]] as [string, string][])),
    ...(whole.reason === null ? [] : ([[words.reason, whole.reason]] as [string, string][])),
  ]
  const content: Content[] = [
    { text: words[whole.type], style: 'title' },
    {
      columns: [
        {
          width: '*',
          table: { widths: ['auto', '*'], body: head.map((row) => row.map((text) => runs(text))) },
          layout: 'noBorders',
        },
        { width: 96, qr: address, fit: 96, alignment: 'right' },
      ],
      columnGap: 12,
    },
    { text: words.results, style: 'heading' },
    tableOf(
      [words.line, words.value, words.unit],
      whole.lines.map((line) => [line[language], line.value, line.unit]),
      ['*', 'auto', 'auto'],
    ),
    { text: words.inputs, style: 'heading' },
    tableOf(
      [words.input, '#', words.value, words.unit, words.origin],
      whole.inputs.slice(0, ROWS_MAX).map((input) => inputRow(program.methodology.inputs, input, language)),
      ['*', 'auto', 'auto', 'auto', 'auto'],
    ),
    { text: runs(filled(words.manual, { count: whole.manual })), style: 'note' },
    { text: words.witnesses, style: 'heading' },
    { text: filled(words.witnessed, { ...whole.witnesses }) },
    { text: words.opinion, style: 'heading' },
    {
      text:
        opinion === undefined
          ? words.noOpinion
          : `${words.outcomes[opinion.outcome]} · ${opinion.organization} · ${opinion.time}\n${opinion.statement}`,
    },
    { text: words.decision, style: 'heading' },
    {
      text:
        whole.decision === null
          ? words.noDecision
          : `${words.decisions[whole.decision.outcome]} · ${whole.decision.organization} · ${whole.decision.time}\n${whole.decision.reason ?? ''}`,
    },
    {
      text: evidence === undefined ? words.check : `${words.check} ${words.attached}`,
      style: 'note',
      margin: [0, 16, 0, 4],
    },
    { text: address, link: address, style: 'note' },
    { text: whole.cid, style: 'note' },
  ]
  const definition: TDocumentDefinitions = {
    pageSize: 'A4',
    pageMargins: [48, 48, 48, 56],
    info: { title: `${words[whole.type]} ${whole.subject} ${whole.period}`, creationDate: new Date(whole.submitted) },
    defaultStyle: { font: 'NotoSansSC', fontSize: 9, lineHeight: 1.25 },
    styles: {
      title: { fontSize: 18, margin: [0, 0, 0, 12] },
      heading: { fontSize: 12, margin: [0, 14, 0, 6] },
      note: { fontSize: 8, color: '#444444' },
    },
    footer: (page, pages) => ({
      text: filled(words.page, { page, pages }),
      alignment: 'center',
      fontSize: 8,
      margin: [0, 20, 0, 0],
    }),
    content,
    ...(evidence === undefined
      ? {}
      : {
          files: {
            package: {
              src: `data:${CAR};base64,${Buffer.from(evidence).toString('base64')}`,
              name: `report-${life.organization}-${whole.cid}.car`,
              description: words.attached,
            },
          },
        }),
  }
  return pdfmake.createPdf(definition).getBuffer()
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[], widths: string[]): Content {
  const body = [titles, ...rows].map((row) => row.map((text) => runs(text)))
  return { table: { headerRows: 1, widths, body, dontBreakRows: true }, layout: 'lightHorizontalLines' }
}

/** Text with real subscripts in formulas: the font has no ₂, and a reader of a report expects one. */
function runs(text: string): Content {
  const parts = text.split(/(CO2|N2O|CH4|C2F6|CF4|SF6)/)
  if (parts.length === 1) return { text }
  return {
    text: parts.flatMap((part, at) =>
      at % 2 === 0
        ? [{ text: part }]
        : part.split(/(\d)/).map((piece) => (/^\d$/.test(piece) ? { text: piece, sub: true } : { text: piece })),
    ),
  }
}

function filled(text: string, values: Fill): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
