import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english'
import { TanlianError } from '@tanlian/units'
import { isPrivateKey } from './keystore.ts'

/**
 * The recovery phrase of a key (恢复短语): its 32 bytes as 24 words with a checksum (BIP-39's coding of entropy). It *is* the key, not a
 * seed of wallets: whoever reads it can sign. Write it on paper.
 */
export function phraseOf(privateKey: Uint8Array): string {
  return entropyToMnemonic(privateKey, wordlist)
}

/** The key of a recovery phrase; spaces and capitals do not matter. Codes: E_KEYSTORE_PHRASE. */
export function keyOfPhrase(phrase: string): Uint8Array {
  try {
    const key = mnemonicToEntropy(phrase.trim().toLowerCase().split(/\s+/).join(' '), wordlist)
    if (isPrivateKey(key)) return key
  } catch {
    // The library's reason can name words of the phrase, which must not reach a log: it is not passed on.
  }
  throw new TanlianError(
    'E_KEYSTORE_PHRASE',
    'The recovery phrase is not 24 words of the English list with a matching checksum. Check each word and their order.',
  )
}
