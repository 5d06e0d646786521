import type { Methodology } from '@tanlian/accounting'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { useSubjectText } from './subject.ts'

/** Stands for a subject in one's own words. */
const OWN = ''

/** Chooses what a finding is about: a result, an input (of a group also which row of it), or something in one's own words. */
export function SubjectPick({
  methodology,
  results,
  onPick,
}: {
  methodology: Methodology | undefined
  /** Names of the report's results. */
  results: readonly string[]
  onPick: (subject: string) => void
}) {
  const { t, i18n } = useTranslation()
  const textOf = useSubjectText(methodology)
  const [place, setPlace] = useState<string>()
  const [row, setRow] = useState(1)
  const inputs = methodology?.inputs ?? []
  const grouped = inputs.some(({ name, group }) => group !== undefined && place === `input/${group}/${name}`)
  const textOfInput = ({ name, group }: (typeof inputs)[number]) => {
    const title = group === undefined ? undefined : methodology?.groups.get(group)
    return `${title === undefined ? '' : `${textsIn(title, i18n.language)} · `}${textOf(`input//0/${name}`)}`
  }
  const choose = (next: string, nth: number) => {
    setPlace(next)
    setRow(nth)
    const [sort, group, name] = next.split('/')
    onPick(sort === 'input' && name !== undefined ? `input/${group}/${nth - 1}/${name}` : next)
  }
  return (
    <>
      <label className="field">
        <span>{t('verification:subject')}</span>
        <select value={place ?? ''} onChange={(event) => choose(event.target.value, 1)}>
          <option value={OWN}>{t('verification:subjectOf.own')}</option>
          <optgroup label={t('report:results')}>
            {[...new Set(results)]
              .filter((name) => !name.endsWith('.remainder'))
              .map((name) => (
                <option key={name} value={`output/${name}`}>
                  {textOf(`output/${name}`)}
                </option>
              ))}
          </optgroup>
          <optgroup label={t('report:inputs')}>
            {inputs.map((input) => (
              <option key={input.name} value={`input/${input.group ?? ''}/${input.name}`}>
                {textOfInput(input)}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      {grouped && (
        <label className="field">
          <span>{t('verification:subjectOf.row')}</span>
          <input
            type="number"
            min={1}
            value={row}
            onChange={(event) => choose(place ?? '', Math.max(1, event.target.valueAsNumber || 1))}
          />
        </label>
      )}
      {(place ?? OWN) === OWN && (
        <label className="field">
          <span>{t('verification:subjectOf.words')}</span>
          <input maxLength={200} onChange={(event) => onPick(event.target.value.trim())} />
        </label>
      )}
    </>
  )
}
