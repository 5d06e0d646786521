import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import type { Search } from '../search.ts'
import { labelOf, type ShownColumn, type View, valuesOf } from './rows.ts'

/** Pause in typing after which the table follows, milliseconds. */
const PAUSE_MS = 200

/** Words, one choice for each category, and the year. */
export function DatasetFilter({
  columns,
  rows,
  years,
  year,
  view,
  titleOf,
  onChange,
}: {
  columns: readonly ShownColumn[]
  rows: readonly (readonly string[])[]
  years: readonly number[]
  year: number | undefined
  view: View
  titleOf: (column: ShownColumn) => string
  onChange: (more: Search) => void
}) {
  const { t, i18n } = useTranslation()
  const [words, setWords] = useState(view.words)
  useEffect(() => {
    if (words === view.words) return
    const timer = setTimeout(() => onChange({ q: words === '' ? undefined : words }), PAUSE_MS)
    return () => clearTimeout(timer)
  })
  return (
    <div className="grid">
      <label className="field">
        <span>{t('datasets.words')}</span>
        <input type="search" value={words} maxLength={200} onChange={(event) => setWords(event.target.value)} />
      </label>
      {columns
        .filter(({ column }) => column.sort === 'category')
        .map((one) => (
          <label key={one.name} className="field">
            <span>{titleOf(one)}</span>
            <select
              value={view.chosen[one.name] ?? ''}
              onChange={(event) => onChange({ [one.name]: event.target.value === '' ? undefined : event.target.value })}
            >
              <option value="">{t('datasets.any')}</option>
              {valuesOf(rows, one.at)
                .filter(([value]) => value !== '')
                .map(([value, count]) => (
                  <option key={value} value={value}>
                    {`${labelOf(one.column, value, i18n.language)} · ${formatCount(count)}`}
                  </option>
                ))}
            </select>
          </label>
        ))}
      <label className="field">
        <span>{t('datasets.sort')}</span>
        <select
          value={view.sort === undefined ? '' : `${view.sort.descending ? '-' : ''}${view.sort.name}`}
          onChange={(event) => onChange({ sort: event.target.value })}
        >
          {columns.flatMap((one) => [
            <option key={one.name} value={one.name}>{`${titleOf(one)} ↑`}</option>,
            <option key={`-${one.name}`} value={`-${one.name}`}>{`${titleOf(one)} ↓`}</option>,
          ])}
        </select>
      </label>
      {years.length > 0 && (
        <label className="field">
          <span>{t('datasets.year')}</span>
          <select value={year} onChange={(event) => onChange({ year: event.target.value })}>
            {years.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}
