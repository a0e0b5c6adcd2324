import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A scenario whose container ends again and again: an hour later its Deployment is not whole. */
const CRASHING = `
apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: crashing }
spec:
  until: 2h
  nodes: [{ template: { count: 1, shape: "4:16Gi" } }]
  objects:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: { name: web }
      spec:
        replicas: 1
        selector: { matchLabels: { app: web } }
        template:
          metadata: { labels: { app: web }, annotations: { stowage.dev/duration: 1s, stowage.dev/exit-code: "1" } }
          spec: { containers: [{ name: main, image: web }] }
`

describe('stowage fuzz', () => {
  it('runs seeds, and says what they came to', async () => {
    const out = path.join(folder, 'out')
    const { status, out: text } = await stowage('fuzz', '--seeds', '2', '--seed', '7', '--json', '--out', out)
    expect(status).toBe(0)
    const found = JSON.parse(text) as { readonly runs: number }
    expect(found).toMatchObject({ seeds: 2, failures: [] })
    expect(found.runs).toBeGreaterThanOrEqual(4)
    expect(existsSync(out)).toBe(false)
    const again = await stowage('fuzz', '--seeds', '2', '--seed', '7', '--json')
    expect(again.out).toBe(text)
  })

  it('runs as many as it was asked for, with faults or without', async () => {
    const plain = await stowage('fuzz', '--seeds', '3', '--no-faults', '--quiet')
    expect(plain).toEqual({ status: 0, out: '', err: '' })
    const summary = await stowage('fuzz', '--seeds', '3', '--no-faults')
    expect(summary.out).toMatch(/^3 seeds, 3 runs, [\d,]+ events: no law broken\n$/)
  })

  it('gives a line of JSON for each seed of a share', async () => {
    const { out } = await stowage('fuzz', '--seeds', '3', '--no-faults', '--share', '1/2')
    const lines = out.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { readonly seed: number }).seed)).toEqual([2])
  })

  it('ends with 1 and says what is wrong when a scenario breaks a law', async () => {
    const { status, out } = await stowage('fuzz', '--scenario', file('crashing.yaml', CRASHING))
    expect(status).toBe(1)
    expect(out).toContain('workloads-are-whole at 2h: Deployment default/web: available 0, not 1')
  })

  it('finds nothing wrong with the example', async () => {
    const example = path.join(PROJECT_ROOT, 'docs/examples/fuzz.yaml')
    const { status, out } = await stowage('fuzz', '--scenario', example)
    expect(out).toMatch(/^3 runs, [\d,]+ events: no law broken\n$/)
    expect(status).toBe(0)
  })

  it('refuses what makes no sense', async () => {
    for (const flags of [
      ['--seeds', '0'],
      ['--seconds', 'x'],
      ['--share', '2/2'],
      ['--scenario', 'none.yaml'],
    ]) {
      const { status, err } = await stowage('fuzz', ...flags)
      expect(status).toBe(2)
      expect(err).not.toBe('')
    }
  })

  it('has every law on its page', () => {
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/fuzz.md'), 'utf8')
    const folderOfLaws = path.join(PROJECT_ROOT, 'src/fuzz/laws')
    const texts = ['write-laws', 'view-laws', 'settled-laws', 'settled-workloads'].map((name) =>
      readFileSync(path.join(folderOfLaws, `${name}.ts`), 'utf8'),
    )
    const laws = texts.flatMap((text) => [...text.matchAll(/tell\(\s*'([a-z-]+)'/g)].map(([, law]) => law))
    expect(new Set(laws).size).toBeGreaterThan(15)
    expect([...new Set(laws)].filter((law) => !page.includes(`\`${law}\``))).toEqual([])
  })
})
