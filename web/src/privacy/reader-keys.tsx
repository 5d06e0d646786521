import { fromHex, readerPublicKey, toHex } from '@tanlian/evidence'
import { type ReaderKeyItem, readerKeyStatement } from '@tanlian/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, shorten } from '../format.ts'
import { listKeys } from '../organization/keyring.ts'
import { NewKey } from '../organization/new-key.tsx'
import { Unlock } from '../organization/unlock.tsx'
import { SignBox } from '../report/sign-box.tsx'
import { type Column, Table } from '../shell/table.tsx'

/** What is about to be logged: one key more, or one less. */
interface Change {
  readonly act: 'publish' | 'end'
  readonly key: string
}

/** An organization's readers' keys: made in this browser, listed in a logged document, ended by leaving one out. */
export function ReaderKeys({
  organization,
  keys,
  may,
  onChanged,
}: {
  organization: number
  keys: readonly ReaderKeyItem[]
  may: boolean
  onChanged: () => void
}) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const kept = useQuery({ queryKey: ['keys'], queryFn: listKeys })
  const [change, setChange] = useState<Change>()
  const valid = keys.filter(({ ended }) => ended === null).map(({ key }) => key)
  const here = new Map((kept.data ?? []).flatMap((key) => (key.readerKey === undefined ? [] : [[key.readerKey, key]])))
  const columns: readonly Column<ReaderKeyItem>[] = [
    { head: t('privacy:keys.key'), lead: true, cell: ({ key }) => <code title={key}>{shorten(key, 8)}</code> },
    { head: t('privacy:keys.where'), cell: ({ key }) => here.get(key)?.name ?? t('privacy:keys.elsewhere') },
    {
      head: t('privacy:keys.state'),
      cell: ({ since, ended }) =>
        ended === null
          ? t('privacy:keys.since', { sequence: formatCount(since) })
          : t('privacy:keys.ended', { sequence: formatCount(ended) }),
    },
    {
      head: t('privacy:keys.act'),
      quiet: true,
      cell: ({ key, ended }) =>
        may &&
        ended === null && (
          <button type="button" onClick={() => setChange({ act: 'end', key })}>
            {t('privacy:keys.end')}
          </button>
        ),
    },
  ]
  const after = ({ act, key }: Change) => (act === 'publish' ? [...valid, key] : valid.filter((one) => one !== key))
  const waiting = [...here].filter(([key]) => !keys.some((item) => item.key === key))
  return (
    <section className="sheet stack">
      <h2>{t('privacy:keys.title')}</h2>
      <p className="muted">{t('privacy:keys.lead')}</p>
      {keys.length === 0 && <p>{t('privacy:keys.none')}</p>}
      {keys.length > 0 && (
        <Table label={t('privacy:keys.title')} columns={columns} rows={keys} keyOf={({ key }) => key} />
      )}
      {may && waiting.length > 0 && (
        <div className="row">
          {waiting.map(([key, { name }]) => (
            <button key={key} type="button" className="primary" onClick={() => setChange({ act: 'publish', key })}>
              {t('privacy:keys.publish', { name })}
            </button>
          ))}
        </div>
      )}
      {change !== undefined && (
        <SignBox
          key={`${change.act}/${change.key}`}
          organization={organization}
          label={t(`privacy:keys.sign.${change.act}`)}
          summary={t(`privacy:keys.summary.${change.act}`, { key: shorten(change.key, 8) })}
          note={`reader-key/${change.key}`}
          prepare={async () => readerKeyStatement(after(change).map((key) => fromHex(key, 32)))}
          onLogged={() => {
            setChange(undefined)
            onChanged()
          }}
        />
      )}
      {may && (
        <details>
          <summary>{t('privacy:keys.make')}</summary>
          <p className="small muted">{t('privacy:keys.makeWhy')}</p>
          <NewKey
            facts={(privateKey) => ({ purpose: 'reader', readerKey: toHex(readerPublicKey(privateKey)) })}
            onMade={() => void queries.invalidateQueries({ queryKey: ['keys'] })}
          />
        </details>
      )}
      {may && (
        <details>
          <summary>{t('privacy:keys.other')}</summary>
          <Unlock
            purpose="reader"
            onOpen={({ privateKey }) => setChange({ act: 'publish', key: toHex(readerPublicKey(privateKey)) })}
          />
        </details>
      )}
    </section>
  )
}
