import { describe, expect, it } from 'vitest'

import type { ReportData } from '../../../src/report/page/report-data.ts'
import { NEEDS_CHROMIUM, hasChromium, openReport } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { comparisonFixture, reportFixture, runFixture } from './fixture.ts'

const browser = chromiumOfTests()

/** Two scenarios: one metric clearly less, one that may be chance, one that only one of them has. */
function twoScenarios(): ReportData {
  const base = { mean: 10, low: 9, high: 11 }
  return reportFixture({
    runs: [runFixture(undefined, { name: 'base' }), runFixture(undefined, { name: 'other' })],
    comparison: {
      scenarios: ['base', 'other'],
      seeds: [1, 2, 3],
      metrics: [
        {
          name: 'wait_s',
          label: 'Wait',
          unit: 's',
          cells: [base, { mean: 8, low: 7, high: 9, difference: -2, differenceLow: -3, differenceHigh: -1 }],
        },
        {
          name: 'evictions',
          label: 'Evictions',
          unit: '',
          cells: [
            base,
            { mean: 10.5, low: 9, high: 12, difference: 0.5, differenceLow: -1, differenceHigh: 2 },
          ],
        },
        { name: 'gpu', label: 'GPU', unit: '', cells: [{}, base] },
        {
          name: 'pods',
          label: 'Pods',
          unit: '',
          cells: [base, { ...base, difference: 0, differenceLow: 0, differenceHigh: 0 }],
        },
      ],
      charts: [],
    },
  })
}

describe.skipIf(!hasChromium)(`the comparison (${NEEDS_CHROMIUM})`, () => {
  it('tells clear differences by a mark and a word, not by colour alone', async () => {
    const { page, close } = await openReport(browser(), twoScenarios())
    const rows = page.locator('.comparison-table tbody tr:visible')
    await expect
      .poll(async () => await rows.allTextContents())
      .toEqual([
        'Wait s10 [9, 11]8 [7, 9]clearly less: ▼ −2 [−3, −1]',
        'Evictions10 [9, 11]10.5 [9, 12]no clear difference: ≈ +0.5 [−1, 2]',
        'GPU–10 [9, 11]',
      ])
    const kinds = page.getByLabel('Show', { exact: true })
    await expect
      .poll(async () => await kinds.locator('option').allTextContents())
      .toEqual(['those that differ (3)', 'those that clearly differ (1)', 'all (4)'])
    await kinds.selectOption('those that clearly differ (1)')
    await expect
      .poll(async () => await page.locator('.comparison-table tbody th:visible').allTextContents())
      .toEqual(['Wait s'])
    await close()
  })

  it('plots each metric, and says it in words', async () => {
    const { page, close } = await openReport(browser(), twoScenarios())
    await expect
      .poll(async () => await page.getByRole('img', { name: /^Wait/ }).getAttribute('aria-label'))
      .toBe('Wait. base: 10, 9 to 11; other: 8, 7 to 9')
    await expect.poll(async () => await page.locator('.interval-plot .dot.clear').count()).toBe(1)
    await expect.poll(async () => await page.locator('.interval-plot .dot.unclear').count()).toBe(2)
    await page.getByLabel('Find metrics').first().fill('evic')
    await expect
      .poll(async () => await page.locator('.interval-plot figcaption').allTextContents())
      .toEqual(['Evictions'])
    await close()
  })

  it('has points of the front that the keyboard reaches', async () => {
    const { page, complaints, close } = await openReport(browser(), comparisonFixture())
    const points = page.locator('.pareto').getByRole('option')
    await points.first().focus()
    await page.keyboard.press('End')
    const last = await points.last().getAttribute('aria-label')
    await expect.poll(async () => await page.locator('.pareto-words').textContent()).toBe(last)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(async () => await points.nth(-2).getAttribute('aria-selected')).toBe('true')
    await expect.poll(async () => await page.locator('[role=option][tabindex="0"]').count()).toBe(1)
    await page.getByText('Points as a table').click()
    await expect
      .poll(async () => await page.locator('.pareto tbody tr').first().textContent())
      .toContain('on the front')
    expect(complaints).toEqual([])
    await close()
  })

  it('shows the sections of the run that is chosen, and keeps the time that is shown', async () => {
    const { page, complaints, close } = await openReport(browser(), comparisonFixture())
    await page.getByRole('button', { name: 'Look closer' }).click()
    await expect.poll(async () => await page.locator('.shown').textContent()).toContain('–')
    const shown = await page.locator('.shown').textContent()
    await page.getByLabel(/^One of 4 runs/).selectOption('best-fit')
    await expect.poll(async () => await page.getByLabel(/^One of 4 runs/).inputValue()).toBe('best-fit')
    await expect.poll(async () => await page.locator('.shown').textContent()).toBe(shown)
    await expect.poll(async () => await page.locator('#summary').count()).toBe(1)
    expect(complaints).toEqual([])
    await close()
  })

  it('puts the metrics of runs beside each other where no seeds were compared', async () => {
    const { comparison: _none, ...rest } = twoScenarios()
    const { page, close } = await openReport(browser(), rest)
    await expect
      .poll(async () => await page.locator('#comparison thead th').allTextContents())
      .toEqual(['metric', 'base', 'other'])
    await close()
  })
})
