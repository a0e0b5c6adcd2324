import { describe, expect, it } from 'vitest'

import { PALETTE } from '../../../src/report/page/client/palette.ts'
import { NEEDS_CHROMIUM, hasChromium, openReport } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { comparisonFixture, reportFixture } from './fixture.ts'

const browser = chromiumOfTests()

/** The colour of the page's ground, as `#rrggbb`. */
const GROUND = `(() => {
  const parts = getComputedStyle(document.body).backgroundColor.match(/\\d+/g) ?? []
  return '#' + parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')
})()`

describe.skipIf(!hasChromium)(`how the page looks (${NEEDS_CHROMIUM})`, () => {
  it('follows the system, until the reader chooses', async () => {
    const { page, close } = await openReport(browser(), reportFixture(), { colorScheme: 'dark' })
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.dark.page)
    await page.getByRole('button', { name: 'Light theme' }).click()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.light.page)
    await page.getByRole('button', { name: 'Dark theme' }).click()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.dark.page)
    await close()
  })

  it('remembers the theme that the reader chose', async () => {
    const { page, close } = await openReport(browser(), reportFixture(), { colorScheme: 'light' })
    await page.getByRole('button', { name: 'Dark theme' }).click()
    await page.reload()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.dark.page)
    await page.getByRole('button', { name: 'Light theme' }).click()
    await page.reload()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.light.page)
    await page.evaluate("localStorage.setItem('stowage-theme', 'pink')")
    await page.reload()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.light.page)
    await close()
  })

  it('goes without memory where the browser refuses it', async () => {
    const { page, complaints, close } = await openReport(browser(), reportFixture(), { colorScheme: 'light' })
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
    )
    await page.reload()
    await page.getByRole('button', { name: 'Dark theme' }).click()
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.dark.page)
    expect(complaints).toEqual([])
    await close()
  })

  it.each([360, 768, 2560])('fits a window of %i pixels', async (width) => {
    for (const data of [reportFixture(), comparisonFixture()]) {
      const { page, close } = await openReport(browser(), data, { viewport: { width, height: 800 } })
      for (const event of ['beforeprint', 'afterprint']) {
        await page.evaluate(`window.dispatchEvent(new Event('${event}'))`)
      }
      await expect
        .poll(async () => await page.evaluate('document.documentElement.scrollWidth'))
        .toBeLessThanOrEqual(width)
      await close()
    }
  })

  it('prints light, at the width of paper, with all charts and without controls', async () => {
    const { page, close } = await openReport(browser(), reportFixture(), { colorScheme: 'dark' })
    await page.emulateMedia({ media: 'print' })
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    await expect.poll(async () => await page.evaluate(GROUND)).toBe(PALETTE.light.page)
    const widths = async (): Promise<number[]> =>
      await page.locator('#charts .uplot').evaluateAll((plots) => plots.map((plot) => plot.clientWidth))
    await expect.poll(widths).toEqual([690, 690, 690, 690])
    await expect.poll(async () => await page.locator('.bar-top').isVisible()).toBe(false)
    await expect.poll(async () => await page.getByRole('button', { name: 'theme' }).isVisible()).toBe(false)
    await close()
  })

  it('prints pictures of nodes that were never near the window', async () => {
    const { page, close } = await openReport(browser(), reportFixture(), {
      viewport: { width: 1280, height: 300 },
    })
    await expect.poll(async () => await page.locator('canvas').count()).toBeLessThan(3)
    await page.pdf({ format: 'A4' })
    for (const section of ['#heat-map', '#player']) {
      const picture = page.locator(`${section} .scroll-canvas canvas`)
      const painted = await picture.evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement
        const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data
        return [width, pixels?.some((value) => value !== 0)]
      })
      expect(painted).toEqual([expect.toSatisfy((width: number) => width > 600), true])
    }
    await close()
  })

  it('makes a PDF of several pages', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect(pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0).toBeGreaterThanOrEqual(3)
    await close()
  })
})
