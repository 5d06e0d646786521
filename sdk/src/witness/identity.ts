import { ed25519PublicKey, makeCosignerVkey, openVkey } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, readIfThere, readWanted, writeDurably } from '../node/files.ts'

/** Under which name and key a witness cosigns. */
export interface CosignerIdentity {
  readonly name: string
  readonly privateKey: Uint8Array
  /** What its organization's document of kind `witness` names (C2SP tlog-cosignature). */
  readonly vkey: string
}

/**
 * The identity of an organization's witness for one log, made on the first start; its key signs nothing else (safety R9).
 * @param logVkey the log's own key @throws TanlianError E_WITNESS_FOLDER where the folder knows the log by another key: a witness that went
 * on would vouch for both
 */
export async function openIdentity(folder: string, organization: number, logVkey: string): Promise<CosignerIdentity> {
  const pinned = below(folder, 'vkey')
  // Whole or not at all: a process may be killed between a file's name and its bytes.
  if ((await readIfThere(pinned)) === undefined) await writeDurably(pinned, logVkey)
  const known = new TextDecoder().decode(await readWanted(pinned))
  if (known !== logVkey)
    throw new TanlianError(
      'E_WITNESS_FOLDER',
      `This folder's witness knows the log by ${known}, not by ${logVkey}. Ask the platform why its key changed; a new folder begins anew.`,
      { values: { known, vkey: logVkey } },
    )
  const path = below(folder, 'cosigner-key')
  if ((await readIfThere(path)) === undefined) await writeDurably(path, crypto.getRandomValues(new Uint8Array(32)))
  const privateKey = await readWanted(path)
  const name = `${openVkey(logVkey).name}/witness/${organization}`
  return { name, privateKey, vkey: makeCosignerVkey(name, ed25519PublicKey(privateKey)) }
}
