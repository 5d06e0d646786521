import { choicesOf, choiceWords, type Input, type Methodology, type Program } from '@tanlian/accounting'
import { KINDS } from '@tanlian/evidence'
import type { AskedOrigin } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatMoment, shorten } from '../format.ts'
import { ChoiceSelect } from '../methodology/choice-select.tsx'
import { unitText } from '../methodology/figure.ts'
import { getJson, type Page as ListPage } from '../service.ts'
import type { DraftInput } from './draft-record.ts'

/** A group of more rows shows each by what it says; a row opens for whoever is to change it. */
const SHOWN_ROWS = 2
/** Documents of one kind offered at once. */
const SHOWN = 200

type Change = (inputs: readonly DraftInput[]) => void
type Kind = AskedOrigin['kind']

/** Every input of the methodology with its value and its origin: those that a report has once, then rows by group. */
export function DraftInputs({
  organization,
  period,
  program,
  inputs,
  onChange,
}: {
  organization: number
  period: { readonly from: number; readonly to: number }
  program: Program
  inputs: readonly DraftInput[]
  onChange: Change
}) {
  const { t, i18n } = useTranslation()
  const documents = useQuery({
    queryKey: ['citable', organization],
    queryFn: () => listCitable(organization),
    staleTime: 30_000,
  })
  const { methodology } = program
  const shared = { program, inputs, onChange, period, documents: documents.data ?? [] }
  const groups = [...methodology.groups]
  return (
    <>
      <h2 className="part">{t('report:inputs')}</h2>
      <section className="sheet stack">
        {methodology.inputs
          .filter(({ group }) => group === undefined)
          .map((input) => (
            <InputRow key={input.name} input={input} group={null} row={0} {...shared} />
          ))}
      </section>
      {groups.map(([group, words]) => {
        const own = inputs.filter((input) => input.group === group)
        const rows = own.length === 0 ? 0 : Math.max(...own.map(({ row }) => row)) + 1
        return (
          <section key={group} className="sheet stack">
            <h3>{textsIn(words, i18n.language)}</h3>
            {Array.from({ length: rows }, (_, row) => row).map((row) => (
              <details key={row} open={rows <= SHOWN_ROWS}>
                <summary>
                  <strong>{t('methodology:why.row', { row: row + 1 })}</strong>{' '}
                  <span className="muted">{rowText(methodology, inputs, group, row, i18n.language)}</span>
                </summary>
                <div className="stack">
                  {methodology.inputs
                    .filter((input) => input.group === group)
                    .map((input) => (
                      <InputRow key={input.name} input={input} group={group} row={row} {...shared} />
                    ))}
                </div>
              </details>
            ))}
            <div className="row">
              <button type="button" onClick={() => onChange(withRow(inputs, methodology, group, rows))}>
                {t('methodology:try.addRow')}
              </button>
              {rows > 0 && (
                <button
                  type="button"
                  className="plain"
                  onClick={() => onChange(inputs.filter((input) => input.group !== group || input.row !== rows - 1))}
                >
                  {t('methodology:try.removeRow')}
                </button>
              )}
            </div>
          </section>
        )
      })}
    </>
  )
}

/** A row by its values, in the order of the methodology. */
function rowText(
  { inputs }: Methodology,
  given: readonly DraftInput[],
  group: string,
  row: number,
  language: string,
): string {
  return inputs
    .flatMap((input) => {
      const value = given.find((one) => one.name === input.name && one.group === group && one.row === row)?.value
      if (value === undefined) return []
      if (input.unit !== undefined) return [`${value} ${unitText(input.unit.text)}`.trimEnd()]
      return [textsIn(choiceWords(value) ?? { zh: value, en: value }, language)]
    })
    .join(' · ')
}

/** One input: its value, and where that is from. A total's value is the platform's. */
function InputRow({
  program,
  input,
  group,
  row,
  inputs,
  onChange,
  period,
  documents,
}: {
  program: Program
  input: Input
  group: string | null
  row: number
  inputs: readonly DraftInput[]
  onChange: Change
  period: { readonly from: number; readonly to: number }
  documents: readonly Citable[]
}) {
  const { t, i18n } = useTranslation()
  const id = useId()
  const now = inputs.find((one) => one.name === input.name && one.group === group && one.row === row)
  const isHere = (one: DraftInput) => one.name === input.name && one.group === group && one.row === row
  const put = (next: DraftInput | undefined) => {
    const others = inputs.filter((one) => !isHere(one))
    onChange(next === undefined ? others : [...others, next])
  }
  const origin: AskedOrigin =
    now?.origin ?? (input.unit === undefined ? { kind: 'choice' } : { kind: 'manual', reason: '' })
  const kinds: readonly Kind[] = input.unit === undefined ? ['choice'] : ['total', 'analysis', 'voucher', 'manual']
  const set = (value: string, next: AskedOrigin) =>
    put(value === '' && next.kind !== 'total' ? undefined : { name: input.name, group, row, value, origin: next })
  const change = (kind: Kind) => set(now?.value ?? '0', firstOrigin(kind, input, period, documents))
  const label = textsIn(input.words, i18n.language)
  const unit = unitText(input.unit?.text ?? '')
  const choices = choicesOf(program, input)
  return (
    <div className="input-row">
      <div className="field">
        <label htmlFor={id}>
          {label} {unit !== '' && <span className="muted">{unit}</span>}
          {input.optional && <span className="muted"> {t('methodology:try.optional')}</span>}
        </label>
        {choices.length > 0 ? (
          <ChoiceSelect
            id={id}
            choices={choices}
            value={now?.value ?? ''}
            onChange={(choice) => set(choice, { kind: 'choice' })}
          />
        ) : (
          <input
            id={id}
            value={now?.value ?? ''}
            readOnly={origin.kind === 'total'}
            inputMode={input.unit === undefined ? 'text' : 'decimal'}
            onChange={(event) => set(event.target.value.trim(), origin)}
          />
        )}
      </div>
      {kinds.length > 1 && (
        <label className="field">
          <span>{t('report:from')}</span>
          <select value={origin.kind} onChange={(event) => change(event.target.value as Kind)}>
            {kinds.map((kind) => (
              <option
                key={kind}
                value={kind}
                disabled={(kind === 'analysis' || kind === 'voucher') && !documents.some((one) => one.kind === kind)}
              >
                {t(`methodology:origin.${kind}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <OriginDetail
        origin={origin}
        types={input.evidence}
        documents={documents}
        onChange={(next) => set(now?.value ?? '', next)}
      />
    </div>
  )
}

/** The rest of an origin: which type and streams, which document, or why it was entered by hand. */
function OriginDetail({
  origin,
  types,
  documents,
  onChange,
}: {
  origin: AskedOrigin
  /** Of which readings a total may be, hex. */
  types: readonly string[]
  documents: readonly Citable[]
  onChange: (origin: AskedOrigin) => void
}) {
  const { t } = useTranslation()
  switch (origin.kind) {
    case 'choice':
      return null
    case 'manual':
      return (
        <label className="field">
          <span>{t('report:reason')}</span>
          <input value={origin.reason} onChange={(event) => onChange({ kind: 'manual', reason: event.target.value })} />
        </label>
      )
    case 'total':
      return (
        <>
          <label className="field">
            <span>{t('report:type.measured')}</span>
            <select value={origin.type} onChange={(event) => onChange({ ...origin, type: event.target.value })}>
              {[...new Set([origin.type, ...types])].map((type) => (
                <option key={type} value={type}>
                  {typeText(type)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('report:streams')}</span>
            <input
              value={origin.streams?.join(' ') ?? ''}
              placeholder={t('report:list.all')}
              onChange={(event) => onChange({ ...origin, streams: streamsOf(event.target.value) })}
            />
          </label>
        </>
      )
    default:
      return (
        <>
          <label className="field">
            <span>{t('report:document')}</span>
            <select
              value={origin.document}
              onChange={(event) => onChange({ ...origin, document: event.target.value } as AskedOrigin)}
            >
              {documents
                .filter(({ kind }) => kind === origin.kind)
                .map(({ cid, title }) => (
                  <option key={cid} value={cid}>
                    {title}
                  </option>
                ))}
            </select>
          </label>
          {origin.kind === 'analysis' && (
            <label className="field">
              <span>{t('report:resultName')}</span>
              <input value={origin.result} onChange={(event) => onChange({ ...origin, result: event.target.value })} />
            </label>
          )}
        </>
      )
  }
}

/** Kinds of readings that are named at most. */
const NAMED = 3

/** A type, whole or only its first bytes, by the kinds of readings that are of it. */
function typeText(type: string): string {
  const kinds = KINDS.filter((kind) => kind.type.toString(16).padStart(6, '0').startsWith(type.slice(0, 6)))
  const names = kinds.slice(0, NAMED).map((kind) => kindName(kind.type))
  return names.length === 0 ? type : `${names.join(' / ')}${kinds.length > NAMED ? ' …' : ''}`
}

/** A logged document that an input may cite. */
interface Citable {
  readonly cid: string
  readonly kind: 'analysis' | 'voucher'
  readonly title: string
}

async function listCitable(organization: number): Promise<readonly Citable[]> {
  const vouchers = await getJson<ListPage<{ cid: string; received: string | null }>>(
    `/v1/documents?kind=voucher&organization=${organization}&limit=${SHOWN}`,
  )
  const samples = await getJson<ListPage<SampleRecord>>(`/v1/organizations/${organization}/samples?limit=${SHOWN}`)
  return [
    ...vouchers.items.map(({ cid, received }) => ({
      cid,
      kind: 'voucher' as const,
      title: `${received === null ? '' : `${formatMoment(Date.parse(received) / 1000)} · `}${shorten(cid)}`,
    })),
    ...samples.items.flatMap(({ label, analysis }) =>
      analysis === null
        ? []
        : [{ cid: analysis.cid, kind: 'analysis' as const, title: `${label} · ${analysis.number}` }],
    ),
  ]
}

interface SampleRecord {
  readonly label: string
  readonly analysis: { readonly cid: string; readonly number: string } | null
}

function firstOrigin(
  kind: Kind,
  { name, evidence }: Input,
  { from, to }: { readonly from: number; readonly to: number },
  documents: readonly Citable[],
): AskedOrigin {
  const document = documents.find((one) => one.kind === kind)?.cid ?? ''
  switch (kind) {
    case 'total':
      return { kind, type: evidence[0] ?? '', streams: null, from, to }
    case 'analysis':
      return { kind, document, result: name }
    case 'voucher':
      return { kind, document }
    case 'manual':
      return { kind, reason: '' }
    default:
      return { kind: 'choice' }
  }
}

/** A new row with the texts of the row before, so that only what differs is to be typed. */
function withRow(
  inputs: readonly DraftInput[],
  methodology: Methodology,
  group: string,
  row: number,
): readonly DraftInput[] {
  const before = inputs.filter((input) => input.group === group && input.row === row - 1)
  if (before.length > 0) return [...inputs, ...before.map((input) => ({ ...input, row }))]
  const first = methodology.inputs.find((input) => input.group === group && !input.optional)
  if (first === undefined) return inputs
  const origin: AskedOrigin = first.unit === undefined ? { kind: 'choice' } : { kind: 'manual', reason: '' }
  return [...inputs, { name: first.name, group, row, value: '0', origin }]
}

function streamsOf(text: string): readonly number[] | null {
  const numbers = text
    .split(/[\s,]+/)
    .map(Number)
    .filter((stream) => Number.isSafeInteger(stream) && stream > 0)
  return numbers.length === 0 ? null : numbers
}
