import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'

import { BROWSER_TIMEOUT, NEEDS_CHROMIUM, hasChromium, launchChromium, openReport } from './browser.ts'
import { reportFixture } from './fixture.ts'

describe.skipIf(!hasChromium)(`report.html, opened from disk (${NEEDS_CHROMIUM})`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  }, BROWSER_TIMEOUT)
  afterAll(async () => {
    await browser.close()
  })

  it(
    'shows its sections, asks the network for nothing and complains of nothing',
    async () => {
      const { page, requests, complaints, close } = await openReport(browser, reportFixture())
      expect(await page.locator('h2').allTextContents()).toContain('Summary')
      expect(requests).toEqual([])
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )
})
