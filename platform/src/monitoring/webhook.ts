import { lookup } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { TanlianError } from '@tanlian/units'

/** Where webhooks may go (R19): an operator's list, empty at first. */
export interface WebhookPolicy {
  /** Host names, as they stand in an address. */
  readonly hosts: readonly string[]
  /** Networks that may be connected to although they are not public, as `10.2.0.0/16`; only there is plain HTTP taken. */
  readonly networks: readonly string[]
}

/** What is sent. */
export interface WebhookMessage {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const TIMEOUT_MS = 10_000

/** Addresses that no message to the outside goes to: this machine, its networks, and what routes nowhere (RFC 6890, RFC 4193). */
const NOT_PUBLIC = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  '64:ff9b::/96',
  '100::/64',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])

/** Holds an address to the operator's list before it is kept. @throws TanlianError E_WEBHOOK_URL */
export function requireWebhookUrl(text: string, policy: WebhookPolicy): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refused('it is no web address')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refused('it carries a name, password or fragment')
  if (!policy.hosts.includes(hostOf(url))) throw refused(`the operator does not list ${hostOf(url)}`)
  if (url.protocol === 'http:' && policy.networks.length === 0) throw refused('plain HTTP is not taken')
  return url
}

/**
 * Sends one message: only to a listed host, only to an address that is looked at when the connection is made, so that a name cannot be turned
 * elsewhere in between; no redirect is followed, and of the answer only the status counts.
 * @returns the status. @throws TanlianError E_WEBHOOK_URL, E_WEBHOOK_FAILED
 */
export async function sendWebhook({ url, headers, body }: WebhookMessage, policy: WebhookPolicy): Promise<number> {
  const target = requireWebhookUrl(url, policy)
  const own = listOf(policy.networks)
  const may = (address: string) => isAllowed(address, target.protocol, own)
  const literal = hostOf(target)
  if (isIP(literal) !== 0 && !may(literal)) throw refused(`the address ${literal} is not public`)
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        cause instanceof TanlianError
          ? cause
          : new TanlianError('E_WEBHOOK_FAILED', `The webhook did not arrive: ${String(cause)}.`, { cause }),
      )
    const sent = send(
      target,
      {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: checkedLookup(may),
        timeout: TIMEOUT_MS,
      },
      (answer) => {
        const status = answer.statusCode ?? 0
        answer.destroy()
        if (status >= 200 && status < 300) resolve(status)
        else fail(`it was answered with ${status}`)
      },
    )
    // A whole exchange has its time too, not only a silence within it.
    const limit = setTimeout(() => sent.destroy(new Error('no answer in time')), TIMEOUT_MS)
    sent.on('close', () => clearTimeout(limit))
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.on('error', fail)
    sent.end(body)
  })
}

/** A look-up that gives only addresses that may be connected to; the socket connects to exactly what it gives. */
function checkedLookup(may: (address: string) => boolean): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => may(address)) : []
      const [first] = allowed
      if (error !== null || first === undefined)
        done(error ?? refused(`${name} leads to no public address`), '', undefined)
      else if (options.all === true) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}

function isAllowed(address: string, protocol: string, own: BlockList): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (own.check(address, family)) return true
  // ::ffff:127.0.0.1 is 127.0.0.1, and the list knows it as that.
  return protocol === 'https:' && !NOT_PUBLIC.check(address, family)
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** An IPv6 address stands in brackets in an address only. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function refused(why: string): TanlianError {
  return new TanlianError('E_WEBHOOK_URL', `This webhook is not taken: ${why}.`, { values: { why } })
}
