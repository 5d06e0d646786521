import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { Withheld } from '../shell/withheld.tsx'

/** How many streams their owner keeps to itself: a note where nothing else is shown, a line beside what is. */
export function WithheldStreams({ count, shown }: { count: number; shown: number }) {
  const { t } = useTranslation()
  if (count === 0) return null
  if (shown === 0) return <Withheld />
  return <p className="small muted">{t('monitoring.withheld', { n: formatCount(count) })}</p>
}
