import { isCancel, password } from '@clack/prompts'
import { addressOf } from '@tanlian/evidence'
import { decryptKey, encryptKey, type Keystore, readKeystore } from '@tanlian/sdk'
import { below, createDurably, makeFolder, namesIn, readIfThere, readWanted } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'

/**
 * What a key is for; one purpose each (safety R9). `recovery` replaces lost keys for acts and is best kept off this machine; `reader` signs nothing:
 * it opens what others sealed for the organization.
 */
export const PURPOSES = ['acts', 'batches', 'documents', 'recovery', 'reader'] as const
export type Purpose = (typeof PURPOSES)[number]

/** Names of the key sets kept in a home folder. */
export async function keyNames(home: string): Promise<string[]> {
  return namesIn(below(home, 'keys'))
}

/** Where a key of a set is kept, encrypted. */
export function keyPath(home: string, name: string, purpose: Purpose): string {
  return below(home, 'keys', name, `${purpose}.json`)
}

/** The encrypted key of a set, or undefined. */
export async function readKey(home: string, name: string, purpose: Purpose): Promise<Keystore | undefined> {
  const bytes = await readIfThere(keyPath(home, name, purpose))
  return bytes === undefined ? undefined : readKeystore(new TextDecoder().decode(bytes))
}

/** The address of a key of a set. Codes: E_KEY_MISSING. */
export async function addressIn(home: string, name: string, purpose: Purpose): Promise<`0x${string}`> {
  const keystore = await readKey(home, name, purpose)
  if (keystore === undefined) throw missing(home, name, purpose)
  return `0x${keystore.address}`
}

/** Encrypts and keeps a key; refuses to overwrite. @param n scrypt's cost, lower only for random passphrases. Codes: E_KEY_EXISTS. */
export async function keepKey(
  home: string,
  name: string,
  purpose: Purpose,
  privateKey: Uint8Array,
  passphrase: string,
  n?: number,
): Promise<`0x${string}`> {
  const keystore = await encryptKey(privateKey, passphrase, n === undefined ? {} : { n })
  await makeFolder(below(home, 'keys', name))
  if (!(await createDurably(keyPath(home, name, purpose), `${JSON.stringify(keystore, null, 2)}\n`))) {
    throw new TanlianError(
      'E_KEY_EXISTS',
      `The key ${name}/${purpose} is kept here already. Nothing was overwritten.`,
      {
        values: { name, purpose },
      },
    )
  }
  return addressOf(privateKey)
}

/** Opens a key of a set. Codes: E_KEY_MISSING, E_KEYSTORE_PASSPHRASE. */
export async function unlockKey(home: string, name: string, purpose: Purpose, passphrase: string): Promise<Uint8Array> {
  const keystore = await readKey(home, name, purpose)
  if (keystore === undefined) throw missing(home, name, purpose)
  return decryptKey(keystore, passphrase)
}

/**
 * Opens a key of a set with the passphrase of this user; asks for it only where there is something to open.
 * Codes: E_KEY_MISSING, E_KEYSTORE_PASSPHRASE, E_CLI_NEEDS_ANSWER.
 */
export async function openKey(context: Context, name: string, purpose: Purpose): Promise<Uint8Array> {
  await addressIn(context.home, name, purpose)
  return unlockKey(context.home, name, purpose, await askPassphrase(context, { confirm: false }))
}

/**
 * The passphrase of this user's keys: `TANLIAN_PASSPHRASE`, the first line of the file that `--passphrase-file` or
 * `TANLIAN_PASSPHRASE_FILE` names, or asked for. It is never an argument, where every process could read it. Codes: E_CLI_NEEDS_ANSWER.
 */
export async function askPassphrase(context: Context, options: { readonly confirm: boolean }): Promise<string> {
  const direct = process.env.TANLIAN_PASSPHRASE
  if (direct !== undefined) return direct
  const file = context.settings.get('passphrase-file')
  if (file !== undefined)
    return (
      new TextDecoder()
        .decode(await readWanted(file))
        .split('\n')[0]
        ?.trimEnd() ?? ''
    )
  if (!context.interactive) {
    throw new TanlianError(
      'E_CLI_NEEDS_ANSWER',
      'A passphrase is needed and there is no terminal to ask on. Set TANLIAN_PASSPHRASE_FILE.',
    )
  }
  const first = await askHidden(context.out.say({ en: 'Passphrase of the keys', zh: '密钥口令' }))
  if (!options.confirm) return first
  const second = await askHidden(context.out.say({ en: 'Once more', zh: '再输入一次' }))
  if (first !== second) {
    throw new TanlianError('E_KEYSTORE_PASSPHRASE', 'The two passphrases differ. Nothing was written.')
  }
  return first
}

async function askHidden(message: string): Promise<string> {
  const answer = await password({ message, output: process.stderr })
  if (isCancel(answer)) throw new TanlianError('E_CLI_CANCELLED', 'Cancelled. Nothing was changed.')
  return answer
}

function missing(home: string, name: string, purpose: Purpose): TanlianError {
  return new TanlianError(
    'E_KEY_MISSING',
    `No key ${name}/${purpose} is kept in ${home}. Make the set with \`tanlian key new ${name}\`, or name the folder with --home.`,
    {
      values: { name, purpose },
    },
  )
}
