import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'

import type { ReportData } from '../../../src/report/page/report-data.ts'
import { NEEDS_CHROMIUM, hasChromium, openReport, pageTime } from './browser.ts'
import { madePlayer } from './client/player/pod-builder.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { reportFixture, runFixture } from './fixture.ts'

const NODE = { name: 'node-a', cpuMillicores: 8000, memoryBytes: 10, gpuMilli: 0 }
const NEVER = { node: 1, boundAt: Infinity, runningAt: Infinity, cpu: 1000, memory: 1 }

function report(waiting: number, late = true): ReportData {
  const player = madePlayer(
    [
      { name: 'shop/web-0', node: 0, boundAt: 0, runningAt: 10, cpu: 4000, memory: 1 },
      {
        name: 'shop/late',
        node: 0,
        createdAt: 100,
        boundAt: late ? 300 : 100,
        runningAt: 310,
        cpu: 2000,
        memory: 1,
        qos: 1,
      },
      ...Array.from({ length: waiting }, (_, index) => ({
        ...NEVER,
        name: `shop/never-${index}`,
        createdAt: 200,
      })),
    ],
    [NODE],
    { workloads: ['web'] },
  )
  const size = { nodes: 1, pods: 3, seconds: 1000, spans: 10 }
  return reportFixture({ runs: [runFixture(size, { player, heat: undefined })] })
}

async function goTo(page: Page, at: number): Promise<void> {
  await page.locator('.scrub').evaluate((bar, value) => {
    ;(bar as HTMLInputElement).value = String(value)
    bar.dispatchEvent(new Event('input'))
  }, at * 4)
  await pageTime(page, 150)
}

describe.skipIf(!hasChromium)(`pods that wait for a node (${NEEDS_CHROMIUM})`, () => {
  const browser = chromiumOfTests()

  it('stand above the nodes from their creation until they are bound, and are known when clicked', async () => {
    const { page, complaints, close } = await openReport(browser(), report(1))
    await page.locator('#player').scrollIntoViewIfNeeded()
    const lane = page.locator('.waiting-lane')
    await lane.locator('canvas').waitFor()
    await goTo(page, 50)
    await expect
      .poll(async () => await lane.locator('.lane-title').innerText())
      .toBe('Waiting for a node: none')
    await expect
      .poll(async () => await page.locator('#player-state').innerText())
      .toMatch(/^At 50s: 1 pod on 1 node, CPU/)
    await goTo(page, 250)
    await expect
      .poll(async () => await lane.locator('.lane-title').innerText())
      .toBe('Waiting for a node: 2 pods')
    await expect
      .poll(async () => await page.locator('#player-state').innerText())
      .toMatch(/^At 4m 10s: 1 pod on 1 node, 2 pods wait for a node, CPU/)
    const label = async (): Promise<string | null> => await lane.locator('canvas').getAttribute('aria-label')
    await expect.poll(label).toBe('2 pods wait for a node, coloured by qos; longest shop/late, for 2m 30s.')
    await lane.locator('canvas').click({ position: { x: 5, y: 5 } })
    const details = page.locator('.player-details')
    await expect
      .poll(async () => await details.innerText())
      .toMatch(/Pod shop\/late[^]*node-a[^]*At this instant it waits for a node/)
    await lane.locator('canvas').click({ position: { x: 20, y: 5 } })
    await expect
      .poll(async () => await details.innerText())
      .toMatch(/Pod shop\/never-0[^]*none: it never had one[^]*never[^]*Why no node/)
    await goTo(page, 400)
    await expect
      .poll(async () => await lane.locator('.lane-title').innerText())
      .toBe('Waiting for a node: 1 pod')
    expect(complaints).toEqual([])
    await close()
  })

  it('are in the list of pods, for the keyboard', async () => {
    const { page, close } = await openReport(browser(), report(2))
    await page.locator('#player').scrollIntoViewIfNeeded()
    await page.locator('.pod-list summary').click()
    await goTo(page, 250)
    await page.locator('.pod-list select').selectOption('waiting')
    const names = page.locator('.pod-list tbody th')
    await expect
      .poll(async () => await names.allTextContents())
      .toEqual(['shop/late', 'shop/never-0', 'shop/never-1'])
    await expect
      .poll(async () => await page.locator('.pod-list tbody tr').nth(1).locator('td').nth(1).textContent())
      .toBe('–')
    await close()
  })

  it('are three rows at most, with the number of the others', async () => {
    const { page, close } = await openReport(browser(), report(900))
    await page.locator('#player').scrollIntoViewIfNeeded()
    await goTo(page, 400)
    const canvas = page.locator('.waiting-lane canvas')
    const size = await canvas.boundingBox()
    const columns = Math.floor(((size?.width ?? 0) + 3) / 15)
    expect(size?.height).toBe(42)
    const title = async (): Promise<string> => await page.locator('.lane-title').innerText()
    await expect
      .poll(title)
      .toBe(`Waiting for a node: 900 pods, ${columns * 3} shown, +${900 - columns * 3} more`)
    await close()
  })

  it('have no lane where none ever waits', async () => {
    const { page, close } = await openReport(browser(), report(0, false))
    await page.locator('#player').scrollIntoViewIfNeeded()
    await page.locator('.player-canvas').waitFor()
    await expect.poll(async () => await page.locator('.waiting-lane').count()).toBe(0)
    await close()
  })
})
