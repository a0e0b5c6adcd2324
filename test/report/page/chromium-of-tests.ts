import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

import { BROWSER_TIMEOUT, hasChromium, launchChromium } from './browser.ts'

/** Starts a Chromium before the tests of a file or a suite, where there is one, and closes it after them; gives it to a test. */
export function chromiumOfTests(): () => Browser {
  let browser: Browser | undefined
  beforeAll(async () => {
    if (hasChromium) browser = await launchChromium()
  }, BROWSER_TIMEOUT)
  afterAll(async () => {
    await browser?.close()
  })
  return () => {
    if (browser === undefined) throw new Error('Chromium has not been started')
    return browser
  }
}
