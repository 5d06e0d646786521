import { DEFAULT_ZONE, periodOf } from '@tanlian/units'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { organizationName } from '../organization/name.ts'
import { isUnder, type TraceFilter, toggleType, typeText } from './filter.ts'
import { kindName } from './kind-name.ts'
import { useNewest } from './use-newest.ts'
import { ZONES } from './zones.ts'

/** A stream to choose from. */
interface Choice {
  readonly stream: number
  readonly type: number
  readonly device: string
}

interface Properties {
  readonly organizations: readonly { readonly id: number; readonly name: string | null; readonly nameEn: unknown }[]
  readonly organization: number
  readonly streams: readonly Choice[]
  readonly filter: TraceFilter | undefined
  readonly types: readonly string[]
  readonly onOrganization: (id: number) => void
  readonly onAsk: (filter: TraceFilter) => void
}

/** Organization, types, validity, streams and window; asking puts them into the address. */
export function FilterForm({
  organizations,
  organization,
  streams,
  filter,
  types: asked,
  onOrganization,
  onAsk,
}: Properties) {
  const { t } = useTranslation()
  const [picked, setPicked] = useState<readonly string[] | undefined>(asked.length === 0 ? undefined : asked)
  const [validity, setValidity] = useState(filter?.validity)
  const [chosen, setChosen] = useState<readonly number[]>(filter?.streams ?? [])
  const [from, setFrom] = useState(filter?.from)
  const [through, setThrough] = useState(filter?.through)
  const [zone, setZone] = useState(filter?.zone ?? DEFAULT_ZONE)
  const usual = monthOf(useNewest(organization).data?.from ?? undefined)
  const first = from ?? usual?.from ?? ''
  const last = through ?? usual?.through ?? ''
  // The first class it measures, until the reader picks: one press then gives an answer.
  const types = picked ?? (streams[0] === undefined ? [] : [typeText(streams[0].type).slice(0, 2)])
  const matching = streams.filter((stream) => isUnder(stream.type, types))
  const ready = organization > 0 && types.length > 0 && first !== '' && last !== ''

  return (
    <form
      className="sheet stack filter"
      aria-label={t('trace.filter.label')}
      onSubmit={(event) => {
        event.preventDefault()
        if (!ready) return
        const among = chosen.filter((stream) => matching.some((one) => one.stream === stream))
        onAsk({
          organization,
          types,
          streams: among,
          from: first,
          through: last,
          zone,
          mode: filter?.mode ?? 'total',
          ...(validity === undefined ? {} : { validity }),
        })
      }}
    >
      <div className="grid">
        <label className="field">
          <span>{t('trace.filter.organization')}</span>
          <select
            required
            value={organization === 0 ? '' : organization}
            onChange={(event) => onOrganization(Number(event.target.value))}
          >
            <option value="" disabled>
              {t('trace.filter.choose')}
            </option>
            {organizations.map((one) => (
              <option key={one.id} value={one.id}>{`${organizationName(one)} · ${one.id}`}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('trace.filter.from')}</span>
          <input type="date" required value={first} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('trace.filter.through')}</span>
          <input type="date" required min={first} value={last} onChange={(event) => setThrough(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('trace.filter.validity')}</span>
          <select
            value={validity ?? ''}
            onChange={(event) => setValidity(([0, 1, 2] as const).find((one) => String(one) === event.target.value))}
          >
            <option value="">{t('trace.filter.anyValidity')}</option>
            {([0, 1, 2] as const).map((one) => (
              <option key={one} value={one}>
                {t(`check:validity.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {streams.length > 0 && (
        <fieldset>
          <legend>{t('trace.filter.types')}</legend>
          <TypeTree streams={streams} types={types} onToggle={(prefix) => setPicked(toggleType(types, prefix))} />
        </fieldset>
      )}
      {organization > 0 && streams.length === 0 && <p className="note">{t('organization.streams.empty')}</p>}
      <details>
        <summary>{t('trace.filter.more', { zone })}</summary>
        <div className="stack">
          {matching.length > 0 && (
            <fieldset>
              <legend>{t('trace.filter.streams')}</legend>
              <div className="row">
                {matching.map((stream) => (
                  <label key={stream.stream} className="choice">
                    <input
                      type="checkbox"
                      checked={chosen.includes(stream.stream)}
                      onChange={() =>
                        setChosen(
                          chosen.includes(stream.stream)
                            ? chosen.filter((one) => one !== stream.stream)
                            : [...chosen, stream.stream].sort((a, b) => a - b),
                        )
                      }
                    />
                    {`${stream.stream} · ${stream.device}`}
                  </label>
                ))}
              </div>
            </fieldset>
          )}
          <label className="field zone">
            <span>{t('trace.filter.zone')}</span>
            <select value={zone} onChange={(event) => setZone(event.target.value)}>
              {[...new Set([zone, ...ZONES])].map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        </div>
      </details>
      <div className="row">
        <button type="submit" className="primary" disabled={!ready}>
          {t('trace.filter.ask')}
        </button>
        {!ready && <span className="small muted">{t('trace.filter.missing')}</span>}
      </div>
    </form>
  )
}

/** The classes that the organization really measures, and under each its kinds. */
function TypeTree({
  streams,
  types,
  onToggle,
}: {
  streams: readonly Choice[]
  types: readonly string[]
  onToggle: (prefix: string) => void
}) {
  const { t } = useTranslation()
  const kinds = [...new Set(streams.map((stream) => stream.type))].sort((a, b) => a - b)
  const classes = [...new Set(kinds.map((kind) => typeText(kind).slice(0, 2)))]
  const box = (prefix: string, text: string) => (
    <label key={prefix} className="choice" title={prefix}>
      <input type="checkbox" checked={types.includes(prefix)} onChange={() => onToggle(prefix)} />
      {text}
    </label>
  )
  return (
    <ul className="type-tree">
      {classes.map((one) => (
        <li key={one}>
          {box(one, t(`class.${one}`))}
          <div className="row kinds">
            {kinds.filter((kind) => typeText(kind).startsWith(one)).map((kind) => box(typeText(kind), kindName(kind)))}
          </div>
        </li>
      ))}
    </ul>
  )
}

/** The calendar month of a moment, as first and last day. */
function monthOf(seconds: number | undefined): { from: string; through: string } | undefined {
  if (seconds === undefined) return undefined
  const month = periodOf(seconds, 'month')
  const [year = 0, number = 1] = month.split('-').map(Number)
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate()
  return { from: `${month}-01`, through: `${month}-${String(days).padStart(2, '0')}` }
}
