import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { http, postJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useIsDemo } from '../shell/role.tsx'
import { useSession } from '../shell/session.ts'
import { useWork } from '../shell/work.ts'
import { OrganizationLink } from './organization-link.tsx'
import { answerPasskey, hasPasskeys, makePasskey } from './passkey.ts'

/** Sign-in of people, by password or passkey. Reading needs none; what counts is signed with an organization's key. */
export function SignInPage() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const session = useSession()
  const changed = () => queries.invalidateQueries({ queryKey: ['session'] })
  const person = session.data?.person ?? undefined
  const isDemo = useIsDemo()
  return (
    <Page narrow title={t(person === undefined ? 'signIn.title' : 'signIn.in')} lead={t('signIn.lead')}>
      {isDemo && person === undefined && <p className="note">{t('signIn.demo')}</p>}
      {session.isPending && <p role="status">{t('shell.loading')}</p>}
      {person === undefined ? (
        <SignInForms onDone={() => void changed()} />
      ) : (
        <section className="sheet stack">
          <h2>{person.name}</h2>
          {session.data?.organizations.length === 0 && <p className="muted">{t('signIn.noOrganizations')}</p>}
          <ul>
            {session.data?.organizations.map((one) => (
              <li key={one.id}>
                <OrganizationLink id={one.id} /> · {t(`signIn.role.${one.role}`)}
              </li>
            ))}
          </ul>
          <div className="row">
            <button type="button" onClick={() => void http.send('/v1/session', { method: 'DELETE' }).then(changed)}>
              {t('signIn.out')}
            </button>
          </div>
        </section>
      )}
    </Page>
  )
}

function SignInForms({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [isNew, setNew] = useState(false)
  const { working, error, work } = useWork()

  const run = (act: () => Promise<unknown>) =>
    work(async () => {
      await act()
      onDone()
    })
  const byPassword = () =>
    isNew
      ? postJson('/v1/people', { login, name, password })
      : postJson('/v1/sessions', { with: 'password', login, password })
  const byPasskey = async () =>
    isNew
      ? postJson('/v1/people', { login, name, passkey: await makePasskey(login, name) })
      : postJson('/v1/sessions', { with: 'passkey', answer: await answerPasskey() })
  return (
    <form
      className="sheet stack"
      onSubmit={(event) => {
        event.preventDefault()
        void run(byPassword)
      }}
    >
      <div className="row tabs">
        <button type="button" aria-pressed={!isNew} onClick={() => setNew(false)}>
          {t('signIn.have')}
        </button>
        <button type="button" aria-pressed={isNew} onClick={() => setNew(true)}>
          {t('signIn.make')}
        </button>
      </div>
      <label className="field">
        <span>{t('signIn.login')}</span>
        <input
          required
          minLength={3}
          maxLength={64}
          autoComplete="username"
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </label>
      {isNew && (
        <label className="field">
          <span>{t('signIn.name')}</span>
          <input
            required
            maxLength={100}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      )}
      <label className="field">
        <span>{t(isNew ? 'signIn.newPassword' : 'signIn.password')}</span>
        <input
          required
          minLength={10}
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="submit" className="primary" disabled={working}>
          {t(isNew ? 'signIn.makeButton' : 'signIn.button')}
        </button>
        {hasPasskeys() && (
          <button
            type="button"
            disabled={working || (isNew && (login === '' || name === ''))}
            onClick={() => void run(byPasskey)}
          >
            {t(isNew ? 'signIn.makePasskey' : 'signIn.passkey')}
          </button>
        )}
      </div>
    </form>
  )
}
