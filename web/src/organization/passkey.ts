import { TanlianError } from '@tanlian/units'
import { postJson } from '../service.ts'

/** True where this browser can make and use passkeys from the server's JSON (WebAuthn level 3). */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential
}

/** Makes a passkey for a new person; the private part never leaves the device. */
export async function makePasskey(login: string, name: string): Promise<unknown> {
  const options = await postJson<PublicKeyCredentialCreationOptionsJSON>('/v1/passkeys/options', {
    for: 'new-person',
    login,
    name,
  })
  return jsonOf(
    await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  )
}

/** Answers the platform's challenge with a passkey of this device. */
export async function answerPasskey(): Promise<unknown> {
  const options = await postJson<PublicKeyCredentialRequestOptionsJSON>('/v1/passkeys/options', { for: 'sign-in' })
  return jsonOf(
    await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  )
}

function jsonOf(credential: Credential | null): unknown {
  if (credential instanceof PublicKeyCredential) return credential.toJSON()
  throw new TanlianError('E_PASSKEY_NONE', 'The browser gave no passkey. Try again, or use a password.')
}
