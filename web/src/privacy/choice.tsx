import { kindInfo, type PrivacyMode } from '@tanlian/evidence'
import { type PrivacyChoiceItem, privacyStatement } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount } from '../format.ts'
import { SignBox } from '../report/sign-box.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { chosenRules, modeOf, otherMode, rulesOf } from './choice-rules.ts'
import { type KeptStream, MODES } from './record.ts'

/** A line of the choice: a type that the organization measures, or every other one. */
interface Line {
  readonly type: number | undefined
  readonly streams: number
  readonly mode: PrivacyMode
}

/** How each type is kept from now on; a change is a document that the organization signs and logs. */
export function Choice({
  organization,
  choice,
  streams,
  hasReader,
  may,
  onChanged,
}: {
  organization: number
  choice: PrivacyChoiceItem
  streams: readonly KeptStream[]
  /** Whether it has a reader's key: without one it could not read what it seals. */
  hasReader: boolean
  may: boolean
  onChanged: () => void
}) {
  const { t } = useTranslation()
  const before = rulesOf(choice)
  const types = [...new Set(streams.map(({ type }) => type))].sort((a, b) => a - b)
  const [chosen, setChosen] = useState<ReadonlyMap<number, PrivacyMode>>(
    () => new Map(types.map((type) => [type, modeOf(before, type)])),
  )
  const [other, setOther] = useState(() => otherMode(before))
  const isChanged = other !== otherMode(before) || types.some((type) => chosen.get(type) !== modeOf(before, type))
  const seals = [other, ...chosen.values()].some((mode) => mode !== 'open')
  const lines: readonly Line[] = [
    ...types.map((type) => ({
      type,
      streams: streams.filter((stream) => stream.type === type).length,
      mode: chosen.get(type) ?? 'open',
    })),
    { type: undefined, streams: 0, mode: other },
  ]
  const nameOf = ({ type }: Line) => (type === undefined ? t('privacy:choice.other') : kindName(type))
  const choose = ({ type }: Line, mode: PrivacyMode) =>
    type === undefined ? setOther(mode) : setChosen(new Map([...chosen, [type, mode]]))
  const columns: readonly Column<Line>[] = [
    { head: t('privacy:choice.type'), lead: true, cell: nameOf },
    {
      head: t('privacy:choice.unit'),
      cell: ({ type }) => (type === undefined ? '–' : (kindInfo(type)?.unit ?? '–')),
    },
    {
      head: t('privacy:choice.streams'),
      number: true,
      cell: ({ type, streams: count }) => (type === undefined ? '–' : formatCount(count)),
    },
    {
      head: t('privacy:choice.mode'),
      cell: (line) =>
        may ? (
          <select
            aria-label={t('privacy:choice.modeOf', { type: nameOf(line) })}
            value={line.mode}
            onChange={(event) => choose(line, MODES.find((mode) => mode === event.target.value) ?? line.mode)}
          >
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {t(`privacy:mode.${mode}.name`)}
              </option>
            ))}
          </select>
        ) : (
          t(`privacy:mode.${line.mode}.name`)
        ),
    },
  ]
  return (
    <section className="sheet stack">
      <h2>{t('privacy:choice.title')}</h2>
      <p className="muted">
        {choice.since === null
          ? t('privacy:choice.never')
          : t('privacy:choice.since', { sequence: formatCount(choice.since) })}
      </p>
      <dl className="facts">
        {MODES.map((mode) => (
          <div key={mode} className="contents">
            <dt>{t(`privacy:mode.${mode}.name`)}</dt>
            <dd>{t(`privacy:mode.${mode}.means`)}</dd>
          </div>
        ))}
      </dl>
      <Table label={t('privacy:choice.title')} columns={columns} rows={lines} keyOf={({ type }) => type ?? 'other'} />
      {seals && !hasReader && <p className="note unchecked">{t('privacy:choice.noReader')}</p>}
      {isChanged && (
        <SignBox
          organization={organization}
          label={t('privacy:choice.sign')}
          summary={t('privacy:choice.summary')}
          note="privacy"
          prepare={async () => privacyStatement(chosenRules(before, chosen, other))}
          onLogged={onChanged}
        />
      )}
      <p className="small muted">{t('privacy:choice.gateway')}</p>
    </section>
  )
}
