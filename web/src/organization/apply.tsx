import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { first } from '../search.ts'
import { client } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { type ApplicantKeys, applyFor } from './act.ts'
import { ApplicationState } from './application-state.tsx'
import { NewKeys } from './new-keys.tsx'
import { emptyProfile, type ProfileFields, ProfileForm } from './profile-form.tsx'

const STEPS = ['profile', 'keys', 'submit', 'approval', 'binding'] as const

/** Application step by step (申请): who you are, your keys, your signature; then the regulator's word, and the binding to a platform. */
export function ApplyPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const application = first(useSearch({ strict: false }), 'application')
  const [fields, setFields] = useState<ProfileFields>(emptyProfile)
  const [keys, setKeys] = useState<ApplicantKeys | undefined>(undefined)
  const [step, setStep] = useState<'profile' | 'keys' | 'submit'>('profile')
  const [approved, setApproved] = useState(false)
  const { working: sending, error, work } = useWork()
  const current = application === undefined ? step : approved ? 'binding' : 'approval'

  const submit = async () => {
    if (keys === undefined) return
    await work(async () => {
      const { kind, name, nameEn, region, industry, website, ...hidden } = fields
      const { application: made } = await applyFor(
        client,
        { kind, name, nameEn, region, industry, website },
        hidden,
        keys,
      )
      void navigate({ to: '/apply', search: { application: made } })
    })
  }
  return (
    <Page narrow title={t('apply.title')} lead={t('apply.lead')}>
      <ol className="steps">
        {STEPS.map((one) => (
          <li
            key={one}
            className={STEPS.indexOf(one) < STEPS.indexOf(current) ? 'done' : ''}
            aria-current={one === current ? 'step' : undefined}
          >
            {t(`apply.step.${one}`)}
          </li>
        ))}
      </ol>
      <section className="sheet">
        {current === 'profile' && <ProfileForm fields={fields} onChange={setFields} onDone={() => setStep('keys')} />}
        {current === 'keys' && (
          <NewKeys
            name={fields.name}
            onMade={(made) => {
              setKeys(made)
              setStep('submit')
            }}
          />
        )}
        {current === 'submit' && (
          <div className="stack">
            <p>{t('apply.submit.lead')}</p>
            <dl className="facts">
              <dt>{t('organization.name')}</dt>
              <dd>{fields.name}</dd>
              <dt>{t('organization.kind')}</dt>
              <dd>{t(`party.${fields.kind}`)}</dd>
            </dl>
            <p className="note">{t('apply.submit.chain')}</p>
            {error !== undefined && <Problem error={error} />}
            <div className="row">
              <button type="button" className="primary" disabled={sending} onClick={() => void submit()}>
                {sending ? t('apply.submit.working') : t('apply.submit.button')}
              </button>
            </div>
          </div>
        )}
        {application !== undefined && (
          <ApplicationState application={application} onApproved={() => setApproved(true)} />
        )}
      </section>
    </Page>
  )
}
