import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { withOutputs } from '../scripts/example-outputs.ts'
import { commandPage, scenarioPage } from '../scripts/reference-pages.ts'
import { CSV_COLUMNS } from '../src/workload/formats/csv.ts'
import { traceFormats } from '../src/workload/formats/index.ts'
import { PROJECT_ROOT } from './shared-data.ts'

function read(...parts: string[]): string {
  return readFileSync(path.join(PROJECT_ROOT, ...parts), 'utf8')
}

describe('the documentation', () => {
  it('has every field of a scenario and every option of a command', () => {
    expect(read('docs/scenario.md')).toBe(scenarioPage())
    expect(read('docs/cli.md')).toBe(commandPage())
  })

  it('shows what the examples print', async () => {
    const page = read('docs/explain.md')
    expect(page.match(/```console/g)?.length).toBeGreaterThan(4)
    expect(await withOutputs(page)).toBe(page)
  })

  it('has every trace format and every column of our own', () => {
    const page = read('docs/traces.md')
    for (const name of traceFormats.keys()) expect(page).toContain(`| \`${name}\` |`)
    for (const column of CSV_COLUMNS) expect(page).toContain(`| \`${column}\` |`)
  })

  it('links to pages that are there', () => {
    const pages = [
      'README.md',
      'ARCHITECTURE.md',
      ...readdirSync(path.join(PROJECT_ROOT, 'docs')).map((name) => `docs/${name}`),
    ]
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        const place = path.join(PROJECT_ROOT, path.dirname(page), target)
        expect(
          () => readdirSync(path.dirname(place)).includes(path.basename(place)) || read(target),
          `${page}: ${target}`,
        ).not.toThrow()
        expect(readdirSync(path.dirname(place)), `${page}: ${target}`).toContain(path.basename(place))
      }
    }
  })

  it('shows the two commands that the project has', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts
    expect(read('README.md')).toContain('npm ci && npm start')
    expect(read('README.md')).toContain('npm ci && npm test')
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'build', 'lint']))
  })
})
