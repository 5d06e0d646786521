import { PARTIES, type PrivateProfile } from '@tanlian/evidence'
import { useTranslation } from 'react-i18next'
import type { ApplicantProfile } from './act.ts'

/** What the form asks: the public part and the private part of a profile. */
export type ProfileFields = ApplicantProfile & Omit<PrivateProfile, 'salt'>

/** A form that nobody has filled in. */
export const emptyProfile: ProfileFields = {
  kind: 'enterprise',
  name: '',
  nameEn: null,
  region: null,
  industry: null,
  website: null,
  contact: null,
  phone: null,
  email: null,
  address: null,
  creditCode: null,
}

const PUBLIC = ['nameEn', 'region', 'industry', 'website'] as const
const PRIVATE = ['contact', 'phone', 'email', 'address', 'creditCode'] as const

/** Who applies. What is private is said to be so, field by field; only a salted digest of it reaches the chain. */
export function ProfileForm({
  fields,
  onChange,
  onDone,
}: {
  fields: ProfileFields
  onChange: (fields: ProfileFields) => void
  onDone: () => void
}) {
  const { t } = useTranslation()
  const set = (field: string, text: string) =>
    onChange({ ...fields, [field]: field !== 'name' && text === '' ? null : text })
  const field = (name: (typeof PUBLIC)[number] | (typeof PRIVATE)[number]) => (
    <label key={name} className="field">
      <span>{t('apply.optional', { field: t(`apply.profile.${name}`) })}</span>
      <input
        maxLength={200}
        value={fields[name] ?? ''}
        type={name === 'email' ? 'email' : name === 'website' ? 'url' : 'text'}
        onChange={(event) => set(name, event.target.value.trimStart())}
      />
    </label>
  )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onDone()
      }}
    >
      <fieldset className="stack">
        <legend>{t('apply.profile.public')}</legend>
        <div className="grid two">
          <label className="field">
            <span>{t('organization.kind')}</span>
            <select
              value={fields.kind}
              onChange={(event) =>
                onChange({ ...fields, kind: PARTIES.find((one) => one === event.target.value) ?? 'other' })
              }
            >
              {PARTIES.map((one) => (
                <option key={one} value={one}>
                  {t(`party.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('organization.name')}</span>
            <input
              required
              maxLength={200}
              value={fields.name}
              onChange={(event) => set('name', event.target.value.trimStart())}
            />
          </label>
          {PUBLIC.map(field)}
        </div>
      </fieldset>
      <fieldset className="stack">
        <legend>{t('apply.profile.private')}</legend>
        <div className="grid two">{PRIVATE.map(field)}</div>
      </fieldset>
      <div className="row">
        <button type="submit" className="primary" disabled={fields.name.trim() === ''}>
          {t('apply.next')}
        </button>
        {fields.name.trim() === '' && <span className="small muted">{t('apply.nameMissing')}</span>}
      </div>
    </form>
  )
}
