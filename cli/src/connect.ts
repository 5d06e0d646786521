import { type Address, fromHex, type LogDomain, PARTIES } from '@tanlian/evidence'
import {
  type Chain,
  type Client,
  type Organization,
  openChain,
  openClient,
  openRpc,
  type WellKnown,
} from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'
import type { Language } from './output.ts'

/** Arguments of every command that talks to a platform. */
export const CONNECT_ARGS = {
  url: {
    type: 'string',
    valueHint: 'URL',
    description: {
      en: 'The platform (else TANLIAN_URL; http://localhost:8787)',
      zh: '平台地址（默认取 TANLIAN_URL；http://localhost:8787）',
    },
  },
  rpc: {
    type: 'string',
    valueHint: 'URL',
    description: {
      en: 'A chain node to ask directly (else TANLIAN_RPC)',
      zh: '直接查询的链节点（默认取 TANLIAN_RPC）',
    },
  },
} as const

/** The registry and the log of a platform. */
export interface Connection {
  readonly client: Client
  readonly wellKnown: WellKnown
  readonly log: LogDomain
  readonly registry: { readonly chainId: number; readonly verifyingContract: Address }
  /** A chain node that was named by the user or by the platform; undefined where there is none. */
  readonly chain: Chain | undefined
}

const DEFAULT_URL = 'http://localhost:8787'

/** The platform's address from the settings. */
export function urlOf(context: Context): string {
  return context.settings.get('url') ?? DEFAULT_URL
}

/** Reads where everything is, once. Codes: E_CLIENT_NETWORK, E_CLIENT_SPEC. */
export async function connect(context: Context, token?: () => string | undefined): Promise<Connection> {
  return connectTo(urlOf(context), context.settings.get('rpc'), token, context.out.language)
}

/** As {@link connect}, by address. `rpc` undefined: the node that the platform names. */
export async function connectTo(
  url: string,
  rpc: string | undefined,
  token?: () => string | undefined,
  language: Language = 'en',
): Promise<Connection> {
  const client = openClient({
    base: url,
    headers: () => {
      const now = token?.()
      return { 'accept-language': language, ...(now === undefined ? {} : { authorization: `Bearer ${now}` }) }
    },
  })
  const wellKnown = await client.wellKnown()
  if (wellKnown.spec !== 'tanlian/evidence/1') {
    throw new TanlianError('E_CLIENT_SPEC', `${url} speaks ${wellKnown.spec}; this client speaks tanlian/evidence/1.`, {
      values: { spec: wellKnown.spec },
    })
  }
  const { chainId, contracts } = wellKnown
  const node = rpc ?? wellKnown.rpc ?? undefined
  return {
    client,
    wellKnown,
    log: { chainId, verifyingContract: contracts.EvidenceLog.toLowerCase() as Address },
    registry: { chainId, verifyingContract: contracts.OrganizationRegistry.toLowerCase() as Address },
    chain:
      node === undefined
        ? undefined
        : openChain(openRpc({ url: node }), {
            chainId,
            evidenceLog: contracts.EvidenceLog,
            organizationRegistry: contracts.OrganizationRegistry,
          }),
  }
}

/** What a gate to this platform goes by: the chain for keys where there is a node, the receipt key that it announced. */
export function gateOptions({ chain, wellKnown }: Connection): { chain?: Chain; receiptKey?: Uint8Array } {
  const key = wellKnown.receiptKey
  return {
    ...(chain === undefined ? {} : { chain }),
    ...(typeof key === 'string' ? { receiptKey: fromHex(key, 32) } : {}),
  }
}

/**
 * The organization that a person means: its id, its name in either language, or its English name with dashes (`steel-works`).
 * Codes: E_CLI_NOT_FOUND, E_CLI_AMBIGUOUS.
 */
export async function findOrganization(client: Client, wanted: string): Promise<Organization> {
  if (/^[1-9][0-9]{0,15}$/.test(wanted)) return client.organization(Number(wanted))
  const found: Organization[] = []
  const partial: Organization[] = []
  const slug = slugOf(wanted)
  for await (const organization of client.organizations()) {
    const names = [organization.name, organization.nameEn].filter((name): name is string => typeof name === 'string')
    if (names.some((name) => name === wanted || (slug !== '' && slugOf(name) === slug))) found.push(organization)
    else if (names.some((name) => name.includes(wanted) || (slug !== '' && slugOf(name).includes(slug))))
      partial.push(organization)
  }
  const hits = found.length > 0 ? found : partial
  const [first] = hits
  if (first === undefined) {
    throw new TanlianError('E_CLI_NOT_FOUND', `No organization is called ${wanted}. See tanlian org list.`, {
      values: { name: wanted },
    })
  }
  if (hits.length === 1) return first
  const ids = hits.map(({ id }) => id).join(', ')
  throw new TanlianError('E_CLI_AMBIGUOUS', `${hits.length} organizations fit ${wanted}: ${ids}. Use the id.`, {
    values: { name: wanted, ids },
  })
}

/** The number of a kind of party in the registry. */
export function partyNumber(kind: string): number {
  const at = (PARTIES as readonly string[]).indexOf(kind)
  if (at >= 0) return at + 1
  throw new TanlianError('E_CLI_USAGE', `${kind} is no kind of party. The kinds are ${PARTIES.join(', ')}.`, {
    values: { kind },
  })
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
