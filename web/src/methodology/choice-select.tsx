import { choiceWords } from '@tanlian/accounting'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'

/** One of the choices of a text input, by what people call it; what stands there already stays, whatever it is. */
export function ChoiceSelect({
  id,
  choices,
  value,
  onChange,
}: {
  id: string
  choices: readonly string[]
  value: string
  onChange: (choice: string) => void
}) {
  const { i18n } = useTranslation()
  return (
    <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
      {[...new Set(['', value, ...choices])].map((choice) => (
        <option key={choice} value={choice}>
          {choice === '' ? '–' : textsIn(choiceWords(choice) ?? { zh: choice, en: choice }, i18n.language)}
        </option>
      ))}
    </select>
  )
}
