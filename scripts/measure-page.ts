/**
 * Measures how fast report.html of a made run with 100,000 pods on 5,000 nodes opens in Chromium, from disk.
 *
 * usage: npm run build && npx tsx scripts/measure-page.ts
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { pageHtml } from '../src/report/page/page-html.ts'
import { launchChromium } from '../test/report/page/browser.ts'
import { LARGE, reportFixture, runFixture } from '../test/report/page/fixture.ts'

const TIMES = 5
/** Resolves when what was asked for is on the screen. */
const NEXT_FRAME = 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))'

const folder = mkdtempSync(path.join(tmpdir(), 'stowage-page-'))
const file = path.join(folder, 'report.html')
writeFileSync(file, pageHtml(reportFixture({ runs: [runFixture(LARGE)] })))
process.stdout.write(`${(statSync(file).size / 1e6).toFixed(1)} MB\n`)

const browser = await launchChromium()
for (let time = 1; time <= TIMES; time += 1) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  const start = performance.now()
  const since = (): string => `${((performance.now() - start) / 1000).toFixed(2)} s`
  await page.goto(pathToFileURL(file).href)
  const loaded = since()
  await page.locator('.uplot').first().waitFor()
  await page.evaluate(NEXT_FRAME)
  const drawn = since()
  const asked = performance.now()
  await page.locator('#player').scrollIntoViewIfNeeded()
  await page.locator('#player canvas').first().waitFor()
  await page.evaluate(NEXT_FRAME)
  const player = `${((performance.now() - asked) / 1000).toFixed(2)} s`
  process.stdout.write(`document ${loaded}, first chart ${drawn}, player ${player} after it is scrolled to\n`)
  await context.close()
}
await browser.close()
rmSync(folder, { recursive: true, force: true })
