import { expect, it } from 'vitest'

import { packColumn } from '../../../src/report/page/packed-column.ts'
import type { Chart, ChartLines } from '../../../src/report/page/report-data.ts'
import { NEEDS_CHROMIUM, hasChromium, openReport } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { reportFixture, runFixture } from './fixture.ts'

const browser = chromiumOfTests()

function lines(times: readonly number[], desired: readonly number[], ready: readonly number[]): ChartLines {
  return {
    time: packColumn('f64', times),
    lines: [
      { name: 'desired replicas', values: packColumn('f32', desired) },
      { name: 'ready replicas', values: packColumn('f32', ready) },
      {
        name: 'nodes',
        isHidden: true,
        values: packColumn(
          'f32',
          times.map(() => 500),
        ),
      },
    ],
    summary: `at most ${Math.max(...desired)}`,
  }
}

const SCALING: Chart = {
  id: 'scaling',
  title: 'Scaling',
  unit: 'count',
  isStepped: true,
  ...lines([0, 100, 400, 1000], [2, 7, 7, 7], [2, 2, 7, 7]),
  parts: [
    { name: 'api (Deployment)', ...lines([0, 1000], [1, 1], [1, 1]) },
    { name: 'web (Deployment)', ...lines([0, 100, 400, 1000], [1, 6, 6, 6], [1, 1, 6, 6]) },
  ],
}

it.skipIf(!hasChromium)(
  `the scaling chart shows one workload, chosen by keyboard (${NEEDS_CHROMIUM})`,
  async () => {
    const size = { nodes: 2, pods: 3, seconds: 1000, spans: 10 }
    const run = runFixture(size, { charts: [SCALING], heat: undefined, player: undefined })
    const { page, complaints, close } = await openReport(browser(), reportFixture({ runs: [run] }))
    const figure = page.locator('[data-chart=scaling]')
    const plot = figure.locator('.plot')
    await figure.locator('.uplot').waitFor()
    await plot.focus()
    // A value stands until the next: at 250 s it is that of 100 s, though 400 s is as near.
    await plot.press('Home')
    await plot.press('ArrowRight')
    await expect
      .poll(async () => await plot.getAttribute('aria-valuetext'))
      .toBe('1m 40s: desired replicas 7, ready replicas 2, nodes 500')
    await expect
      .poll(async () => await figure.getByRole('button', { name: 'nodes' }).getAttribute('aria-pressed'))
      .toBe('false')
    const choice = figure.getByLabel('Workload')
    await expect
      .poll(async () => await choice.locator('option').allTextContents())
      .toEqual(['all', 'api (Deployment)', 'web (Deployment)'])
    await choice.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(async () => await figure.locator('.words').textContent()).toBe('at most 6')
    await plot.focus()
    await expect
      .poll(async () => await plot.getAttribute('aria-valuetext'))
      .toBe('1m 40s: desired replicas 6, ready replicas 1, nodes 500')
    await figure.getByText('Values as a table').click()
    await expect
      .poll(async () => await figure.locator('tbody tr').nth(1).allTextContents())
      .toEqual(['1m 40s61500'])
    await choice.selectOption('all')
    await expect.poll(async () => await figure.locator('.words').textContent()).toBe('at most 7')
    expect(complaints).toEqual([])
    await close()
  },
)
