import { checkPackage, decodePackage, type EvidencePackage, type Filter, toHex, type Verdict } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Chain } from './chain.ts'
import type { Client } from './client.ts'
import { chainFacts } from './facts.ts'

/** What a trace gives: the bytes that came, the opened package, the verdict of this machine. */
export interface Traced {
  readonly bytes: Uint8Array
  readonly pack: EvidencePackage
  readonly verdict: Verdict
}

/** The stages of a trace as they begin (定位, 检索, 验证). */
export type TraceStage = { readonly stage: 'retrieve'; readonly bytes: number } | { readonly stage: 'check' }

/**
 * Traces off the chain, verifies on it (链下溯源，链上验证): asks the platform for the package of a question, holds it to the question that
 * was asked, and checks it here with the chain's own word where a node is given.
 * Codes: the platform's, E_PACKAGE_FORM, E_CHAIN_….
 */
export async function trace(
  client: Client,
  question: Filter & {
    readonly organization: number
    readonly mode: 'total' | 'readings'
    readonly frames?: boolean
  },
  chain: Chain | undefined,
  onStage?: (stage: TraceStage) => void,
): Promise<Traced> {
  const bytes = await client.trace(
    question.organization,
    {
      types: question.types.map(toHex),
      ...(question.streams === undefined ? {} : { streams: question.streams }),
      from: question.from,
      to: question.to,
      mode: question.mode,
      ...(question.frames === undefined ? {} : { frames: question.frames }),
    },
    (received) => onStage?.({ stage: 'retrieve', bytes: received }),
  )
  const pack = decodePackage(bytes)
  requireQuestion(pack, question)
  onStage?.({ stage: 'check' })
  return { bytes, pack, verdict: await checkWithChain(pack, chain) }
}

/** Checks a package with what a chain node says; without one the verdict is at most `unchecked`. Codes: E_CHAIN_…. */
export async function checkWithChain(pack: EvidencePackage, chain: Chain | undefined): Promise<Verdict> {
  if (chain === undefined) return checkPackage(pack)
  return checkPackage(pack, await chainFacts(chain, pack))
}

/** An answer to another question than the one asked is no answer, however well it checks. */
function requireQuestion(pack: EvidencePackage, asked: Filter & { organization: number; mode: string }) {
  const { question } = pack
  const same =
    question.organization === asked.organization &&
    question.mode === asked.mode &&
    question.from === asked.from &&
    question.to === asked.to &&
    names(question.types) === names(asked.types) &&
    String(question.streams ?? 'all') === String(asked.streams ?? 'all')
  if (!same) {
    throw new TanlianError(
      'E_CLIENT_ANSWER',
      'The package answers another question than the one asked. Do not use it.',
      {
        values: { organization: question.organization, from: question.from, to: question.to },
      },
    )
  }
}

const names = (types: readonly Uint8Array[]) => types.map(toHex).sort().join(',')
