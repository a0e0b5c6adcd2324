import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { inlineJson, pageHtml } from '../../../src/report/page/page-html.ts'
import { HOSTILE_NAMES, reportFixture } from './fixture.ts'

describe('report.html', () => {
  const html = pageHtml(reportFixture({ title: HOSTILE_NAMES.join(' ') }))

  it('has one script that may run, and names it by its digest', () => {
    const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map((match) => match[1] ?? '')
    expect(scripts).toHaveLength(1)
    const digest = createHash('sha256')
      .update(scripts[0] ?? '')
      .digest('base64')
    expect(html).toContain(`script-src 'sha256-${digest}'`)
  })

  it('may load nothing', () => {
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/(?:src|href)="(?!data:,)/)
    expect(html).not.toMatch(/url\(|@import/)
  })

  it('is the same for the same data', () => {
    expect(pageHtml(reportFixture({ title: HOSTILE_NAMES.join(' ') }))).toBe(html)
  })

  it('says its summary in words where no script runs', () => {
    const data = reportFixture()
    const words = /<noscript>(.*?)<\/noscript>/s.exec(pageHtml(data))?.[1] ?? ''
    const tiles = data.runs.flatMap((run) => run.tiles)
    expect(tiles.length).toBeGreaterThan(0)
    for (const { title, value } of tiles) expect(words).toContain(`<dt>${title}: ${value}</dt>`)
  })

  it('keeps data that no name can break out of', () => {
    const text = inlineJson({ names: HOSTILE_NAMES })
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual({ names: HOSTILE_NAMES })
    expect(html).not.toContain('<img')
  })
})
