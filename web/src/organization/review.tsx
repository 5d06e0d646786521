import { type Application, newReason, openClient, reasonDigest, signIn } from '@tanlian/sdk'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client, getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { doAct } from './act.ts'
import { organizationName } from './name.ts'
import { OrganizationLink, useOrganizationName } from './organization-link.tsx'
import type { Binding, Organization } from './record.ts'
import { type OpenKey, Unlock } from './unlock.tsx'

/** The desk of those who decide: a regulator's applications (审批), a platform's requests to be bound (绑定确认). */
export function ReviewPage() {
  const { t } = useTranslation()
  const [desk, setDesk] = useState<
    | { key: OpenKey; organization: Organization; applications: readonly Application[]; bindings: readonly Binding[] }
    | undefined
  >(undefined)
  const [error, setError] = useState<unknown>(undefined)

  const load = async (key: OpenKey) => {
    setError(undefined)
    try {
      if (key.organization === undefined) return setError(new Error(t('review.unregistered')))
      const organization = await getJson<Organization>(`/v1/organizations/${key.organization}`)
      const applications = organization.kind === 'regulator' ? await listOpen(key) : []
      const bindings =
        organization.kind === 'platform'
          ? (await getJson<ListPage<Binding>>(`/v1/organizations/${organization.id}/bindings?limit=200`)).items.filter(
              (one) => one.state === 'requested',
            )
          : []
      setDesk({ key, organization, applications, bindings })
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <Page title={t('review.title')} lead={t('review.lead')}>
      {error !== undefined && <Problem error={error} />}
      {desk === undefined && (
        <section className="sheet">
          <h2>{t('review.unlock')}</h2>
          <Unlock purpose="acts" onOpen={(key) => void load(key)} />
        </section>
      )}
      {desk !== undefined && (
        <>
          <p className="note">
            {t('review.as', {
              name: organizationName(desk.organization),
              id: desk.organization.id,
              kind: t(`party.${desk.organization.kind}`),
            })}
          </p>
          {desk.organization.kind !== 'regulator' && desk.organization.kind !== 'platform' && (
            <p>{t('review.nothing')}</p>
          )}
          {desk.organization.kind === 'regulator' && desk.applications.length === 0 && (
            <p className="sheet">{t('review.noApplications')}</p>
          )}
          {desk.applications.map((one) => (
            <ApplicationCard
              key={one.application}
              application={one}
              regulator={desk.organization.id}
              signer={desk.key}
              onDone={() => void load(desk.key)}
            />
          ))}
          {desk.organization.kind === 'platform' && desk.bindings.length === 0 && (
            <p className="sheet">{t('review.noBindings')}</p>
          )}
          {desk.bindings.map((one) => (
            <BindingCard key={one.enterprise} binding={one} signer={desk.key} onDone={() => void load(desk.key)} />
          ))}
        </>
      )}
    </Page>
  )
}

function ApplicationCard({
  application,
  regulator,
  signer,
  onDone,
}: {
  application: Application
  regulator: number
  signer: OpenKey
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const decide = (name: 'Approve' | 'Refuse') => {
    const said = newReason(reason)
    const intent = { organization: regulator, application: application.application, reason: reasonDigest(said) }
    return doAct(client, name, intent, signer.privateKey, said)
  }
  const hidden = (application.private ?? {}) as Readonly<Record<string, string | null>>
  return (
    <section className="sheet" data-application={application.application}>
      <h2>{String(application.name ?? '–')}</h2>
      <dl className="facts">
        <dt>{t('organization.kind')}</dt>
        <dd>{t(`party.${String(application.kind)}`)}</dd>
        {(['nameEn', 'region', 'industry', 'website'] as const)
          .filter((field) => typeof application[field] === 'string')
          .map((field) => (
            <div key={field} className="contents">
              <dt>{t(`apply.profile.${field}`)}</dt>
              <dd>{String(application[field])}</dd>
            </div>
          ))}
        {(['contact', 'phone', 'email', 'address', 'creditCode'] as const)
          .filter((field) => typeof hidden[field] === 'string')
          .map((field) => (
            <div key={field} className="contents">
              <dt>{t(`apply.profile.${field}`)}</dt>
              <dd>{hidden[field]}</dd>
            </div>
          ))}
        <dt>{t('apply.state.application')}</dt>
        <dd>
          <code>{application.application}</code>
        </dd>
      </dl>
      <label className="field">
        <span>{t('review.reason')}</span>
        <input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
      </label>
      <Decision
        actions={[
          { text: 'review.approve', act: () => decide('Approve') },
          // Nobody is turned away without a word.
          {
            text: 'review.refuse',
            act: () => decide('Refuse'),
            missing: reason.trim() === '' ? 'review.refuseWhy' : undefined,
          },
        ]}
        onDone={onDone}
      />
    </section>
  )
}

function BindingCard({ binding, signer, onDone }: { binding: Binding; signer: OpenKey; onDone: () => void }) {
  const { t } = useTranslation()
  const { enterprise, platform } = binding
  const name = useOrganizationName(enterprise)
  return (
    <section className="sheet">
      <h2>{t('review.binding', { enterprise: name })}</h2>
      <p>
        <OrganizationLink id={enterprise} />
      </p>
      <Decision
        actions={[
          {
            text: 'review.confirm',
            act: () => doAct(client, 'ConfirmBinding', { organization: platform, enterprise }, signer.privateKey),
          },
          {
            text: 'review.decline',
            act: () =>
              doAct(
                client,
                'Unbind',
                { organization: platform, enterprise, platform, reason: reasonDigest(undefined) },
                signer.privateKey,
              ),
          },
        ]}
        onDone={onDone}
      />
    </section>
  )
}

/** Two signed acts to choose from; the first is the expected one. `missing` says what one of them still needs. */
function Decision({
  actions,
  onDone,
}: {
  actions: readonly {
    readonly text: string
    readonly act: () => Promise<unknown>
    readonly missing?: string | undefined
  }[]
  onDone: () => void
}) {
  const { t } = useTranslation()
  const { working: sending, error, work } = useWork()
  const run = (act: () => Promise<unknown>) =>
    work(async () => {
      await act()
      onDone()
    })
  return (
    <div className="stack">
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        {actions.map(({ text, act, missing }, at) => (
          <button
            key={text}
            type="button"
            className={at === 0 ? 'primary' : ''}
            disabled={sending || missing !== undefined}
            onClick={() => void run(act)}
          >
            {t(sending ? 'apply.submit.working' : text)}
          </button>
        ))}
        {actions.map(
          ({ missing }) =>
            missing !== undefined && (
              <span key={missing} className="small muted">
                {t(missing)}
              </span>
            ),
        )}
      </div>
    </div>
  )
}

/** Open applications: seen only by a regulator, who signs in with the key. */
async function listOpen(key: OpenKey): Promise<Application[]> {
  if (key.organization === undefined) return []
  const { token } = await signIn(client, key.organization, key.privateKey)
  const known = openClient({ base: location.origin, headers: () => ({ authorization: `Bearer ${token}` }) })
  const found: Application[] = []
  for await (const one of known.applications('open')) found.push(one)
  return found
}
