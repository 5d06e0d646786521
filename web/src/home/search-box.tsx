import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { placeOf, type SearchResult } from './place.ts'

/** Words that find something in most instances: a name, an organization's number. */
const EXAMPLES = ['name', 'number'] as const

/** One box over everything; what is asked stands in the address, so a result can be shared. */
export function SearchBox({ query }: { query: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [text, setText] = useState(query)
  const [shown, setShown] = useState(query)
  // The address may change by other means than this box: an example, the palette, the way back.
  if (shown !== query) {
    setShown(query)
    setText(query)
  }
  const found = useQuery({
    queryKey: ['search', query],
    queryFn: () => getJson<{ items: SearchResult[] }>(`/v1/search?q=${encodeURIComponent(query)}`),
    enabled: query !== '',
  })
  return (
    <>
      <search>
        <form
          className="search"
          onSubmit={(event) => {
            event.preventDefault()
            void navigate({ to: '/', search: text.trim() === '' ? {} : { q: text.trim() } })
          }}
        >
          <input
            id="search"
            type="search"
            aria-label={t('home.search.label')}
            placeholder={t('home.search.placeholder')}
            value={text}
            maxLength={200}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" className="primary">
            {t('home.search.button')}
          </button>
        </form>
      </search>
      {query === '' && (
        <div className="row small muted examples">
          {t('home.search.try')}
          {EXAMPLES.map((example) => (
            <Link key={example} to="/" search={{ q: t(`home.search.example.${example}`) }}>
              {t(`home.search.example.${example}`)}
            </Link>
          ))}
        </div>
      )}
      <div aria-live="polite">
        {found.isFetching && found.data === undefined && <p role="status">{t('shell.loading')}</p>}
        {found.isError && <Problem error={found.error} onRetry={() => void found.refetch()} />}
        {found.data?.items.length === 0 && <p className="note">{t('home.search.none', { query })}</p>}
        {found.data !== undefined && found.data.items.length > 0 && (
          <ul className="results">
            {found.data.items.map((result) => (
              <li key={`${result.kind}/${result.id}`}>
                <Link {...placeOf(result)}>
                  <span className="result-label">{result.label}</span>
                  <span className="muted small">{t(`home.search.kind.${result.kind}`)}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  )
}
