import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ScrollBox } from './scroll-box.tsx'

/** A column of a table. */
export interface Column<T> {
  readonly head: string
  readonly cell: (row: T) => ReactNode
  /** What its values mean, told at the head and below the table. */
  readonly hint?: string
  /** Numbers stand at the end of their cell, with tabular figures. */
  readonly number?: boolean
  /** The head is read out but not shown: a column of links. */
  readonly quiet?: boolean
  /** On a phone, where each row becomes a card, this cell is its headline. */
  readonly lead?: boolean
  /** How it is sorted now, where the table can be sorted by it. */
  readonly sort?: { readonly now: 'ascending' | 'descending' | undefined; readonly onSort: () => void }
}

/** What a cell says that has nothing to say; a card leaves it out. */
const NONE = '–'

/** A table; on a phone each row is a card with the column's name before each value, so that nothing sticks out to the side. */
export function Table<T>({
  label,
  caption,
  columns,
  rows,
  keyOf,
  className,
}: {
  label: string
  caption?: ReactNode
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf: (row: T) => string | number
  className?: string
}) {
  const told = columns.filter(({ hint }) => hint !== undefined)
  const table = (
    <ScrollBox className={`table-wrap ${className ?? ''}`} label={label}>
      <table className="cards">
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.head}
                scope="col"
                className={column.number === true ? 'number' : ''}
                aria-sort={column.sort?.now}
                title={column.hint}
              >
                <Head column={column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => {
                const content = column.cell(row)
                return (
                  <td
                    key={column.head}
                    data-head={column.quiet === true || column.lead === true ? undefined : column.head}
                    data-none={content === NONE ? '' : undefined}
                    className={`${column.number === true ? 'number' : ''} ${column.lead === true ? 'lead' : ''}`.trim()}
                  >
                    {content}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
  if (told.length === 0) return table
  return (
    <div>
      {table}
      <Meanings columns={told} />
    </div>
  )
}

/** What the columns mean, for those who cannot point at a head. */
function Meanings<T>({ columns }: { columns: readonly Column<T>[] }) {
  const { t } = useTranslation()
  return (
    <details className="small meanings">
      <summary>{t('shell.table.meanings')}</summary>
      <dl className="facts">
        {columns.map(({ head, hint }) => (
          <div key={head} className="contents">
            <dt>{head}</dt>
            <dd>{hint}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Head<T>({ column: { head, quiet, sort } }: { column: Column<T> }) {
  if (sort !== undefined)
    return (
      <button type="button" className="plain sorter" onClick={sort.onSort}>
        {head}
        <span aria-hidden="true">{sort.now === undefined ? '↕' : sort.now === 'ascending' ? '↑' : '↓'}</span>
      </button>
    )
  return quiet === true ? <span className="visually-hidden">{head}</span> : head
}
