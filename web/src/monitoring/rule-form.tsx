import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { RULE_SETTINGS, type Rule, SEVERITIES } from './record.ts'

const KINDS = Object.keys(RULE_SETTINGS) as Rule['kind'][]

/** A new rule: what is watched, by which numbers, and who is written to. */
export function RuleForm({ path, onDone }: { path: string; onDone: () => void }) {
  const { t } = useTranslation()
  const [kind, setKind] = useState<Rule['kind']>('threshold')
  const [problem, setProblem] = useState<unknown>(undefined)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const text = (name: string) => String(new FormData(form).get(name) ?? '').trim()
    const settings = RULE_SETTINGS[kind].flatMap((name): [string, number][] =>
      text(name) === '' ? [] : [[name, Number(text(name))]],
    )
    const body = {
      name: text('name'),
      kind,
      severity: text('severity'),
      stream: text('stream') === '' ? null : Number(text('stream')),
      type: text('type') === '' ? null : text('type').toLowerCase(),
      settings: Object.fromEntries(settings),
      mail: text('mail') === '' ? [] : text('mail').split(/[\s,;]+/),
      enabled: true,
    }
    postJson(path, body).then(() => {
      setProblem(undefined)
      form.reset()
      setKind('threshold')
      onDone()
    }, setProblem)
  }
  return (
    <form className="sheet stack" onSubmit={submit}>
      <h2>{t('monitoring.rule.add')}</h2>
      <div className="grid two">
        <Field name="name" required />
        <label className="field">
          <span>{t('monitoring.rule.kind')}</span>
          <select
            value={kind}
            onChange={(event) => setKind(KINDS.find((one) => one === event.target.value) ?? 'threshold')}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`monitoring.kind.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('monitoring.severity')}</span>
          <select name="severity" defaultValue="warning">
            {SEVERITIES.map((one) => (
              <option key={one} value={one}>
                {t(`monitoring.severities.${one}`)}
              </option>
            ))}
          </select>
        </label>
        {RULE_SETTINGS[kind].map((name) => (
          <label key={name} className="field">
            <span>{t(`monitoring.setting.${name}`)}</span>
            <input name={name} inputMode="numeric" pattern="-?[0-9]{1,15}" required={kind !== 'threshold'} />
          </label>
        ))}
        <Field name="stream" pattern="[1-9][0-9]{0,9}" />
        <Field name="type" pattern="([0-9a-fA-F]{2}){1,3}" />
        <Field name="mail" />
      </div>
      <p className="small muted">{t(`monitoring.kindMeans.${kind}`)}</p>
      {problem !== undefined && <Problem error={problem} />}
      <div className="row">
        <button type="submit" className="primary">
          {t('monitoring.rule.add')}
        </button>
      </div>
    </form>
  )
}

function Field({ name, required = false, pattern }: { name: string; required?: boolean; pattern?: string }) {
  const { t } = useTranslation()
  return (
    <label className="field">
      <span>{t(`monitoring.rule.${name}`)}</span>
      <input name={name} maxLength={200} required={required} {...(pattern === undefined ? {} : { pattern })} />
    </label>
  )
}
