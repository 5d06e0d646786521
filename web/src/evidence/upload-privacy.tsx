import type { PrivacyChoiceItem } from '@tanlian/sdk'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { modeOf, rulesOf } from '../privacy/choice-rules.ts'
import '../privacy/texts.ts'
import { kindName } from './kind-name.ts'
import type { ColumnChoice } from './mapping-fields.ts'

/** Before anything is sent: of each type in the file, how it is kept and who can read it. */
export function UploadPrivacy({
  organization,
  choice,
  columns,
}: {
  organization: number
  choice: PrivacyChoiceItem
  columns: readonly Pick<ColumnChoice, 'used' | 'kind'>[]
}) {
  const { t } = useTranslation()
  const rules = rulesOf(choice)
  const types = [...new Set(columns.filter(({ used }) => used).map(({ kind }) => Number.parseInt(kind, 16)))]
  return (
    <section className="sheet">
      <h2>{t('privacy:upload.title')}</h2>
      <dl className="facts">
        {types.map((type) => {
          const mode = modeOf(rules, type)
          return (
            <div key={type} className="contents" data-privacy={mode}>
              <dt>{kindName(type)}</dt>
              <dd>
                <b>{t(`privacy:mode.${mode}.name`)}</b> · {t(`privacy:mode.${mode}.means`)}
              </dd>
            </div>
          )
        })}
      </dl>
      <p className="small">
        <Link to="/organizations/$id/privacy" params={{ id: String(organization) }} search={{}}>
          {t('privacy:upload.change')}
        </Link>
      </p>
    </section>
  )
}
