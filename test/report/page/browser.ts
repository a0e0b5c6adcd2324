import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

import { pageHtml } from '../../../src/report/page/page-html.ts'
import type { ReportData } from '../../../src/report/page/report-data.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Whether there is a Chromium to look at pages with; in CI a test that needs one runs, and fails, without it. */
export const hasChromium = existsSync(CHROMIUM) || process.env['CI'] === 'true'

/** Why such a test is skipped, for its name. */
export const NEEDS_CHROMIUM = 'needs Chromium at CHROMIUM_PATH, else /usr/bin/chromium'

/** The first launch on a machine takes seconds. */
export const BROWSER_TIMEOUT = 60_000

/** A page that is open, and what it did that a report must not do. */
export interface OpenPage {
  readonly page: Page
  /** Addresses asked for, that of the file left out. */
  readonly requests: readonly string[]
  /** Messages of the console of level error or warning, and exceptions. */
  readonly complaints: readonly string[]
  readonly close: () => Promise<void>
}

/** Starts Chromium without a window. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: BROWSER_TIMEOUT })
}

/** Writes report.html of the data into a folder of its own and opens it from disk. */
export async function openReport(
  browser: Browser,
  data: ReportData,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-page-'))
  const file = path.join(folder, 'report.html')
  writeFileSync(file, pageHtml(data))
  const opened = await openFile(browser, file, options)
  return {
    ...opened,
    async close() {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Lets the page's own clock go on: what the page had put off by less than this many milliseconds, or to its next
 * frame, is done, however busy the machine is.
 */
export async function pageTime(page: Page, milliseconds: number): Promise<void> {
  await page.evaluate(
    `new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), ${milliseconds}))`,
  )
}

/** Opens a file that is there. */
export async function openFile(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(BROWSER_TIMEOUT)
  const requests: string[] = []
  const complaints: string[] = []
  const { href } = pathToFileURL(file)
  page.on('request', (request) => {
    const address = request.url()
    if (address !== href && !address.startsWith('data:')) requests.push(address)
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(href)
  return {
    page,
    requests,
    complaints,
    async close() {
      await context.close()
    },
  }
}
