import { randomBytes } from 'node:crypto'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { addPasskey, type NewPasskey } from './passkey.ts'
import { hashPassword } from './password.ts'
import './schema.ts'

/** Somebody who is to be able to sign in. */
export interface NewPerson {
  readonly login: string
  readonly name: string
  readonly password?: string | undefined
  readonly passkey?: NewPasskey | undefined
  /** Given only by who sets up the instance, never by a request. */
  readonly admin?: boolean
}

/** Adds a person; the sign-in name is theirs in any case of letters. @throws TanlianError E_LOGIN_TAKEN */
export async function addPerson(instance: Instance, person: NewPerson): Promise<string> {
  const id = randomBytes(16).toString('hex')
  const password = person.password === undefined ? null : await hashPassword(person.password)
  const now = instance.clock()
  await instance.db.transaction().execute(async (db) => {
    const added = await db
      .insertInto('person')
      .values({ id, login: person.login, name: person.name, password, admin: person.admin ?? false, created_ms: now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (added.numInsertedOrUpdatedRows !== 1n)
      throw new TanlianError('E_LOGIN_TAKEN', `Somebody has the sign-in name ${person.login} already.`, {
        values: { login: person.login },
      })
    if (person.passkey !== undefined) await addPasskey(db, now, id, person.passkey)
  })
  return id
}
