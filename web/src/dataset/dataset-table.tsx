import type { Dataset } from '@tanlian/sdk'
import { formatNumber } from '@tanlian/units'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { csvOf } from '../evidence/table-file.ts'
import { formatCount, locale } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { first, type Search } from '../search.ts'
import { type Column, Table } from '../shell/table.tsx'
import { DatasetFilter } from './dataset-filter.tsx'
import { columnsFor, labelOf, numberOf, type ShownColumn, sumOf, type View, viewOf, yearsOf } from './rows.ts'
import { textsIn } from './texts.ts'

/** Rows shown at a time. */
const SHOWN = 25

/** The table of a data set: what is looked for, chosen and sorted by stands in the address, so a view can be shared. */
export function DatasetTable({
  dataset,
  head,
  rows,
}: {
  dataset: Dataset
  head: readonly string[]
  rows: readonly (readonly string[])[]
}) {
  const { t, i18n } = useTranslation()
  const { cid } = useParams({ strict: false }) as { cid: string }
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const change = (more: Search) =>
    void navigate({
      to: '/datasets/$cid',
      params: { cid },
      search: { ...search, page: undefined, ...more },
      replace: true,
      resetScroll: false,
    })
  const years = yearsOf(dataset)
  const year = years.find((one) => String(one) === first(search, 'year')) ?? newestWithNumbers(dataset, head, rows)
  const columns = useMemo(() => columnsFor(dataset, head, year), [dataset, head, year])
  const view = useMemo(() => viewIn(search, columns), [search, columns])
  const found = useMemo(() => viewOf(rows, columns, view, i18n.language), [rows, columns, view, i18n.language])
  const pages = Math.max(1, Math.ceil(found.length / SHOWN))
  const page = Math.min(pages, Math.max(1, Number(first(search, 'page') ?? 1) || 1))
  const title = ({ column }: ShownColumn) => {
    const name = textsIn(column.title, i18n.language)
    const of = [column.unit, column.years.length === 0 ? undefined : year].filter((one) => one != null)
    return of.length === 0 ? name : `${name} (${of.join(', ')})`
  }
  const shown: Column<readonly string[]>[] = columns.map((one, at) => ({
    head: title(one),
    lead: at === 0,
    number: one.column.sort === 'number',
    cell: (row) => cellOf(one, row[one.at] ?? '', i18n.language),
    sort: {
      now: view.sort?.name === one.name ? (view.sort.descending ? 'descending' : 'ascending') : undefined,
      onSort: () => change({ sort: nextSort(one, view.sort) }),
    },
  }))
  return (
    <section className="sheet">
      <DatasetFilter
        columns={columns}
        rows={rows}
        years={years}
        year={year}
        view={view}
        titleOf={title}
        onChange={change}
      />
      <div className="row between">
        <p role="status" data-testid="found">
          {t('datasets.found', { found: formatCount(found.length), all: formatCount(rows.length) })}
          {columns
            .filter(({ column }) => column.unit !== null && column.sort === 'number' && isAdditive(column.unit))
            .map((one) => (
              <Sum key={one.name} title={title(one)} unit={one.column.unit ?? ''} rows={found} at={one.at} />
            ))}
        </p>
        <button
          type="button"
          onClick={() =>
            saveFile(`${cid.slice(-8)}-${dataset.file.name}`, 'text/csv', exportOf(cid, columns, title, found))
          }
        >
          {t('datasets.export')}
        </button>
      </div>
      {found.length === 0 ? (
        <p className="note">{t('datasets.nothing')}</p>
      ) : (
        <Table
          label={textsIn(dataset.title, i18n.language)}
          columns={shown}
          rows={found.slice((page - 1) * SHOWN, page * SHOWN)}
          keyOf={(row) => row.join('\u0000')}
        />
      )}
      {pages > 1 && (
        <nav className="row end" aria-label={t('datasets.pages')}>
          <button type="button" disabled={page === 1} onClick={() => change({ page: String(page - 1) })}>
            {t('tree.previous')}
          </button>
          <span className="small muted">
            {t('datasets.page', { page: formatCount(page), pages: formatCount(pages) })}
          </span>
          <button type="button" disabled={page === pages} onClick={() => change({ page: String(page + 1) })}>
            {t('tree.next')}
          </button>
        </nav>
      )}
    </section>
  )
}

function Sum({
  title,
  unit,
  rows,
  at,
}: {
  title: string
  unit: string
  rows: readonly (readonly string[])[]
  at: number
}) {
  const { t } = useTranslation()
  const { sum, count } = useMemo(() => sumOf(rows, at), [rows, at])
  if (count === 0) return null
  return <> · {t('datasets.sum', { title, sum: shownNumber(sum), unit, count: formatCount(count) })}</>
}

/** Masses and energies add up over rows; a diameter does not. */
const isAdditive = (unit: string) => /^(t|kg|g|[kMG]?Wh)/.test(unit)

/** The newest year that has numbers for most rows: the last ones are often still coming in. */
function newestWithNumbers(
  dataset: Dataset,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): number | undefined {
  const years = yearsOf(dataset)
  const full = years.find((year) =>
    columnsFor(dataset, head, year).some(
      ({ column, at }) =>
        column.years.length > 0 && column.sort === 'number' && sumOf(rows, at).count * 2 > rows.length,
    ),
  )
  return full ?? years[0]
}

/** What the address asks; by default by the first column of numbers, greatest first. */
function viewIn(search: Search, columns: readonly ShownColumn[]): View {
  const chosen: Record<string, string> = {}
  for (const { name, column } of columns) {
    const value = column.sort === 'category' ? first(search, name) : undefined
    if (value !== undefined) chosen[name] = value
  }
  const asked = first(search, 'sort')
  const usual = columns.find(({ column }) => column.sort === 'number')
  const sort =
    asked === undefined
      ? usual === undefined
        ? undefined
        : { name: usual.name, descending: true }
      : { name: asked.replace(/^-/, ''), descending: asked.startsWith('-') }
  return { words: first(search, 'q') ?? '', chosen, sort }
}

/** Numbers begin with the greatest, words with the first; the second press turns it round. */
function nextSort({ name, column }: ShownColumn, now: View['sort']): string {
  const descending = now?.name === name ? !now.descending : column.sort === 'number'
  return descending ? `-${name}` : name
}

function cellOf({ column }: ShownColumn, value: string, language: string) {
  if (column.sort === 'number' && numberOf(value) !== undefined) return shownNumber(value)
  return labelOf(column, value, language)
}

function shownNumber(text: string): string {
  const [whole = '', part = ''] = text.split('.')
  return formatNumber({ coefficient: BigInt(whole + part), exponent: -part.length }, locale(), part.length)
}

/** The rows as they were found, with the CID that they can be checked against. */
function exportOf(
  cid: string,
  columns: readonly ShownColumn[],
  title: (column: ShownColumn) => string,
  rows: readonly (readonly string[])[],
): string {
  return csvOf([
    ['dataset', ...columns.map(title)],
    ...rows.map((row) => [cid, ...columns.map(({ at }) => row[at] ?? '')]),
  ])
}
