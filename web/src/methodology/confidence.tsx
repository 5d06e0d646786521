import type { Source } from '@tanlian/accounting'
import { useTranslation } from 'react-i18next'

/** Where a value or rule is from, and how sure that is: what nobody has read in the official text is marked. */
export function SourceLine({ source: { document, article, confidence } }: { source: Source }) {
  const { t } = useTranslation()
  return (
    <span>
      {document}
      {article === undefined ? '' : ` · ${article}`}{' '}
      <span
        className={confidence === 'M' ? 'status unchecked' : 'status'}
        title={t(`methodology:confidence.${confidence}.means`)}
      >
        {t(`methodology:confidence.${confidence}.word`)}
      </span>
    </span>
  )
}
