import {
  CHECKING_ERRORS,
  checkPackage,
  decodePackage,
  type EvidencePackage,
  isEquivocation,
  isReportPackage,
  type Proven,
  signersOf,
  toHex,
  type Verdict,
} from '@tanlian/evidence'
import { type ErrorTable, TanlianError } from '@tanlian/units'
import { askChain } from '../evidence/ask-chain.ts'
import { element, mark } from './element.ts'
import { isKeptForOffline, keepForOffline } from './offline.ts'
import type { CheckedReport } from './report.ts'
import { keepLanguage, keptLanguage, type Language, textIn } from './texts.ts'
import { showVerdict } from './verdict.ts'
import './style.css'

/** What the page shows now; everything is drawn anew from it. */
interface State {
  language: Language
  node: string
  name: string | undefined
  bytes: Uint8Array | undefined
  result: { readonly verdict: Verdict; readonly pack: EvidencePackage; readonly note: string | undefined } | undefined
  /** A report that was done again, and how to draw it: that part is loaded when a report comes. */
  report: { readonly checked: CheckedReport; readonly later: Later } | undefined
  /** What a proof of equivocation proves, and how to draw it. */
  proven: { readonly of: Proven; readonly later: Later } | undefined
  problem: unknown
  working: boolean
  offline: boolean | undefined
  /** What this platform calls the organization of the package; it is no part of what was checked. */
  organization: string | undefined
}

type Later = typeof import('./later.ts')

const CODES: ErrorTable = CHECKING_ERRORS
const state: State = {
  language: keptLanguage(),
  node: '',
  name: undefined,
  bytes: undefined,
  result: undefined,
  report: undefined,
  proven: undefined,
  problem: undefined,
  working: false,
  offline: undefined,
  organization: undefined,
}
const place = document.getElementById('check')
if (place === null) throw new Error('check.html has no element "check".')

const t = (key: string, values?: Readonly<Record<string, string | number>>) => textIn(state.language, key, values)

async function check(name: string, bytes: Uint8Array): Promise<void> {
  const before = { result: undefined, report: undefined, proven: undefined, problem: undefined }
  Object.assign(state, { name, bytes, ...before, working: true })
  draw()
  try {
    if (isEquivocation(bytes)) await checkProof(bytes)
    else if (isReportPackage(bytes)) await checkReport(bytes)
    else await checkAnswer(bytes)
  } catch (error) {
    state.problem = error
  }
  state.working = false
  draw()
  document.getElementById('result')?.focus()
}

async function checkAnswer(bytes: Uint8Array): Promise<void> {
  const pack = decodePackage(bytes)
  const [checked, organization] = await Promise.all([withChain(pack), nameOf(pack.question.organization)])
  Object.assign(state, { result: { pack, ...checked }, organization })
}

async function checkReport(bytes: Uint8Array): Promise<void> {
  const later = await import('./later.ts')
  const checked = await later.checkReport(bytes, state.node)
  Object.assign(state, { report: { checked, later }, organization: await nameOf(checked.verdict.organization) })
}

/** Two signed statements are compared here and now: no chain and no platform is asked. */
async function checkProof(bytes: Uint8Array): Promise<void> {
  const later = await import('./later.ts')
  const proven = later.checkEquivocation(bytes)
  if (!proven.ok) throw new TanlianError(proven.code, proven.message)
  state.proven = { of: proven, later }
}

/** Asks the chain where a node is known and can be reached; otherwise the verdict says that it was not asked. */
async function withChain(pack: EvidencePackage): Promise<{ verdict: Verdict; note: string | undefined }> {
  if (state.node === '') return { verdict: checkPackage(pack), note: undefined }
  try {
    const facts = await askChain(
      { organization: pack.question.organization, log: pack.log, signers: signersOf(pack) },
      {
        rpc: state.node,
        chainId: pack.log.chain,
        evidenceLog: `0x${toHex(pack.contracts.log)}`,
        organizationRegistry: `0x${toHex(pack.contracts.registry)}`,
      },
    )
    return { verdict: checkPackage(pack, facts), note: undefined }
  } catch (error) {
    return { verdict: checkPackage(pack), note: problemText(error) }
  }
}

/** A name to read beside the number; offline, or away from any platform, the number has to do. */
async function nameOf(organization: number): Promise<string | undefined> {
  try {
    const response = await fetch(`/v1/organizations/${organization}`, { signal: AbortSignal.timeout(5000) })
    const known = (await response.json()) as { name?: string | null; nameEn?: string | null }
    return (state.language === 'en' ? known.nameEn : undefined) ?? known.name ?? undefined
  } catch {
    return undefined
  }
}

async function openLink(link: string): Promise<void> {
  Object.assign(state, { name: t('page.linked'), working: true })
  draw()
  try {
    const response = await fetch(new URL(link, location.href))
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    await check(t('page.linked'), new Uint8Array(await response.arrayBuffer()))
  } catch (error) {
    state.working = false
    state.problem = new Error(t('page.linkRefused', { detail: error instanceof Error ? error.message : String(error) }))
    draw()
  }
}

function problemText(error: unknown): string {
  const known = error instanceof TanlianError ? CODES[error.code]?.[state.language === 'en' ? 'en' : 'zh'] : undefined
  const message = error instanceof Error ? error.message : String(error)
  return known === undefined ? message : `${known} ${message} (${(error as TanlianError).code})`
}

function draw(): void {
  const { language, result, report, proven, problem } = state
  document.documentElement.lang = language
  document.title = `${t('page.title')} · ${t('page.home')}`
  const focused = document.activeElement?.id ?? ''
  place?.replaceChildren(
    element(
      'header',
      { class: 'check-head' },
      element('a', { href: '/' }, mark(), t('page.home')),
      element(
        'button',
        { id: 'language', type: 'button', lang: language === 'en' ? 'zh-CN' : 'en', click: switchLanguage },
        t('page.language'),
      ),
    ),
    element(
      'main',
      {},
      element('h1', {}, t('page.title')),
      ...(result === undefined && report === undefined && proven === undefined && !state.working
        ? [element('p', { class: 'muted' }, t('page.lead')), intake()]
        : []),
      ...(state.working ? [element('p', { role: 'status' }, t('page.working', { name: state.name ?? '' }))] : []),
      ...(problem === undefined
        ? []
        : [
            element(
              'div',
              { class: 'note failed', role: 'alert', id: 'result', tabindex: '-1' },
              element('p', {}, element('strong', {}, t('page.unreadable'))),
              element('p', {}, problemText(problem)),
            ),
          ]),
      ...(proven === undefined ? [] : [proven.later.showEquivocation(proven.of, language), again()]),
      ...(result === undefined ? [] : [resultPart(result), again()]),
      ...(report === undefined ? [] : [reportPart(report), again()]),
      element('p', { class: 'offline', id: 'offline', 'data-ready': String(state.offline === true) }, offlineText()),
    ),
  )
  if (focused !== '') document.getElementById(focused)?.focus()
}

function offlineText(): string {
  const kept = state.offline === undefined ? '' : t(state.offline ? 'page.offlineReady' : 'page.offlineNot')
  return navigator.onLine ? kept : `${t('page.offlineNow')} · ${kept}`
}

/** The way to the next file, closed. */
function again(): HTMLElement {
  return element('details', { id: 'again' }, element('summary', {}, t('page.again')), intake())
}

function intake(): HTMLElement {
  const file = element('input', {
    id: 'file',
    type: 'file',
    class: 'visually-hidden',
    accept: '.car,.cbor,application/vnd.ipld.car,application/vnd.ipld.dag-cbor',
    change: (event) => void takeFile((event.target as HTMLInputElement).files?.[0]),
  })
  const link = element('input', { id: 'link', type: 'url', name: 'link', required: '' })
  const node = element('input', {
    id: 'node',
    type: 'url',
    value: state.node,
    change: (event) => void askAgain((event.target as HTMLInputElement).value),
  })
  // A label, so that a tap anywhere in it chooses; the browser's own button would speak the system's language.
  const drop: HTMLElement = element(
    'label',
    {
      class: 'drop',
      for: 'file',
      dragover: (event) => {
        event.preventDefault()
        drop.classList.add('over')
      },
      dragleave: () => drop.classList.remove('over'),
      drop: (event) => {
        event.preventDefault()
        drop.classList.remove('over')
        void takeFile((event as DragEvent).dataTransfer?.files[0])
      },
    },
    element('span', { class: 'button primary' }, t('page.choose')),
    element('span', { class: 'small muted' }, t('page.drop')),
    file,
  )
  return element(
    'section',
    {},
    drop,
    element(
      'form',
      {
        class: 'stack',
        submit: (event) => {
          event.preventDefault()
          void openLink(link.value)
        },
      },
      element('label', { class: 'field', for: 'link' }, element('span', {}, t('page.link'))),
      element('div', { class: 'row nowrap' }, link, element('button', { type: 'submit' }, t('page.open'))),
    ),
    element(
      'details',
      {},
      element('summary', {}, t('page.settings')),
      element('label', { class: 'field', for: 'node' }, element('span', {}, t('page.node'))),
      node,
      element('p', { class: 'small muted' }, t('page.nodeNote')),
    ),
  )
}

function resultPart({ verdict, pack, note }: NonNullable<State['result']>): HTMLElement {
  return checkedPart(showVerdict(verdict, pack.question, note, state.organization, state.language), verdict)
}

function reportPart({ checked, later }: NonNullable<State['report']>): HTMLElement {
  const note = checked.chainError === undefined ? undefined : problemText(checked.chainError)
  return checkedPart(later.showReport(checked, note, state.organization, state.language), later.savedReport(checked))
}

/** What was found, the file that it is about, and a way to keep it. */
function checkedPart(shown: HTMLElement, kept: unknown): HTMLElement {
  const json = () =>
    JSON.stringify(
      kept,
      (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value instanceof Uint8Array ? toHex(value) : value,
      2,
    )
  return element(
    'section',
    { id: 'result', tabindex: '-1', 'aria-label': t('verdict.lines') },
    shown,
    element('p', { class: 'small muted' }, `${t('page.file')} ${state.name ?? ''}`),
    element(
      'div',
      { class: 'row' },
      element('button', { type: 'button', click: () => save(json()) }, t('page.download')),
    ),
  )
}

function save(json: string): void {
  const address = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  element('a', { href: address, download: 'tanlian-verdict.json' }).click()
  URL.revokeObjectURL(address)
}

async function takeFile(file: File | undefined): Promise<void> {
  if (file !== undefined) await check(file.name, new Uint8Array(await file.arrayBuffer()))
}

async function askAgain(node: string): Promise<void> {
  state.node = node
  if (state.bytes !== undefined && state.name !== undefined) await check(state.name, state.bytes)
}

function switchLanguage(): void {
  state.language = state.language === 'en' ? 'zh-CN' : 'en'
  keepLanguage(state.language)
  draw()
}

/** The node that this instance names is a beginning; the reader can put their own in its place. */
async function findNode(): Promise<void> {
  const response = await fetch('/.well-known/tanlian.json')
  const where = (await response.json()) as { rpc?: string | null }
  if (typeof where.rpc === 'string') state.node = where.rpc
}

draw()
addEventListener('online', draw)
addEventListener('offline', draw)
// Without a network, or away from any platform, the page works all the same: no node is asked then.
await findNode().catch(() => undefined)
// Reports and proofs are checked without a network as well: what they need is here before the page calls itself ready.
state.offline = await import('./later.ts').then(keepForOffline).catch(isKeptForOffline)
draw()
const linked = new URLSearchParams(location.search).get('package')
if (linked !== null) await openLink(linked)
