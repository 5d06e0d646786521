import { choiceWords, type Methodology, readMethodology } from '@tanlian/accounting'
import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
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

/** The methodology of the library that knows the most of some names: a set of cross-checks says what it compares, not whose it is. */
export function useMethodologyKnowing(names: readonly string[]): Methodology | undefined {
  const known = useQuery({
    queryKey: ['library', 'knowing', ...names],
    queryFn: async () => {
      const methodologies = await Promise.all(
        LIBRARY.filter(({ kind }) => kind === 'methodology').map(async ({ cid }) =>
          readMethodology((await loadLibrary(cid)).document),
        ),
      )
      const [most] = methodologies
        .map((methodology) => ({ methodology, count: names.filter((name) => wordsOf(methodology, name)).length }))
        .toSorted((a, b) => b.count - a.count)
      return most === undefined || most.count === 0 ? null : most.methodology
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  return known.data ?? undefined
}

/** What an equation, input or parameter of a methodology is called, or a choice of it; a name that nobody knows stays as it is. */
export function useNames(methodology: Methodology | undefined): (name: string) => string {
  const { i18n } = useTranslation()
  return (name) => {
    const words = (methodology && wordsOf(methodology, name)) ?? choiceWords(name)
    return words === undefined ? name : textsIn(words, i18n.language)
  }
}
