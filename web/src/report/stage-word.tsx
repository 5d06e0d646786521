import { useTranslation } from 'react-i18next'
import type { Stage } from './record.ts'

/** Where a report stands, in a word; what went wrong is marked. */
export function StageWord({ stage }: { stage: Stage }) {
  const { t } = useTranslation()
  const tone =
    stage === 'returned' || stage === 'rejected' || stage === 'adverse'
      ? 'failed'
      : stage === 'submitted'
        ? 'unchecked'
        : ''
  return (
    <span className={`status ${tone}`} title={t(`report:stage.${stage}.means`)}>
      {t(`report:stage.${stage}.word`)}
    </span>
  )
}
