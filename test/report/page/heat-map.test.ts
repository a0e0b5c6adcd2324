import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'

import { BROWSER_TIMEOUT, NEEDS_CHROMIUM, hasChromium, openReport, pageTime } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { reportFixture, runFixture } from './fixture.ts'

const CANVAS = '#heat-map canvas'

async function showMap(page: Page): Promise<void> {
  await page.locator('#heat-map').scrollIntoViewIfNeeded()
  await page.locator(CANVAS).waitFor()
  await pageTime(page, 150)
}

async function told(page: Page): Promise<string> {
  return await page.locator('.heat-picture [aria-live]').innerText()
}

describe.skipIf(!hasChromium)(`the heat map of report.html (${NEEDS_CHROMIUM})`, () => {
  const browser = chromiumOfTests()

  it(
    'reads out the cell under its cursor, and goes there in the player',
    async () => {
      const { page, complaints, close } = await openReport(browser(), reportFixture())
      await showMap(page)
      await page.locator(CANVAS).focus()
      await page.keyboard.press('ArrowDown')
      await expect
        .poll(async () => await told(page))
        .toMatch(/^node-00000, 0s to 15m: CPU [\d.]+ % requested$/)
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowRight')
      await expect.poll(async () => await told(page)).toMatch(/^node-00001, 15m to 30m: CPU/)
      await page.keyboard.press('End')
      await expect.poll(async () => await told(page)).toMatch(/^node-00001, 23h 45m to 1d: CPU/)
      await page.keyboard.press('Home')
      await page.keyboard.press('Enter')
      await page.locator('#player').scrollIntoViewIfNeeded()
      await page.locator('.player-details h3').waitFor()
      await expect
        .poll(async () => await page.locator('.player-details h3').innerText())
        .toBe('Node node-00001')
      await expect.poll(async () => await page.locator('#player-state').innerText()).toMatch(/^At 7m 30s:/)
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'says what happened in a cell, and that a machine was down',
    async () => {
      const { page, close } = await openReport(browser(), reportFixture())
      await showMap(page)
      await page.locator(CANVAS).focus()
      await page.keyboard.press('ArrowDown')
      for (let press = 0; press < 50; press++) await page.keyboard.press('ArrowRight')
      await expect
        .poll(async () => await told(page))
        .toBe('node-00000, 12h 30m to 12h 45m: CPU machine down; zone-a lost power')
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'shows another resource and order, a span that is dragged over, and all again',
    async () => {
      const { page, complaints, close } = await openReport(browser(), reportFixture())
      await showMap(page)
      const canvas = page.locator(CANVAS)
      await page.locator('#heat-map select').first().selectOption('memory')
      await page.locator('#heat-map select').nth(1).selectOption('mean')
      await expect
        .poll(async () => await page.locator('#heat-words').innerText())
        .toContain("a node's memory")
      await canvas.focus()
      await page.keyboard.press('ArrowDown')
      await expect.poll(async () => await told(page)).toMatch(/^node-(?!00000)/)
      const box = await canvas.boundingBox()
      if (box === null) throw new Error('the canvas has no place')
      await page.mouse.move(box.x + 400, box.y + 100)
      await page.mouse.down()
      await page.mouse.move(box.x + 700, box.y + 120, { steps: 5 })
      await page.mouse.up()
      await expect
        .poll(async () => await page.locator('.time-bar .shown').innerText())
        .not.toContain('whole run')
      await page.keyboard.press('Escape')
      await expect.poll(async () => await page.locator('.time-bar .shown').innerText()).toContain('whole run')
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'has a text alternative: a sentence, and tables of nodes and of shares over time',
    async () => {
      const { page, close } = await openReport(browser(), reportFixture())
      await showMap(page)
      await expect
        .poll(async () => await page.locator('#heat-words').innerText())
        .toMatch(
          /^On average [\d.]+ % of a node's CPU was requested: from .* 8 of 24 had their machine down at some time\.$/,
        )
      await page.locator('#heat-map summary').click()
      const tables = page.locator('.heat-tables table')
      await tables.first().waitFor()
      await expect
        .poll(async () => await tables.locator('caption').allInnerTexts())
        .toEqual(['Fullest by mean', 'Emptiest by mean', 'All nodes over time'])
      await expect.poll(async () => await tables.first().locator('tbody tr').count()).toBe(10)
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'draws 5,000 nodes on a canvas no larger than the window onto them',
    async () => {
      const size = { nodes: 5000, pods: 1, seconds: 3600, spans: 30 }
      const run = runFixture(size, { player: undefined })
      const { page, complaints, close } = await openReport(browser(), reportFixture({ runs: [run] }))
      await showMap(page)
      await page.getByRole('button', { name: 'Higher rows' }).click()
      await page.getByRole('button', { name: 'Higher rows' }).click()
      await pageTime(page, 150)
      const sizes = await page.locator(CANVAS).evaluate((canvas: HTMLCanvasElement) => ({
        height: canvas.height,
        scrolled: canvas.closest('.scroll-canvas')?.scrollHeight ?? 0,
      }))
      expect(sizes.height).toBeLessThan(600)
      expect(sizes.scrolled).toBeGreaterThan(1800)
      await page.locator(CANVAS).focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('PageDown')
      await expect.poll(async () => await told(page)).toMatch(/^node-01250, /)
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )
})
