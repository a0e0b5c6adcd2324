/**
 * Makes the pictures of report.html in docs/pictures: a packing run, a zone outage (charts, scaling, pods that wait), a
 * comparison.
 *
 * usage: npm run build && npx tsx scripts/report-pictures.ts
 *
 * It needs Chromium at CHROMIUM_PATH, else /usr/bin/chromium, and takes about a minute.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { Page } from 'playwright-core'

import { launchChromium, openFile } from '../test/report/page/browser.ts'

const FOLDER = 'docs/pictures'
const WIDTH = 1200

const work = mkdtempSync(path.join(tmpdir(), 'stowage-pictures-'))
mkdirSync(FOLDER, { recursive: true })
const browser = await launchChromium()

function stowage(...words: readonly string[]): void {
  execFileSync(process.execPath, ['dist/bin/stowage.js', ...words, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** A picture of the page from the top of an element on, so many pixels high. */
async function picture(
  name: string,
  file: string,
  { from, height }: { readonly from: string; readonly height: number },
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, close } = await openFile(browser, file, {
    viewport: { width: WIDTH, height },
    reducedMotion: 'reduce',
  })
  await prepare(page)
  await page.locator(from).evaluate((element) => {
    element.scrollIntoView()
  })
  // What is near the window is drawn in the frames after it came there.
  await page.waitForTimeout(1000)
  await page.screenshot({ path: path.join(FOLDER, name) })
  await close()
}

const packing = path.join(work, 'packing')
stowage('run', 'traces/mixed-day.yaml', '--policy', 'MostAllocated', '--out', packing)
await picture(
  'report-packing.png',
  path.join(packing, 'report.html'),
  { from: '#heat-map', height: 1200 },
  async (page) => {
    await page.locator('#player').scrollIntoViewIfNeeded()
  },
)

const outage = path.join(work, 'outage')
stowage('run', 'docs/examples/recovery.yaml', '--set', 'spec.report.interval=1m', '--out', outage)
await picture(
  'report-outage.png',
  path.join(outage, 'report.html'),
  { from: '#charts', height: 1180 },
  async (page) => {
    await page.locator('button.marker').first().click()
  },
)

await picture(
  'report-scaling.png',
  path.join(outage, 'report.html'),
  { from: '[data-chart=scaling]', height: 380 },
  async (page) => {
    await page.locator('button.marker').first().click()
  },
)
await picture(
  'report-waiting.png',
  path.join(outage, 'report.html'),
  { from: '#player', height: 1000 },
  async (page) => {
    await page.locator('#player').scrollIntoViewIfNeeded()
    await page.locator('.scrub').evaluate((bar) => {
      // 40 minutes after the start, of two hours that the bar stands for: most pods wait then.
      ;(bar as HTMLInputElement).value = '1333'
      bar.dispatchEvent(new Event('input'))
    })
  },
)

const compared = path.join(work, 'compared')
stowage(
  'compare',
  'traces/mixed-day.yaml',
  '--policies',
  'MostAllocated,BestFit',
  '--seeds',
  '5',
  '--out',
  compared,
)
await picture(
  'report-comparison.png',
  path.join(compared, 'compare.html'),
  { from: '.top', height: 1180 },
  async (page) => {
    await page.getByLabel('Find metrics').first().fill('bound')
  },
)

await browser.close()
rmSync(work, { recursive: true, force: true })
