import type { Methodology } from '@tanlian/accounting'
import { decodeKey, fromHex, kindInfo } from '@tanlian/evidence'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatMoment } from '../format.ts'
import { useNames } from '../methodology/names.ts'

/**
 * What a finding is about, in people's words: `input/GROUP/ROW/NAME` and `output/NAME` by their names in the methodology, `key/HEX` as the reading that
 * it is; words stay as they are.
 */
export function useSubjectText(methodology: Methodology | undefined): (subject: string) => string {
  const { t, i18n } = useTranslation()
  const nameOf = useNames(methodology)
  return (subject) => {
    const [sort, ...parts] = subject.split('/')
    const [first = '', row = '0', name = ''] = parts
    if (sort === 'output' && parts.length === 1) return nameOf(first)
    if (sort === 'input' && parts.length === 3 && first === '') return nameOf(name)
    if (sort === 'input' && parts.length === 3) {
      const group = methodology?.groups.get(first)
      const title = group === undefined ? first : textsIn(group, i18n.language)
      return `${title} · ${t('methodology:why.row', { row: Number(row) + 1 })} · ${nameOf(name)}`
    }
    if (sort === 'key' && /^[0-9a-f]{32}$/.test(first)) {
      const { type, stream, start } = decodeKey(fromHex(first, 16))
      const kind = kindInfo(type >>> 8)
      const words = kind === undefined ? '' : `${textsIn(kind, i18n.language)} · `
      return `${words}${t('verification:stream', { stream })} · ${formatMoment(start)}`
    }
    return subject
  }
}
