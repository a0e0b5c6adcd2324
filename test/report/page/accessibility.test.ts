import { describe, expect, it } from 'vitest'

import type { ReportData } from '../../../src/report/page/report-data.ts'
import { NEEDS_CHROMIUM, hasChromium, openReport } from './browser.ts'
import type { OpenPage } from './browser.ts'
import { chromiumOfTests } from './chromium-of-tests.ts'
import { comparisonFixture, reportFixture } from './fixture.ts'

const browser = chromiumOfTests()

/** Opens it and has every part drawn. */
async function openDrawn(data: ReportData): Promise<OpenPage> {
  const opened = await openReport(browser(), data)
  await opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
  await opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
  await opened.page.locator('.uplot').first().waitFor()
  return opened
}

/** What is wrong with a page: rules that every page has to keep, looked up in its DOM. */
const FAULTS = `(() => {
  const faults = []
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('id twice: ' + id)
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
    for (const element of document.querySelectorAll('[' + attribute + ']')) {
      for (const id of element.getAttribute(attribute).split(' ')) {
        if (!document.getElementById(id)) faults.push(attribute + ' of nothing: ' + id)
      }
    }
  }
  let level = 0
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const own = Number(heading.tagName[1])
    if (own > level + 1) faults.push('heading skips a level: ' + heading.textContent)
    level = own
  }
  for (const button of document.querySelectorAll('button, a, summary')) {
    const name = button.getAttribute('aria-label') ?? button.textContent
    if (name.trim() === '') faults.push('no name: ' + button.outerHTML.slice(0, 80))
  }
  for (const field of document.querySelectorAll('input, select, textarea')) {
    if (field.labels.length === 0 && !field.getAttribute('aria-label')) faults.push('no label: ' + field.outerHTML.slice(0, 80))
  }
  for (const th of document.querySelectorAll('th')) if (!th.scope) faults.push('no scope: ' + th.textContent)
  for (const image of document.querySelectorAll('[role=img], [role=slider], [role=listbox], [role=option], [role=group]')) {
    if (!image.getAttribute('aria-label') && !image.getAttribute('aria-labelledby')) faults.push('no name: ' + image.outerHTML.slice(0, 80))
  }
  for (const canvas of document.querySelectorAll('canvas')) {
    if (!canvas.closest('[role], [aria-hidden=true]')) faults.push('a canvas without an alternative')
  }
  for (const element of document.querySelectorAll('[tabindex]')) {
    if (element.tabIndex > 0) faults.push('tab order by number: ' + element.outerHTML.slice(0, 80))
  }
  for (const element of document.querySelectorAll('section')) {
    if (!element.getAttribute('aria-labelledby')) faults.push('section without a name')
  }
  return faults
})()`

describe.skipIf(!hasChromium)(`accessibility (${NEEDS_CHROMIUM})`, () => {
  it.each([
    ['a run', reportFixture()],
    ['a comparison', comparisonFixture()],
  ])('of %s: names, labels, headings, tables', async (_name, data) => {
    const { page, close } = await openDrawn(data)
    await expect.poll(async () => await page.evaluate(FAULTS)).toEqual([])
    await close()
  })

  it('has landmarks, one of each', async () => {
    const { page, close } = await openDrawn(reportFixture())
    for (const role of ['banner', 'main', 'contentinfo', 'navigation'] as const) {
      await expect.poll(async () => await page.getByRole(role).count(), { message: role }).toBe(1)
    }
    await expect.poll(async () => await page.locator('h1').count()).toBe(1)
    await expect.poll(async () => await page.locator('html').getAttribute('lang')).toBe('en')
    await close()
  })

  it('begins with a link past the header, which leads to the report', async () => {
    const { page, close } = await openReport(browser(), reportFixture())
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the report' })
    await expect.poll(async () => await skip.evaluate((link) => link === document.activeElement)).toBe(true)
    expect((await skip.boundingBox())?.y).toBe(0)
    await page.keyboard.press('Enter')
    await expect.poll(async () => await page.evaluate('document.activeElement.id')).toBe('content')
    await close()
  })

  it('reaches header, sections, time, events, charts by Tab in that order, each with a visible focus', async () => {
    const { page, close } = await openDrawn(reportFixture())
    const reached: string[] = []
    for (let press = 0; press < 30; press += 1) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate(`(() => {
          const { activeElement } = document
          const { outlineStyle, outlineWidth } = getComputedStyle(activeElement)
          const shown = outlineStyle !== 'none' && outlineWidth !== '0px' ? '' : 'unseen '
          return shown + (activeElement.className || activeElement.tagName).toString().split(' ')[0]
        })()`),
      )
    }
    expect(reached.filter((name) => name.startsWith('unseen'))).toEqual([])
    const order = ['skip', 'theme', 'A', 'BUTTON', 'marker', 'key', 'plot', 'SUMMARY']
    const places = order.map((name) => reached.indexOf(name))
    expect(places.includes(-1), reached.join(' ')).toBe(false)
    expect([...places].sort((one, other) => one - other)).toEqual(places)
    await close()
  })

  it('moves little for those who ask for that', async () => {
    const { page, close } = await openReport(browser(), reportFixture(), { reducedMotion: 'reduce' })
    await expect
      .poll(async () => await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior'))
      .toBe('auto')
    await close()
  })
})
