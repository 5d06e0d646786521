import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getJson, http } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import type { Rule } from './record.ts'
import { RuleForm } from './rule-form.tsx'
import { SeverityWord } from './severity.tsx'

/** Rules as data: what is watched, how grave it is, whether it is on. */
export function Rules({ organization, mayWrite }: { organization: number | undefined; mayWrite: boolean }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = organization === undefined ? '/v1/alert-rules' : `/v1/organizations/${organization}/alert-rules`
  const list = useQuery({ queryKey: ['rules', path], queryFn: () => getJson<{ items: readonly Rule[] }>(path) })
  const [problem, setProblem] = useState<unknown>(undefined)
  const changed = () => void queries.invalidateQueries({ queryKey: ['rules'] })
  const turn = ({ id, organization: _, ...rule }: Rule) => {
    const { name, kind, stream, type, severity, settings, mail, enabled } = rule
    const json = { name, kind, stream, type, severity, settings, mail, enabled: !enabled }
    http
      .send(`${path}/${id}`, { method: 'PUT', json })
      .then(() => setProblem(undefined), setProblem)
      .finally(changed)
  }
  const isOwn = (rule: Rule) => mayWrite && rule.organization === (organization ?? null)
  return (
    <>
      <section className="sheet">
        <h2>{t('monitoring.tab.rules')}</h2>
        {list.isPending && <p role="status">{t('shell.loading')}</p>}
        {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
        {problem !== undefined && <Problem error={problem} />}
        {list.data?.items.length === 0 && <p className="muted">{t('monitoring.noRules')}</p>}
        {list.data !== undefined && list.data.items.length > 0 && (
          <Table
            label={t('monitoring.tab.rules')}
            rows={list.data.items}
            keyOf={({ id }) => id}
            columns={[
              { head: t('monitoring.rule.name'), lead: true, cell: ({ name }) => name },
              { head: t('monitoring.rule.kind'), cell: ({ kind }) => t(`monitoring.kind.${kind}`) },
              {
                head: t('monitoring.rule.settings'),
                cell: ({ settings }) =>
                  Object.entries(settings)
                    .map(([name, value]) => `${t(`monitoring.setting.${name}`)} ${value}`)
                    .join(' · '),
              },
              {
                head: t('monitoring.where'),
                cell: ({ stream, type }) => (stream === null ? (type ?? t('monitoring.every')) : stream),
              },
              { head: t('monitoring.severity'), cell: ({ severity }) => <SeverityWord severity={severity} /> },
              {
                head: t('monitoring.rule.by'),
                cell: (rule) => t(rule.organization === null ? 'monitoring.rule.regulator' : 'monitoring.rule.own'),
              },
              {
                head: t('monitoring.rule.on'),
                cell: (rule) =>
                  isOwn(rule) ? (
                    <label className="choice">
                      <input type="checkbox" checked={rule.enabled} onChange={() => turn(rule)} />
                      <span className="visually-hidden">{rule.name}</span>
                    </label>
                  ) : (
                    t(rule.enabled ? 'shell.yes' : 'shell.no')
                  ),
              },
            ]}
          />
        )}
      </section>
      {mayWrite && <RuleForm path={path} onDone={changed} />}
    </>
  )
}
