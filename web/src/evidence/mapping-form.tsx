import { KINDS, kindInfo } from '@tanlian/evidence'
import { useTranslation } from 'react-i18next'
import { typeText } from './filter.ts'
import { kindName } from './kind-name.ts'
import type { ColumnChoice, MappingFields } from './mapping-fields.ts'
import { isRate, unitsFor } from './mapping-fields.ts'
import { STAMP_FORMATS } from './stamp-guess.ts'
import { ZONES } from './zones.ts'

/** Which column means what: the time and its zone, what a stamp stands for, and for each measured column kind, unit and stream. */
export function MappingForm({
  columns,
  fields,
  onChange,
}: {
  columns: readonly string[]
  fields: MappingFields
  onChange: (fields: MappingFields) => void
}) {
  const { t } = useTranslation()
  const set = (more: Partial<MappingFields>) => onChange({ ...fields, ...more })
  const setColumn = (at: number, more: Partial<ColumnChoice>) =>
    set({ columns: fields.columns.with(at, { ...(fields.columns[at] as ColumnChoice), ...more }) })
  return (
    <div className="stack">
      <fieldset className="stack">
        <legend>{t('upload.map.time')}</legend>
        <div className="grid">
          <label className="field">
            <span>{t('upload.map.timeColumn')}</span>
            <select value={fields.timeColumn} onChange={(event) => set({ timeColumn: event.target.value })}>
              {columns.map((column) => (
                <option key={column}>{column}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('upload.map.format')}</span>
            <select
              value={fields.format}
              onChange={(event) => set({ format: event.target.value, formatCertain: true })}
            >
              {STAMP_FORMATS.map(([format]) => (
                <option key={format}>{format}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('upload.map.zone')}</span>
            <select value={fields.zone} onChange={(event) => set({ zone: event.target.value })}>
              {ZONES.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('upload.map.stamp')}</span>
            <select
              value={fields.stamp}
              onChange={(event) =>
                set({ stamp: event.target.value === 'end' ? 'end' : event.target.value === 'start' ? 'start' : '' })
              }
            >
              <option value="" disabled>
                {t('upload.map.stampChoose')}
              </option>
              <option value="start">{t('upload.map.stampStart')}</option>
              <option value="end">{t('upload.map.stampEnd')}</option>
            </select>
          </label>
          <label className="field">
            <span>{t('upload.map.interval')}</span>
            <input
              type="number"
              min={1}
              max={31_622_400}
              value={fields.interval}
              onChange={(event) => set({ interval: event.target.value })}
            />
          </label>
          <label className="field">
            <span>{t('upload.map.device')}</span>
            <input value={fields.device} maxLength={100} onChange={(event) => set({ device: event.target.value })} />
          </label>
        </div>
        {!fields.formatCertain && <p className="note unchecked">{t('upload.map.uncertain')}</p>}
        <label className="choice">
          <input type="checkbox" checked={fields.dayEnd} onChange={(event) => set({ dayEnd: event.target.checked })} />
          {t('upload.map.dayEnd')}
        </label>
      </fieldset>
      <fieldset className="stack">
        <legend>{t('upload.map.columns')}</legend>
        {fields.columns.map((column, at) => (
          <div key={column.column} className="column-map">
            <label className="choice">
              <input
                type="checkbox"
                checked={column.used}
                disabled={column.column === fields.timeColumn}
                onChange={(event) => setColumn(at, { used: event.target.checked })}
              />
              <b>{column.column}</b>
            </label>
            {column.used && (
              <div className="grid">
                <label className="field">
                  <span>{t('organization.streams.kind')}</span>
                  <select
                    value={column.kind}
                    onChange={(event) =>
                      setColumn(at, {
                        kind: event.target.value,
                        unit: unitsFor(event.target.value)[0] ?? '',
                        value: kindInfo(Number.parseInt(event.target.value, 16))?.sort === 'gauge' ? 'mean' : 'delta',
                      })
                    }
                  >
                    {KINDS.map(({ type }) => (
                      <option key={type} value={typeText(type)}>{`${kindName(type)} · ${typeText(type)}`}</option>
                    ))}
                  </select>
                </label>
                <label className="field">
                  <span>{t('upload.map.unit')}</span>
                  <select
                    value={column.unit}
                    onChange={(event) =>
                      setColumn(at, {
                        unit: event.target.value,
                        ...(isRate(event.target.value, column.kind) ? { value: 'mean' } : {}),
                      })
                    }
                  >
                    {unitsFor(column.kind).map((unit) => (
                      <option key={unit}>{unit}</option>
                    ))}
                  </select>
                </label>
                <label className="field">
                  <span>{t('upload.map.value')}</span>
                  <select
                    value={column.value}
                    onChange={(event) => setColumn(at, { value: event.target.value as ColumnChoice['value'] })}
                  >
                    {(['delta', 'register', 'mean'] as const).map((value) => (
                      <option key={value} value={value}>
                        {t(`upload.map.values.${value}`)}
                      </option>
                    ))}
                  </select>
                </label>
                <label className="field">
                  <span>{t('upload.map.stream')}</span>
                  <input
                    type="number"
                    min={1}
                    max={4_294_967_295}
                    value={column.stream}
                    onChange={(event) => setColumn(at, { stream: event.target.value })}
                  />
                </label>
              </div>
            )}
          </div>
        ))}
      </fieldset>
    </div>
  )
}
