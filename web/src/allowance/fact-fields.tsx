import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import type { Fact } from './record.ts'

type Values = Readonly<Record<string, string>>

/** Fields for what no report tells of a plant; one that is left empty is not stated. */
export function FactFields({
  facts,
  values,
  onChange,
}: {
  facts: readonly Fact[]
  values: Values
  onChange: (values: Values) => void
}) {
  const { t, i18n } = useTranslation()
  const form = useId()
  const set = (name: string, value: string) => {
    const { [name]: _, ...rest } = values
    onChange(value === '' ? rest : { ...rest, [name]: value })
  }
  return facts.map((fact) => {
    const { name, unit, choices } = fact
    const words = textsIn(fact, i18n.language)
    const label = unit === null ? words : t('allowance:inUnit', { name: words, unit })
    return (
      <div className="field" key={name}>
        <label htmlFor={`${form}-${name}`}>{label}</label>
        {choices === null ? (
          <input
            id={`${form}-${name}`}
            inputMode="decimal"
            pattern="\d{1,12}(\.\d{1,12})?"
            value={values[name] ?? ''}
            onChange={(event) => set(name, event.target.value.trim())}
          />
        ) : (
          <select id={`${form}-${name}`} value={values[name] ?? ''} onChange={(event) => set(name, event.target.value)}>
            <option value="">{t('allowance:notStated')}</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {t(`allowance:choice.${choice}`, choice)}
              </option>
            ))}
          </select>
        )}
      </div>
    )
  })
}
