import { join } from 'node:path'
import { encryptKey } from '@tanlian/sdk'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { closeBrowser, expectAccessible, LANGUAGES, openWindow, SCREENS, shoot, type Window } from './browser.ts'
import { type Service, startService } from './service.ts'

/** What opens the keys that {@link bringKey} brings. */
export const PASSPHRASE = 'correct horse battery'

/** A page with its name for pictures, its address, and what is on it once it is whole. */
export type Shown = readonly [name: string, path: string, ready: string]

/** The platform that a file of tests looks at in a browser, and the windows onto it. */
export interface Front {
  readonly service: Service
  /** One window for one story; its own complaints end the test. */
  inWindow(
    options: Omit<Parameters<typeof openWindow>[0], 'url'>,
    story: (window: Window) => Promise<void>,
  ): Promise<void>
}

/**
 * Starts a platform before the tests of a file and stops it after them.
 * @param prepare what else must be there before the first test
 */
export function openFront(prepare: (service: Service) => Promise<void> = async () => undefined): Front {
  // A whole platform starts, and a browser on a busy machine takes its time.
  vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 })
  let service: Service | undefined
  beforeAll(async () => {
    service = await startService()
    await prepare(service)
  })
  afterAll(async () => {
    await closeBrowser()
    await service?.stop()
  })
  const started = () => {
    if (service === undefined) throw new Error('The platform is there only while tests run.')
    return service
  }
  return {
    get service() {
      return started()
    },
    async inWindow(options, story) {
      const window = await openWindow({ url: started().url, ...options })
      try {
        await story(window)
        expect(window.complaints).toEqual([])
      } catch (error) {
        // What the page showed when the story broke, for whoever has to find out why.
        await window.page.screenshot({ path: join(import.meta.dirname, 'screenshots', `broken-${Date.now()}.png`) })
        throw error
      } finally {
        await window.close()
      }
    },
  }
}

/** Every screen in every language. */
export const VIEWS = (Object.keys(SCREENS) as (keyof typeof SCREENS)[]).flatMap((screen) =>
  LANGUAGES.map((language) => ({ screen, language })),
)

/** Looks at pages one after the other: whole, in one language, accessible, without a complaint, no wider than the screen. @returns their titles */
export async function lookAt(
  front: Front,
  pages: readonly Shown[],
  { screen, language }: (typeof VIEWS)[number],
): Promise<readonly string[]> {
  const titles: string[] = []
  await front.inWindow({ language, screen }, async ({ page, complaints }) => {
    for (const [name, path, ready] of pages) {
      await page.goto(path)
      await page.locator(ready).first().waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      titles.push(await page.title())
      // What a machine can see of accessibility is the same in both languages.
      if ((language === 'en') === (screen === 'phone')) await expectAccessible(page)
      await shoot(page, `${name}-${language}-${screen}`)
      expect(complaints.splice(0), path).toEqual([])
    }
  })
  return titles
}

/** Looks at pages on a system that is set to dark. */
export async function lookInTheDark(front: Front, pages: readonly Shown[]): Promise<void> {
  await front.inWindow({ dark: true }, async ({ page }) => {
    for (const [name, path, ready] of pages) {
      await page.goto(path)
      await page.locator(ready).first().waitFor()
      await expectAccessible(page)
      await shoot(page, `${name}-dark`)
    }
  })
}

/** Puts a key into the window's own keystore by its file, as a person would. */
export async function bringKey(page: Window['page'], key: Uint8Array, name = 'test-key'): Promise<void> {
  // A cost of scrypt that a test can wait for; the file says so itself.
  const keystore = await encryptKey(key, PASSPHRASE, { n: 1024 })
  await page.goto('/keys')
  await page.getByLabel(/JSON/).setInputFiles({
    name: `${name}.json`,
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(keystore)),
  })
  await page.getByRole('heading', { name, exact: true }).waitFor()
}
