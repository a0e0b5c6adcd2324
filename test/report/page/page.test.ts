import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { NEEDS_CHROMIUM, hasChromium, openReport } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { HOSTILE_NAMES, LARGE, reportFixture, runFixture } from './fixture.ts'

const browser = chromiumOfTests()

/** A chart of the run, drawn. */
async function chart(page: Page, name: string): Promise<Locator> {
  const plot = page.getByRole('slider', { name })
  await page
    .locator('figure.chart')
    .filter({ hasText: name.split(',')[0] ?? '' })
    .first()
    .scrollIntoViewIfNeeded()
  await plot.waitFor()
  return plot
}

const SHARE = 'Requested share of the nodes, over time'

describe.skipIf(!hasChromium)(`report.html, opened from disk (${NEEDS_CHROMIUM})`, () => {
  it('shows its sections, asks the network for nothing and complains of nothing', async () => {
    const { page, requests, complaints, close } = await openReport(browser(), reportFixture())
    await chart(page, SHARE)
    await expect
      .poll(async () => await page.locator('h2').allTextContents())
      .toEqual(expect.arrayContaining(['Summary', 'Over time', 'Failures', 'Metrics']))
    await expect.poll(async () => await page.locator('.tile').count()).toBe(4)
    expect(requests).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it('shows a run of 100,000 pods on 5,000 nodes', async () => {
    const data = reportFixture({ runs: [runFixture(LARGE)] })
    const { page, complaints, close } = await openReport(browser(), data)
    await chart(page, SHARE)
    for (const section of ['#heat-map', '#player']) {
      await page.locator(section).scrollIntoViewIfNeeded()
      await page.locator(`${section} canvas`).first().waitFor()
    }
    await expect.poll(async () => await page.locator('#player').textContent()).toContain('5,000 nodes')
    expect(complaints).toEqual([])
    await close()
  })

  it('says first that a run was interrupted, and its warnings', async () => {
    const run = runFixture(undefined, { interrupted: true, end: 7980, warnings: ['a clock went backwards'] })
    const { page, close } = await openReport(browser(), reportFixture({ runs: [run] }))
    const summary = page.locator('#summary')
    await expect
      .poll(async () => await summary.locator(':scope > :nth-child(2)').textContent())
      .toContain('got as far as 2h 13m')
    await expect
      .poll(async () => await summary.getByRole('note', { name: 'Warnings' }).textContent())
      .toContain('a clock went backwards')
    await close()
  })

  it('shows names as text, whatever is in them', async () => {
    const [name = ''] = HOSTILE_NAMES
    const run = runFixture(undefined, {
      name,
      warnings: HOSTILE_NAMES,
      markers: HOSTILE_NAMES.map((label, index) => ({ at: 3600 * (index + 1), kind: 'action', label })),
      metrics: HOSTILE_NAMES.map((label) => ({ name: label, label, value: label, section: label })),
      facts: HOSTILE_NAMES.map((value) => [value, value] as const),
    })
    const { page, complaints, close } = await openReport(
      browser(),
      reportFixture({ title: HOSTILE_NAMES.join(' '), runs: [run, run] }),
    )
    await chart(page, SHARE)
    await expect.poll(async () => await page.locator('img').count()).toBe(0)
    await expect.poll(async () => await page.title()).toContain('<img src=x')
    await expect.poll(async () => await page.locator('.warnings li').allTextContents()).toEqual(HOSTILE_NAMES)
    await expect
      .poll(async () => await page.locator('.marker-label').allTextContents())
      .toEqual(HOSTILE_NAMES)
    expect(complaints).toEqual([])
    await close()
  })

  it('finds metrics by words', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    await page.getByLabel('Find metrics').fill('WAIT 99th')
    await expect
      .poll(async () => await page.locator('#metrics tbody th:visible').allTextContents())
      .toEqual(['Wait for a node, 99th percentile'])
    await expect.poll(async () => await page.locator('#metrics .count').textContent()).toBe('1 metric')
    await close()
  })

  it('shows how a failure went', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    const steps = page.getByRole('table', { name: 'Timeline' })
    await expect.poll(async () => await steps.getByRole('row').nth(2).textContent()).toBe('evicted5m 42s')
    await page.getByRole('button', { name: 'Show in the charts' }).click()
    await expect.poll(async () => await page.locator('.shown').textContent()).toContain('–')
    await close()
  })
})

describe.skipIf(!hasChromium)(`charts (${NEEDS_CHROMIUM})`, () => {
  it('zoom all together, by dragging one', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    const plot = await chart(page, SHARE)
    const over = plot.locator('.u-over')
    const box = await over.boundingBox()
    if (box === null) throw new Error('the chart is not there')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 50, { steps: 5 })
    await page.mouse.up()
    const shown = page.locator('.shown')
    await expect.poll(async () => await shown.textContent()).toMatch(/^(?:5h 5\dm|6h).* – (?:17h 5\dm|18h)/)
    await expect.poll(async () => await plot.getAttribute('aria-valuenow')).not.toBe('43200')
    await page.getByRole('button', { name: 'Show the whole run' }).click()
    await expect.poll(async () => await shown.textContent()).toBe('whole run, 1d')
    await close()
  })

  it('can be read with the keyboard', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    const plot = await chart(page, SHARE)
    await plot.focus()
    await plot.press('Home')
    await plot.press('ArrowRight')
    await expect
      .poll(async () => await plot.getAttribute('aria-valuetext'))
      .toMatch(/^15m: cpu [\d.]+ %, memory [\d.]+ %, gpu –$/)
    await plot.press('PageUp')
    await expect.poll(async () => await plot.getAttribute('aria-valuetext')).toMatch(/^2h 45m: /)
    await plot.press('ArrowLeft')
    await expect.poll(async () => await page.locator('.instant').textContent()).toBe('at 2h 30m')
    await plot.press('+')
    await expect.poll(async () => await page.locator('.shown').textContent()).toContain('–')
    await plot.press('0')
    await expect.poll(async () => await page.locator('.shown').textContent()).toContain('whole run')
    await close()
  })

  it('hide and show lines, and show their values in a table', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    await chart(page, SHARE)
    const figure = page.locator('figure[data-chart=utilisation]')
    const key = figure.getByRole('button', { name: 'memory' })
    await key.click()
    await expect.poll(async () => await key.getAttribute('aria-pressed')).toBe('false')
    await figure.getByText('Values as a table').click()
    await figure.getByRole('table').waitFor()
    await expect
      .poll(async () => await figure.getByRole('columnheader').allTextContents())
      .toEqual(['time', 'cpu', 'memory', 'gpu'])
    await expect.poll(async () => await figure.locator('tbody tr').count()).toBe(24)
    await close()
  })

  it('go to a marker that is pressed', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    await page.getByRole('button', { name: 'zone-a lost power' }).press('Enter')
    await expect.poll(async () => await page.locator('.instant').textContent()).toBe('at 12h')
    await expect.poll(async () => await page.locator('.shown').textContent()).toMatch(/^10h 33m.* – 16h/)
    await close()
  })

  it('choose an instant by a click, and only show one by pointing', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    const plot = await chart(page, SHARE)
    const instant = page.locator('.instant')
    await plot.locator('.u-over').click({ position: { x: 100, y: 50 } })
    await expect.poll(async () => await instant.textContent()).toMatch(/^at \d/)
    const chosen = await instant.textContent()
    await plot.locator('.u-over').hover({ position: { x: 200, y: 50 } })
    await expect.poll(async () => await instant.textContent()).not.toBe(chosen)
    await page.mouse.move(5, 5)
    await expect.poll(async () => await instant.textContent()).toBe(chosen)
    await close()
  })
})
