import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'

import { PALETTE } from '../../../src/report/page/client/palette.ts'
import type { ReportData } from '../../../src/report/page/report-data.ts'
import { BROWSER_TIMEOUT, NEEDS_CHROMIUM, hasChromium, openReport, pageTime } from './browser.ts'
import { madePlayer } from './client/player/pod-builder.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { HOSTILE_NAMES, reportFixture, runFixture } from './fixture.ts'

/** Two nodes and three pods: where a click lands follows from the layout. */
function smallReport(names: readonly string[] = ['shop/web-0', 'shop/web-1', 'shop/web-2']): ReportData {
  const player = madePlayer(
    [
      { name: names[0] ?? '', node: 0, boundAt: 0, runningAt: 10, cpu: 4000, memory: 1 },
      {
        name: names[1] ?? '',
        node: 0,
        boundAt: 100,
        runningAt: 110,
        endedAt: 500,
        cpu: 2000,
        memory: 1,
        qos: 1,
      },
      { name: names[2] ?? '', node: 1, boundAt: 200, runningAt: 210, cpu: 8000, memory: 1, qos: 2 },
    ],
    [
      { name: names[3] ?? 'node-a', cpuMillicores: 8000, memoryBytes: 10, gpuMilli: 0 },
      { name: 'node-b', cpuMillicores: 8000, memoryBytes: 10, gpuMilli: 0, down: [[600, 700]] },
    ],
    {
      workloads: [names[0] ?? 'web'],
      decisions: [
        {
          ...{ pod: 0, at: 0, attempt: 1, outcome: 'bound', message: names[1] ?? '' },
          ...{ feasibleNodes: 1, evaluatedNodes: 2 },
          nodes: [
            {
              name: names[3] ?? 'node-a',
              total: 142,
              scores: [
                ['NodeResourcesFit', 50],
                ['ImageLocality', 92],
              ],
              rejected: undefined,
            },
            { name: 'node-b', total: undefined, scores: [], rejected: 'TaintToleration: untolerated taint' },
          ],
        },
      ],
    },
  )
  const size = { nodes: 2, pods: 3, seconds: 1000, spans: 10 }
  return reportFixture({ runs: [runFixture(size, { player, heat: undefined })] })
}

async function showPlayer(page: Page): Promise<void> {
  await page.locator('#player').scrollIntoViewIfNeeded()
  await page.locator('.player-canvas').waitFor()
}

async function stateText(page: Page): Promise<string> {
  return await page.locator('#player-state').innerText()
}

describe.skipIf(!hasChromium)(`the player of report.html (${NEEDS_CHROMIUM})`, () => {
  const browser = chromiumOfTests()

  it(
    'unpacks nothing before it is near the window, and then complains of nothing',
    async () => {
      const { page, complaints, close } = await openReport(browser(), reportFixture(), {
        viewport: { width: 1280, height: 300 },
      })
      await pageTime(page, 200)
      await expect.poll(async () => await page.locator('.player-canvas').count()).toBe(0)
      await showPlayer(page)
      await expect
        .poll(async () => await page.locator('.player-canvas').getAttribute('aria-label'))
        .toContain('24 nodes')
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'goes through time by keys, and says what is there',
    async () => {
      const { page, complaints, close } = await openReport(browser(), smallReport())
      await showPlayer(page)
      await page.locator('.player-canvas').focus()
      await page.keyboard.press('Home')
      await expect
        .poll(async () => await stateText(page))
        .toMatch(/^At 0s: 1 pod on 2 nodes, 1 starting, CPU 25 % requested/)
      await page.keyboard.press('.')
      await expect.poll(async () => await stateText(page)).toMatch(/^At 10s: 1 pod on 2 nodes, CPU 25 %/)
      await page.keyboard.press('.')
      await expect.poll(async () => await stateText(page)).toMatch(/^At 1m 40s: 2 pods/)
      await page.keyboard.press('ArrowRight')
      await expect.poll(async () => await stateText(page)).toMatch(/^At 2m 05s: 2 pods/)
      await page.keyboard.press(',')
      await expect.poll(async () => await stateText(page)).toMatch(/^At 1m 50s: 2 pods/)
      await page.locator('.scrub').focus()
      await page.keyboard.press('End')
      await expect.poll(async () => await stateText(page)).toMatch(/^At 16m 40s: 2 pods on 2 nodes, CPU 75 %/)
      await expect
        .poll(async () => await page.locator('.player-words [aria-live]').innerText())
        .toMatch(/^At 16m 40s/)
      await expect
        .poll(async () => await page.locator('.scrub').getAttribute('aria-valuetext'))
        .toBe('16m 40s')
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'plays and pauses with space, and stops at the end',
    async () => {
      const { page, close } = await openReport(browser(), smallReport())
      await showPlayer(page)
      await page.locator('.player-canvas').focus()
      await page.keyboard.press('Home')
      await page.keyboard.press(' ')
      await page.waitForFunction(() => document.querySelector('#player-state')?.textContent !== 'At 0s')
      await pageTime(page, 600)
      await page.keyboard.press(' ')
      await expect.poll(async () => await page.locator('.play').innerText()).toContain('Play')
      await pageTime(page, 200)
      const paused = await stateText(page)
      expect(paused).not.toMatch(/^At 0s/)
      await pageTime(page, 400)
      await expect.poll(async () => await stateText(page)).toBe(paused)
      await page.keyboard.press('End')
      await page.keyboard.press('ArrowLeft')
      await page.locator('.control-group select').first().selectOption('8')
      await page.locator('.play').click()
      await page.waitForFunction(() =>
        document.querySelector('#player-state')?.textContent?.startsWith('At 16m 40s'),
      )
      await expect.poll(async () => await page.locator('.play').innerText()).toContain('Play')
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'shows a pod that is clicked: what it is, and why it has its node',
    async () => {
      const { page, complaints, close } = await openReport(browser(), smallReport())
      await showPlayer(page)
      await page.locator('.player-canvas').focus()
      await page.keyboard.press('Home')
      // The first node is the left half; its only pod fills the lower half of its box.
      const canvas = page.locator('.player-canvas')
      const box = await canvas.boundingBox()
      if (box === null) throw new Error('the canvas has no place')
      await canvas.click({ position: { x: box.width / 4, y: box.height - 20 } })
      const details = page.locator('.player-details')
      await expect.poll(async () => await details.locator('h3').innerText()).toBe('Pod shop/web-0')
      const text = await details.innerText()
      for (const part of [
        '4 cores',
        'Guaranteed',
        'there at the end',
        'node-a',
        'attempt 1: bound',
        '1 of 2 nodes',
      ]) {
        expect(text).toContain(part)
      }
      const table = details.locator('table')
      await expect
        .poll(async () => await table.locator('thead th').allInnerTexts())
        .toEqual(['Node', 'Total', 'NodeResourcesFit', 'ImageLocality'])
      await expect
        .poll(async () => await table.locator('tbody tr').first().innerText())
        .toMatch(/node-a its node\s+142\s+50\s+92/)
      await expect
        .poll(async () => await table.locator('tbody tr').last().innerText())
        .toContain('TaintToleration: untolerated taint')
      await canvas.click({ position: { x: box.width / 4, y: 40 } })
      await expect.poll(async () => await details.locator('h3').innerText()).toBe('Node node-a')
      await expect.poll(async () => await details.innerText()).toContain('4 cores of 8 cores (50 %)')
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'has a list of pods for the keyboard, and says which field records decisions',
    async () => {
      const data = smallReport()
      const [run] = data.runs
      if (run?.player === undefined) throw new Error('the report has no player')
      const player = { ...run.player, decisions: [] }
      const { page, close } = await openReport(browser(), { ...data, runs: [{ ...run, player }] })
      await showPlayer(page)
      await page.locator('.pod-list summary').focus()
      await page.keyboard.press('Enter')
      await page.locator('.pod-search').fill('web-2')
      await page.locator('.pod-list select').selectOption('all')
      const names = page.locator('.pod-list tbody button')
      await expect.poll(async () => await names.allInnerTexts()).toEqual(['shop/web-2'])
      await page.locator('.pod-search').fill('shop')
      await expect.poll(async () => await names.count()).toBe(3)
      await names.first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const details = page.locator('.player-details')
      await expect.poll(async () => await details.locator('h3').innerText()).toBe('Pod shop/web-1')
      await expect.poll(async () => await details.innerText()).toContain('spec.report.decisions: true')
      await expect
        .poll(async () => await page.locator('.pod-list [aria-pressed=true]').innerText())
        .toBe('shop/web-1')
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'takes names for text, whatever is in them',
    async () => {
      const { page, complaints, close } = await openReport(browser(), smallReport(HOSTILE_NAMES))
      await showPlayer(page)
      await page.locator('.pod-list summary').click()
      await page.locator('.pod-list select').selectOption('all')
      await page.locator('.pod-list tbody button').first().click()
      await expect
        .poll(async () => await page.locator('.player-details h3').innerText())
        .toBe(`Pod ${HOSTILE_NAMES[0]}`)
      await expect
        .poll(async () => await page.locator('.decision-message').innerText())
        .toBe(HOSTILE_NAMES[1])
      await expect.poll(async () => await page.title()).toBe('A made day')
      await expect.poll(async () => await page.locator('#player img, #player script').count()).toBe(0)
      expect(complaints).toEqual([])
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it.each(['light', 'dark'] as const)(
    'paints free room and pods in the colours of the %s theme, and stays still for who asked for it',
    async (theme) => {
      const { page, close } = await openReport(browser(), smallReport(), {
        colorScheme: theme,
        reducedMotion: 'reduce',
      })
      await showPlayer(page)
      await page.locator('.player-canvas').focus()
      await page.keyboard.press('Home')
      await pageTime(page, 200)
      const colourAt = async (y: number): Promise<string> =>
        await page.locator('.player-canvas').evaluate((canvas: HTMLCanvasElement, height) => {
          const at = canvas.getContext('2d')?.getImageData(canvas.width / 4 + 0.5, height, 1, 1).data ?? []
          return `#${[...at.slice(0, 3)].map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
        }, y)
      await expect.poll(async () => await colourAt(30)).toBe(PALETTE[theme].grid)
      await page.keyboard.press(' ')
      await pageTime(page, 400)
      await expect.poll(async () => await stateText(page)).toMatch(/^At 0s/)
      await close()
    },
    BROWSER_TIMEOUT,
  )

  it(
    'prints a still of the instant with its legend, and no controls',
    async () => {
      const { page, close } = await openReport(browser(), smallReport(), { colorScheme: 'dark' })
      await showPlayer(page)
      await page.emulateMedia({ media: 'print' })
      await pageTime(page, 200)
      await expect.poll(async () => await page.locator('.player-controls').isVisible()).toBe(false)
      await expect.poll(async () => await page.locator('.player-canvas').isVisible()).toBe(true)
      await expect.poll(async () => await page.locator('#player .swatches').isVisible()).toBe(true)
      await expect.poll(async () => await page.locator('#player-state').isVisible()).toBe(true)
      await close()
    },
    BROWSER_TIMEOUT,
  )
})
