/**
 * Measures how fast report.html of a made run with 100,000 pods on 5,000 nodes opens in Chromium, from disk, and plays.
 *
 * usage: npm run build && npx tsx scripts/measure-page.ts
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import type { Page } from 'playwright-core'

import { pageHtml } from '../src/report/page/page-html.ts'
import { launchChromium } from '../test/report/page/browser.ts'
import { LARGE, reportFixture, runFixture } from '../test/report/page/fixture.ts'

const TIMES = 5
/** Resolves when what was asked for is on the screen. */
const NEXT_FRAME = 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))'

/** Plays for some seconds from the start: frames shown, and time of the page's thread for each. */
async function playedFrames(page: Page): Promise<string> {
  const seconds = 5
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
  await page.locator('.player-canvas').focus()
  await page.keyboard.press('Home')
  await page.waitForTimeout(1000)
  await page.evaluate('frames = 0; (function count() { frames++; requestAnimationFrame(count) })()')
  const before = await busy()
  await page.keyboard.press(' ')
  await page.waitForTimeout(seconds * 1000)
  const spent = (await busy()) - before
  const frames = Number(await page.evaluate('frames'))
  return `played at ${(frames / seconds).toFixed(0)} frames a second of ${((spent / frames) * 1000).toFixed(1)} ms`
}

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
  const frames = await playedFrames(page)
  process.stdout.write(
    `document ${loaded}, first chart ${drawn}, player ${player} after it is scrolled to, ${frames}\n`,
  )
  await context.close()
}
await browser.close()
rmSync(folder, { recursive: true, force: true })
