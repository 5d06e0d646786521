import { choiceWords, type Methodology } from '@tanlian/accounting'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { loadProgramOf } from './load.ts'
import { wordsOf } from './why.tsx'

/** The methodology that a report names; undefined until it is there. */
export function useMethodology(cid: string): Methodology | undefined {
  const program = useQuery({
    queryKey: ['library', 'program', cid],
    queryFn: () => loadProgramOf(cid),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  return program.data?.methodology
}

/** What an equation, input or parameter of a methodology is called, or a choice of it; a name that nobody knows stays as it is. */
export function useNames(methodology: Methodology | undefined): (name: string) => string {
  const { i18n } = useTranslation()
  return (name) => {
    const words = (methodology && wordsOf(methodology, name)) ?? choiceWords(name)
    return words === undefined ? name : textsIn(words, i18n.language)
  }
}
