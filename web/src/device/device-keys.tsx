import { KEY_CHANGE_TYPE } from '@tanlian/evidence'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { formatCount, formatMoment, shorten } from '../format.ts'
import { postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import { EnrolKey } from './enrol-key.tsx'
import { CounterField } from './key-fields.tsx'
import type { Device, DeviceKey } from './record.ts'

/** Whether an item of a batch's streams declares a change of a device's keys (decision 0010): it carries no readings. */
export function isKeyChange({ type }: Device['streams'][number]): boolean {
  return typeNumber(type) === KEY_CHANGE_TYPE
}

/** The keys and certificates of a device, now and before; its organization's editors enrol, rotate and revoke them here. */
export function DeviceKeys({ organization, device }: { organization: number; device: Device }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayWrite = useHasRole(organization, 'editor')
  const [open, setOpen] = useState<'enrol' | DeviceKey | undefined>(undefined)
  const done = () => {
    setOpen(undefined)
    void queries.invalidateQueries({ queryKey: ['device'] })
  }
  return (
    <>
      <section className="sheet">
        <div className="row between">
          <h2>{t('device.keys')}</h2>
          {mayWrite && (
            <button type="button" aria-expanded={open === 'enrol'} onClick={() => setOpen('enrol')}>
              {t('device.enrol.open')}
            </button>
          )}
        </div>
        {device.keys.length === 0 ? (
          <p className="muted">
            {t(device.streams.some(({ key }) => key !== null) ? 'device.declaredOnly' : 'device.noKeys')}
          </p>
        ) : (
          <KeyTable keys={device.keys} onRevoke={mayWrite ? setOpen : undefined} />
        )}
        <Declared changes={device.streams.filter(isKeyChange)} />
      </section>
      {open === 'enrol' && (
        <EnrolKey organization={organization} device={device.device} keys={device.keys} onDone={done} />
      )}
      {open !== undefined && open !== 'enrol' && (
        <RevokeKey
          key={open.key}
          organization={organization}
          device={device.device}
          revoked={open}
          onClose={() => setOpen(undefined)}
          onDone={done}
        />
      )}
    </>
  )
}

/** What batches declare of its keys: by this anyone judges a message, without asking the registry. */
function Declared({ changes }: { changes: Device['streams'] }) {
  const { t } = useTranslation()
  if (changes.length === 0) return null
  return (
    <Table
      label={t('device.declared')}
      caption={t('device.declared')}
      rows={changes}
      keyOf={({ stream }) => stream}
      columns={[
        {
          head: t('device.change'),
          lead: true,
          cell: ({ key, more }) =>
            key === null
              ? t('device.changes.ends', { to: formatCount(Number(more.lastCounter)) })
              : t('device.changes.begins', { key: shorten(key, 8), from: formatCount(Number(more.firstCounter)) }),
        },
        { head: t('device.since'), cell: ({ since }) => t('home.log.batchNumber', { n: formatCount(since) }) },
      ]}
    />
  )
}

function KeyTable({
  keys,
  onRevoke,
}: {
  keys: readonly DeviceKey[]
  onRevoke: ((key: DeviceKey) => void) | undefined
}) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('device.keys')}
      rows={keys}
      keyOf={({ key }) => key}
      columns={[
        { head: t('device.key'), lead: true, cell: ({ key }) => <code title={key}>{shorten(key, 8)}</code> },
        { head: t('device.kind'), cell: ({ kind }) => t(`device.kinds.${kind}`) },
        {
          head: t('device.counters'),
          hint: t('device.countersMean'),
          cell: ({ firstCounter, lastCounter }) =>
            t('device.range', {
              from: formatCount(firstCounter),
              to: lastCounter === null ? '…' : formatCount(lastCounter),
            }),
        },
        { head: t('device.enrolled'), cell: ({ enrolled }) => formatMoment(Date.parse(enrolled) / 1000) },
        {
          head: t('device.state'),
          cell: ({ revoked, reason }) =>
            revoked === null ? t('device.inUse') : t('device.revoked', { reason: reason ?? '' }),
        },
        ...(onRevoke === undefined
          ? []
          : [
              {
                head: t('device.revoke.open'),
                quiet: true,
                cell: (key: DeviceKey) =>
                  key.revoked === null && (
                    <button type="button" className="plain" onClick={() => onRevoke(key)}>
                      {t('device.revoke.open')}
                    </button>
                  ),
              },
            ]),
      ]}
    />
  )
}

/** Ends a key: what it signed up to its last good counter stays good, all after it does not. */
function RevokeKey({
  organization,
  device,
  revoked,
  onClose,
  onDone,
}: {
  organization: number
  device: string
  revoked: DeviceKey
  onClose: () => void
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [last, setLast] = useState('')
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<unknown>(undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const path = `/v1/organizations/${organization}/devices/${encodeURIComponent(device)}/keys/${revoked.key}/revocation`
    postJson(path, { lastCounter: Number(last), reason: reason.trim() }).then(onDone, setProblem)
  }
  return (
    <form className="sheet stack" data-testid="revoke" onSubmit={submit}>
      <h2>{t('device.revoke.title', { key: shorten(revoked.key, 8) })}</h2>
      <p>{t('device.revoke.means', { none: formatCount(revoked.firstCounter - 1) })}</p>
      <div className="grid two">
        <CounterField text={t('device.revoke.last')} value={last} least={revoked.firstCounter - 1} onChange={setLast} />
        <label className="field">
          <span>{t('device.revoke.reason')}</span>
          <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
      {problem !== undefined && <Problem error={problem} />}
      <div className="row">
        <button type="submit" className="primary" disabled={reason.trim() === ''}>
          {t('device.revoke.button')}
        </button>
        <button type="button" onClick={onClose}>
          {t('shell.close')}
        </button>
      </div>
    </form>
  )
}
