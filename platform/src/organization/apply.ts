import {
  checkPrivateProfile,
  digestOf,
  encodePrivateProfile,
  encodeProfile,
  type PrivateProfile,
  type Profile,
  toHex0x,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Insertable } from 'kysely'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import { jobOf, type ReadAct } from './act.ts'
import { relay } from './relay.ts'
import './schema.ts'

/** A profile ready to be kept: its public block is what the chain's digest names. */
export interface ReadProfile {
  readonly digest: Uint8Array
  readonly row: Insertable<Schema['profile']>
}

/**
 * Puts both parts of a profile into their canonical form.
 * @throws TanlianError E_PROFILE_FORM, E_APPLICATION_DIGEST where the public part does not name this private part.
 */
export function readProfileParts(instance: Instance, profile: Profile, hidden: PrivateProfile | null): ReadProfile {
  const block = encodeProfile(profile)
  const privateBlock = hidden === null ? null : encodePrivateProfile(hidden).bytes
  if (!checkPrivateProfile(profile, privateBlock))
    throw new TanlianError('E_APPLICATION_DIGEST', 'The public part names another private part than the one sent.')
  const digest = digestOf(block.cid)
  return {
    digest,
    row: {
      digest,
      public_part: JSON.stringify({ ...profile, private: undefined }),
      block: block.bytes,
      private_block: privateBlock,
      name_search: [profile.name, profile.nameEn ?? ''].join(' ').toLowerCase(),
      created_ms: instance.clock(),
    },
  }
}

/**
 * Takes an application: keeps the profile that it names, then relays the act. Handing it in again changes nothing.
 * @throws TanlianError E_APPLICATION_DIGEST, and what the registry refuses.
 */
export async function apply(instance: Instance, profile: ReadProfile, act: ReadAct, person: string | undefined) {
  const { profile: named, key } = act.message as { profile: string; key: string }
  if (named !== toHex0x(profile.digest))
    throw new TanlianError(
      'E_APPLICATION_DIGEST',
      'The act names another profile digest than the one of this profile.',
      {
        values: { given: named, computed: toHex0x(profile.digest) },
      },
    )
  const job = jobOf(act)
  // Only once the registry would take it: what is refused leaves no block behind.
  await relay(instance, act, async (db) => {
    await instance.blocks.put([{ digest: profile.digest, bytes: profile.row.block }])
    await keepProfile(db, profile)
    await db
      .insertInto('application_file')
      .values({
        application: act.digest,
        profile: profile.digest,
        person: person ?? null,
        address: key,
        job,
        created_ms: instance.clock(),
        granted_ms: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
  return job
}

/** Keeps a profile; one that is here already only gains the private part it lacked. */
export async function keepProfile(db: Instance['db'], profile: ReadProfile) {
  await db
    .insertInto('profile')
    .values(profile.row)
    .onConflict((conflict) =>
      conflict
        .column('digest')
        .doUpdateSet({ private_block: profile.row.private_block })
        .where('profile.private_block', 'is', null),
    )
    .execute()
}
