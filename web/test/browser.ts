import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** The two screens on which every page is looked at, and the two languages. */
export const SCREENS = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } } as const
export const LANGUAGES = ['zh-CN', 'en'] as const

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const SHOTS = join(import.meta.dirname, 'screenshots')

/** A browser window of its own, with nothing from before; everything that a page says against itself is collected. */
export interface Window {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of scripts, of the content policy and of the console. */
  readonly complaints: string[]
  readonly close: () => Promise<void>
}

/** Opens a window; all share one Chromium. */
export async function openWindow(options: {
  readonly url: string
  readonly language?: (typeof LANGUAGES)[number]
  readonly screen?: keyof typeof SCREENS
  readonly dark?: boolean
}): Promise<Window> {
  const context = await (await browser()).newContext({
    baseURL: options.url,
    locale: options.language ?? 'zh-CN',
    viewport: SCREENS[options.screen ?? 'desktop'],
    colorScheme: options.dark === true ? 'dark' : 'light',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return {
    page,
    context,
    complaints,
    close: () => context.close(),
  }
}

let running: Promise<Browser> | undefined

/** A real Chromium: of CHROMIUM, else at one of the usual places. */
function browser(): Promise<Browser> {
  running ??= launch()
  return running
}

async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync)
  if (executablePath === undefined)
    throw new Error(
      `No Chromium at ${PLACES.join(', ')}. Install it (Debian: apt-get install chromium fonts-noto-cjk) or name it in CHROMIUM.`,
    )
  return chromium.launch({ executablePath, args: FLAGS, headless: true })
}

/** Ends the Chromium that the windows shared. */
export async function closeBrowser(): Promise<void> {
  await (await running)?.close()
  running = undefined
}

/** Holds a page to WCAG 2.2 AA as far as a machine can: nothing serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  // Under a head that stays on top, a target that was scrolled halfway below it would count as too small.
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }))
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([])
}

/** Keeps a picture of the whole page for people to look at; on a phone nothing may stick out to the side. */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true })
  // A head that stays on top of the screen belongs to the top of the picture.
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }))
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
  const [inner, outer] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(inner, `${name} is wider than the screen`).toBeLessThanOrEqual(outer ?? 0)
}
