import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { http, postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { useWork } from '../shell/work.ts'
import { FactFields } from './fact-fields.tsx'
import { listPlants, listSectorRules, type Plant, type SectorRule } from './record.ts'
import './texts.ts'

/** Plants on the calendar (报告项目): what has deadlines and is given allowances. Editors add, correct and end them. */
export function Plants({ organization, mayEdit }: { organization: number; mayEdit: boolean }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const plants = useQuery({ queryKey: ['plants', organization], queryFn: () => listPlants(organization), retry: false })
  const rules = useQuery({ queryKey: ['allocation-rules'], queryFn: listSectorRules, retry: false })
  const [changing, setChanging] = useState<Plant>()
  const { working, error, work } = useWork()
  const path = `/v1/organizations/${organization}/projects`
  const changed = () => {
    setChanging(undefined)
    return Promise.all(
      [
        ['plants', organization],
        ['board', organization],
        ['allowances', organization],
      ].map((queryKey) => queries.invalidateQueries({ queryKey })),
    )
  }
  const end = (plant: Plant) =>
    work(async () => {
      await http.json(`${path}/${plant.id}`, { method: 'DELETE' })
      await changed()
    })
  const factText = ({ sector, facts }: Plant) =>
    (rules.data?.find((rule) => rule.sector === sector)?.facts ?? [])
      .filter(({ name }) => facts[name] !== undefined)
      .map((fact) => {
        const value = facts[fact.name] as string
        const shown = fact.choices === null ? `${value} ${fact.unit ?? ''}` : t(`allowance:choice.${value}`, value)
        return t('allowance:fact', { name: textsIn(fact, i18n.language), value: shown })
      })
      .join(t('allowance:factBreak')) || t('allowance:noFacts')
  return (
    <>
      <h2 className="part">{t('allowance:plants.title')}</h2>
      {plants.isError && <Problem error={plants.error} onRetry={() => void plants.refetch()} />}
      {plants.data?.length === 0 && <p className="note">{t('allowance:plants.none')}</p>}
      {plants.data !== undefined && plants.data.length > 0 && (
        <Table
          label={t('allowance:plants.title')}
          columns={[
            { head: t('allowance:plants.subject'), lead: true, cell: ({ subject }) => subject },
            { head: t('methodology:list.sector'), cell: ({ sector }) => t(`methodology:sector.${sector}`, sector) },
            { head: t('allowance:plants.facts'), cell: factText },
            ...(mayEdit
              ? [
                  {
                    head: t('allowance:plants.change'),
                    quiet: true,
                    cell: (plant: Plant) => (
                      <span className="row">
                        <button type="button" className="plain" onClick={() => setChanging(plant)}>
                          {t('allowance:plants.change')}
                        </button>
                        <button type="button" className="plain" disabled={working} onClick={() => void end(plant)}>
                          {t('allowance:plants.end')}
                        </button>
                      </span>
                    ),
                  },
                ]
              : []),
          ]}
          rows={plants.data}
          keyOf={({ id }) => id}
        />
      )}
      {error !== undefined && <Problem error={error} />}
      {mayEdit && rules.data !== undefined && (
        <PlantForm
          key={changing?.id ?? `new ${plants.data?.length ?? 0}`}
          plant={changing}
          rules={rules.data}
          onSend={async (given) => {
            if (changing === undefined) await postJson(path, given)
            else await http.json(`${path}/${changing.id}`, { method: 'PUT', json: { facts: given.facts } })
            await changed()
          }}
          onCancel={() => setChanging(undefined)}
        />
      )}
    </>
  )
}

/** Adds a plant, or corrects what one says of itself; its sector and name stay. */
function PlantForm({
  plant,
  rules,
  onSend,
  onCancel,
}: {
  plant: Plant | undefined
  rules: readonly SectorRule[]
  onSend: (given: Omit<Plant, 'id'>) => Promise<void>
  onCancel: () => void
}) {
  const { t } = useTranslation()
  const [subject, setSubject] = useState(plant?.subject ?? '')
  const [sector, setSector] = useState(plant?.sector ?? rules[0]?.sector ?? '')
  const [facts, setFacts] = useState(plant?.facts ?? {})
  const { working, error, work } = useWork()
  return (
    <form
      className="sheet stack"
      onSubmit={(event) => {
        event.preventDefault()
        void work(() => onSend({ subject: subject.trim(), sector, facts }))
      }}
    >
      <h3>{plant === undefined ? t('allowance:plants.add') : t('allowance:plants.changing', { subject })}</h3>
      <div className="grid">
        {plant === undefined && (
          <>
            <label className="field">
              <span>{t('allowance:plants.subjectField')}</span>
              <input required maxLength={200} value={subject} onChange={(event) => setSubject(event.target.value)} />
            </label>
            <label className="field">
              <span>{t('methodology:list.sector')}</span>
              <select
                value={sector}
                onChange={(event) => {
                  setSector(event.target.value)
                  setFacts({})
                }}
              >
                {rules.map((rule) => (
                  <option key={rule.sector} value={rule.sector}>
                    {t(`methodology:sector.${rule.sector}`, rule.sector)}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        <FactFields
          facts={rules.find((rule) => rule.sector === sector)?.facts ?? []}
          values={facts}
          onChange={setFacts}
        />
      </div>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={working}>
          {t(plant === undefined ? 'allowance:plants.send' : 'allowance:plants.save')}
        </button>
        {plant !== undefined && (
          <button type="button" onClick={onCancel}>
            {t('allowance:plants.cancel')}
          </button>
        )}
        <span className="small muted">{t('allowance:plants.hint')}</span>
      </div>
    </form>
  )
}
