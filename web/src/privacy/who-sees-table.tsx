import type { PrivacyMode } from '@tanlian/evidence'
import type { PrivacyChoiceItem } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { kindName } from '../evidence/kind-name.ts'
import { type Column, Table } from '../shell/table.tsx'
import { modeOf, otherMode, rulesOf } from './choice-rules.ts'
import { type KeptStream, MODES } from './record.ts'
import { ROLES, SIGHTS, sightOf } from './who-sees.ts'

/** Who learns what of this enterprise's batches, by how it keeps its types. */
export function WhoSees({ choice, streams }: { choice: PrivacyChoiceItem; streams: readonly KeptStream[] }) {
  const { t } = useTranslation()
  const rules = rulesOf(choice)
  const types = [...new Set(streams.map(({ type }) => type))].sort((a, b) => a - b)
  const inUse = MODES.filter((mode) => otherMode(rules) === mode || types.some((type) => modeOf(rules, type) === mode))
  const [picked, setPicked] = useState<PrivacyMode>()
  const mode = picked ?? inUse.at(-1) ?? 'open'
  const ofMode = types.filter((type) => modeOf(rules, type) === mode).map(kindName)
  const columns: readonly Column<(typeof SIGHTS)[number]>[] = [
    { head: t('privacy:sees.what'), lead: true, cell: ([thing]) => t(`privacy:sees.thing.${thing}`) },
    ...ROLES.map(
      (role, at): Column<(typeof SIGHTS)[number]> => ({
        head: t(`privacy:sees.role.${role}`),
        cell: ([, ...sights]) => t(`privacy:sees.sight.${sightOf(mode, sights[at] ?? 'no')}`),
      }),
    ),
  ]
  return (
    <section className="sheet stack">
      <h2>{t('privacy:sees.title')}</h2>
      <label className="field zone">
        <span>{t('privacy:sees.of')}</span>
        <select value={mode} onChange={(event) => setPicked(MODES.find((one) => one === event.target.value))}>
          {MODES.map((one) => (
            <option key={one} value={one}>
              {t(`privacy:mode.${one}.name`)}
            </option>
          ))}
        </select>
      </label>
      <p className="muted">
        {ofMode.length > 0
          ? t('privacy:sees.types', { types: ofMode.join('; ') })
          : t(otherMode(rules) === mode ? 'privacy:sees.others' : 'privacy:sees.unused')}
      </p>
      {mode === 'open' ? (
        <p>{t('privacy:sees.all')}</p>
      ) : (
        <>
          <Table label={t('privacy:sees.title')} columns={columns} rows={SIGHTS} keyOf={([thing]) => thing} />
          <p className="small muted">{t('privacy:sees.batch')}</p>
        </>
      )}
    </section>
  )
}
