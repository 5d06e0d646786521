import { parseCid } from '@tanlian/evidence'
import type { Statement } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { unitText } from '../methodology/figure.ts'
import { SignBox } from '../report/sign-box.tsx'
import type { AnalysisResult } from './record.ts'

/** What coal is tested for, with the standard that is usual. */
const USUAL: readonly AnalysisResult[] = [
  { name: 'coalNcv', value: '', unit: 'GJ[LHV]/t[coal, as received]', method: 'GB/T 213' },
  { name: 'coalCarbon', value: '', unit: 'tC/t[coal, as received]', method: 'GB/T 476' },
  { name: 'moistureReceived', value: '', unit: '1', method: 'GB/T 211' },
]

/** What a laboratory found, under a number that it uses once; signed, it can be cited by reports. */
export function AnalysisForm({
  organization,
  receipt,
  onDone,
}: {
  organization: number
  receipt: string
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [number, setNumber] = useState('')
  const [results, setResults] = useState(USUAL)
  const given = results.filter(({ value }) => value !== '')
  const prepare = async (): Promise<Statement> => ({
    kind: 'analysis',
    content: {
      format: 'tanlian/analysis/1',
      receipt: parseCid(receipt),
      number,
      analysed: Math.floor(Date.now() / 1000),
      results: [...given].sort((a, b) => (a.name < b.name ? -1 : 1)),
      report: null,
    },
    blocks: [],
  })
  return (
    <div className="stack">
      <label className="field">
        <span>{t('laboratory:number')}</span>
        <input value={number} maxLength={120} onChange={(event) => setNumber(event.target.value)} />
      </label>
      <div className="grid">
        {results.map((result) => (
          <label key={result.name} className="field">
            <span>
              {t(`laboratory:result.${result.name}`)}{' '}
              <span className="muted">
                {unitText(result.unit)} {result.method}
              </span>
            </span>
            <input
              inputMode="decimal"
              value={result.value}
              onChange={(event) =>
                setResults(
                  results.map((one) => (one.name === result.name ? { ...one, value: event.target.value.trim() } : one)),
                )
              }
            />
          </label>
        ))}
      </div>
      {number !== '' && given.length > 0 && (
        <SignBox
          organization={organization}
          label={t('laboratory:sign.analyse')}
          summary={t('laboratory:sign.analyseSummary', { number, count: given.length })}
          note={`analysis/${receipt}`}
          prepare={prepare}
          onLogged={onDone}
        />
      )}
    </div>
  )
}
