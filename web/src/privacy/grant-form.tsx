import { giveGrant } from '@tanlian/sdk'
import { periodOf, periodWindow } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toggleType, typeBytes, typeText } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { organizationName } from '../organization/name.ts'
import type { Organization } from '../organization/record.ts'
import { type OpenKey, Unlock } from '../organization/unlock.tsx'
import { client, getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { type KeptStream, STEPS, type Step, useReaderKeys } from './record.ts'

/** Gives a grant: to whom, what of, for which time; signed here with the key for documents. */
export function GrantForm({
  organization,
  streams,
  onGiven,
}: {
  organization: number
  streams: readonly KeptStream[]
  onGiven: () => void
}) {
  const { t } = useTranslation()
  const year = periodOf(Math.floor(Date.now() / 1000), 'year')
  const [reader, setReader] = useState(0)
  const [types, setTypes] = useState<readonly string[]>([])
  const [only, setOnly] = useState<readonly number[]>([])
  const [from, setFrom] = useState(`${year}-01-01`)
  const [through, setThrough] = useState(`${year}-12-31`)
  const [access, setAccess] = useState<'read' | Step>('read')
  const [key, setKey] = useState<OpenKey>()
  const { working, error, work } = useWork()
  const known = useQuery({
    queryKey: ['organizations', 'all'],
    queryFn: () => getJson<Page<Organization>>('/v1/organizations?limit=500'),
    staleTime: 60_000,
  })
  const keys = useReaderKeys(reader)
  const kinds = [...new Set(streams.map(({ type }) => type))].sort((a, b) => a - b)
  const matching = streams.filter(({ type }) => types.includes(typeText(type)))
  const ready = reader > 0 && types.length > 0 && from !== '' && through >= from
  const give = () =>
    work(async () => {
      if (key === undefined) return
      const { chainId, contracts } = await client.wellKnown()
      await giveGrant(client, { chainId, verifyingContract: contracts.EvidenceLog }, key.privateKey, {
        ...{ organization, reader, types: typeBytes(types), access: access === 'read' ? 'read' : 'summary' },
        step: access === 'read' ? 0 : STEPS[access],
        streams: only.filter((stream) => matching.some((one) => one.stream === stream)),
        from: periodWindow(from).from,
        to: periodWindow(through).to,
      })
      setReader(0)
      setTypes([])
      onGiven()
    })
  return (
    <div className="stack">
      <h3>{t('privacy:give.title')}</h3>
      <form
        className="stack"
        aria-label={t('privacy:give.title')}
        onSubmit={(event) => {
          event.preventDefault()
          void give()
        }}
      >
        <div className="grid">
          <label className="field">
            <span>{t('privacy:grants.reader')}</span>
            <select value={reader} onChange={(event) => setReader(Number(event.target.value))}>
              <option value={0} disabled>
                {t('privacy:give.choose')}
              </option>
              {(known.data?.items ?? [])
                .filter(({ id }) => id !== organization)
                .map((one) => (
                  <option key={one.id} value={one.id}>{`${organizationName(one)} · ${one.id}`}</option>
                ))}
            </select>
          </label>
          <label className="field">
            <span>{t('privacy:grants.access')}</span>
            <select
              value={access}
              onChange={(event) =>
                setAccess((Object.keys(STEPS) as Step[]).find((step) => step === event.target.value) ?? 'read')
              }
            >
              {(['read', ...Object.keys(STEPS)] as ('read' | Step)[]).map((one) => (
                <option key={one} value={one}>
                  {t(`privacy:access.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('trace.filter.from')}</span>
            <input type="date" required value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label className="field">
            <span>{t('trace.filter.through')}</span>
            <input
              type="date"
              required
              min={from}
              value={through}
              onChange={(event) => setThrough(event.target.value)}
            />
          </label>
        </div>
        <fieldset>
          <legend>{t('trace.filter.types')}</legend>
          <div className="row">
            {kinds.map(typeText).map((type) => (
              <label key={type} className="choice">
                <input
                  type="checkbox"
                  checked={types.includes(type)}
                  onChange={() => setTypes(toggleType(types, type))}
                />
                {kindName(Number.parseInt(type, 16))}
              </label>
            ))}
          </div>
        </fieldset>
        {matching.length > 1 && (
          <fieldset>
            <legend>{t('privacy:give.streams')}</legend>
            <div className="row">
              {matching.map(({ stream, device }) => (
                <label key={stream} className="choice">
                  <input
                    type="checkbox"
                    checked={only.includes(stream)}
                    onChange={() =>
                      setOnly(only.includes(stream) ? only.filter((one) => one !== stream) : [...only, stream])
                    }
                  />
                  {`${stream} · ${device}`}
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <p className="small muted">{t(access === 'read' ? 'privacy:give.future' : 'privacy:give.cover')}</p>
        {reader > 0 && keys.data?.every(({ ended }) => ended !== null) === true && access === 'read' && (
          <p className="note unchecked">{t('privacy:give.noKey')}</p>
        )}
        {known.isError && <Problem error={known.error} />}
        {error !== undefined && <Problem error={error} />}
        {key !== undefined && key.organization !== organization && (
          <p className="note failed">{t('report:sign.other')}</p>
        )}
        {key !== undefined && (
          <div className="row">
            <button type="submit" className="primary" disabled={!ready || working || key.organization !== organization}>
              {t(working ? 'report:sign.working' : 'privacy:give.sign')}
            </button>
            {!ready && <span className="small muted">{t('privacy:give.missing')}</span>}
          </div>
        )}
      </form>
      {key === undefined && ready && <Unlock purpose="documents" onOpen={setKey} />}
    </div>
  )
}
