import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'

import { SUITES } from '../bench/suites.ts'
import { withOutputs } from '../scripts/example-outputs.ts'
import { fgdRows, withFgdTables } from '../scripts/fgd-table.ts'
import { commandPage, scenarioPage } from '../scripts/reference-pages.ts'
import { studyRows, studyTable, withStudy } from '../scripts/study-table.ts'
import { tutorialWithOutputs } from '../scripts/tutorial-outputs.ts'
import { COMPONENTS } from '../src/benchmark/cost-place.ts'
import { buildProgram } from '../src/cli/command-line.ts'
import { SECOND } from '../src/base/time.ts'
import { PluginWatch } from '../src/run/plugin-watch.ts'
import { loadExtenders } from '../src/run/extender-loader.ts'
import { GATES_ACTED_ON } from '../src/scenario/feature-gates.ts'
import { ARGUMENT_FIELDS } from '../src/scheduler/configuration/argument-fields.ts'
import { CONFIGURATION_FIELDS } from '../src/scheduler/configuration/fields.ts'
import type { ObjectType } from '../src/scheduler/configuration/field-type.ts'
import { readSweepFile } from '../src/sweep/sweep-file.ts'
import { CSV_COLUMNS } from '../src/workload/formats/csv.ts'
import { traceFormats } from '../src/workload/formats/index.ts'
import { PROJECT_ROOT } from './shared-data.ts'

function read(...parts: string[]): string {
  return readFileSync(path.join(PROJECT_ROOT, ...parts), 'utf8')
}

/** Names of the fields of a configuration, its profiles and its extenders. */
function fieldsOf({ fields }: ObjectType): string[] {
  const lists = ['profiles', 'extenders'].flatMap((name) => {
    const type = fields[name]
    return type?.kind === 'list' && type.of.kind === 'object' ? Object.keys(type.of.fields) : []
  })
  return [...Object.keys(fields), ...lists.filter((name) => name !== 'plugins')]
}

describe('the documentation', () => {
  it('has every field of a scenario and every option of a command', () => {
    expect(read('docs/scenario.md')).toBe(scenarioPage())
    expect(read('docs/cli.md')).toBe(commandPage())
  })

  it('shows what the examples print', async () => {
    for (const [name, count] of [
      ['docs/explain.md', 5],
      ['docs/gangs.md', 3],
      ['docs/benchmarks.md', 1],
      ['docs/survive.md', 2],
      ['docs/compaction.md', 1],
      ['docs/plan.md', 4],
      ['docs/policies.md', 3],
    ] as const) {
      const page = read(name)
      expect(page.match(/```console/g)?.length).toBeGreaterThanOrEqual(count)
      expect(await withOutputs(page)).toBe(page)
    }
  })

  it.each([
    ['tutorial-score-plugin', 7],
    ['sweep', 1],
    ['diff', 4],
  ])('has %s, whose commands work and print what it shows', { timeout: 180_000 }, (name, count) => {
    const page = read(`docs/${name}.md`)
    expect(page.match(/^\$ /gm)).toHaveLength(count)
    expect(tutorialWithOutputs(page)).toBe(page)
  })

  it('has a Sweep file that is one', () => {
    const [, text = ''] = /```yaml\n(apiVersion: [^]*?)```/.exec(read('docs/sweep.md')) ?? []
    const folder = mkdtempSync(path.join(tmpdir(), 'stowage-docs-'))
    const file = path.join(folder, 'sweep.yaml')
    writeFileSync(file, text)
    expect(readSweepFile(file)).toMatchObject({
      name: 'sizes',
      method: 'latin',
      points: 30,
      metrics: ['cost', 'created_to_bound_s_p99'],
    })
    rmSync(folder, { recursive: true })
  })

  it('has benchmark commands with options that they have, and every phase and bench', () => {
    const page = read('docs/benchmarks.md')
    const silent = { write: () => undefined }
    const program = buildProgram({ stdout: silent, stderr: silent, isTerminal: false }, () => undefined)
    const commands = [...page.matchAll(/^ {4}stowage (bench \w+|run)(.*)$/gm)]
    expect(commands.length).toBeGreaterThan(8)
    for (const [line, name = '', words = ''] of commands) {
      const command = name.split(' ').reduce<Command | undefined>((found, word) => {
        return found?.commands.find((one) => one.name() === word)
      }, program)
      const known = command?.options.map(({ long }) => long) ?? []
      for (const [flag] of words.matchAll(/--[a-z-]+/g)) expect(known, line).toContain(flag)
    }
    for (const component of COMPONENTS) expect(page).toContain(`| \`${component}\` |`)
    for (const name of Object.keys(SUITES)) expect(read('bench/README.md')).toMatch(`| \`${name}\``)
  })

  it('has the tables of the FGD study as it was committed', () => {
    const page = read('docs/fgd.md')
    expect(withFgdTables(page)).toBe(page)
    for (const [study, workloads] of [
      ['published', 13],
      ['others', 7],
    ] as const) {
      const rows = fgdRows(study)
      expect(rows).toHaveLength(workloads * 6)
      for (const { workload = '', policy = '' } of rows) {
        expect(page).toMatch(new RegExp(`^\\| ${workload} \\| \\d`, 'm'))
        expect(page).toContain(policy)
      }
    }
    const deviations = fgdRows('published').map((row) => Math.abs(Number(row['alloc_pct_deviation_sd'])))
    expect(Math.max(...deviations)).toBeLessThan(0.6)
  })

  it('has every trace format and every column of our own', () => {
    const page = read('docs/traces.md')
    for (const name of traceFormats.keys()) expect(page).toContain(`| \`${name}\` |`)
    for (const column of CSV_COLUMNS) expect(page).toContain(`| \`${column}\` |`)
  })

  it('has an extender that works, in the page on plugins', async () => {
    const code =
      /```ts\n(import type \{ SchedulerExtender \}[^]*?)```/.exec(read('docs/plugins.md'))?.[1] ?? ''
    const folder = mkdtempSync(path.join(tmpdir(), 'stowage-docs-'))
    const file = path.join(folder, 'even-nodes.ts')
    writeFileSync(file, code)
    const [extender] = await loadExtenders(file, { watch: new PluginWatch(), longest: 10 * SECOND })
    rmSync(folder, { recursive: true })
    const nodes = ['node-1', 'node-2', 'node-4'].map((name) => ({ metadata: { name } }))
    expect(extender?.filter?.({}, nodes)).toEqual({
      nodeNames: ['node-2', 'node-4'],
      failedNodes: { 'node-1': 'node(s) had an odd name' },
    })
    expect(extender?.prioritize?.({}, nodes)).toContainEqual({ host: 'node-4', score: 2 })
  })

  it('has every field of a scheduler configuration', () => {
    const page = read('docs/scheduler-configuration.md')
    const missing = fieldsOf(CONFIGURATION_FIELDS).filter((field) => !page.includes(`\`${field}\``))
    expect(missing).toEqual([])
    for (const [plugin, { fields }] of Object.entries(ARGUMENT_FIELDS)) {
      expect(page).toContain(`| ${plugin} |`)
      for (const field of Object.keys(fields).slice(2)) expect(page).toContain(`\`${field}\``)
    }
  })

  it('has every feature gate that changes something', () => {
    const page = read('docs/feature-gates.md')
    for (const gate of GATES_ACTED_ON) expect(page).toContain(`\`${gate}\``)
  })

  it('counts the recorded cases right', () => {
    const files = readdirSync(path.join(PROJECT_ROOT, 'test/vectors')).filter((name) => name.endsWith('.gz'))
    const counts = files.map((name) => {
      const cases = gunzipSync(readFileSync(path.join(PROJECT_ROOT, 'test/vectors', name)))
      return cases.toString('utf8').trim().split('\n').length
    })
    const total = counts.reduce((sum, count) => sum + count, 0).toLocaleString('en')
    for (const page of ['README.md', 'docs/conformance.md']) {
      expect(read(page)).toContain(`${total} cases in ${files.length} families`)
    }
  })

  it('says what came of all workloads of scheduler_perf', () => {
    const page = read('docs/scheduler-perf.md')
    expect(withStudy(page)).toBe(page)
    expect(page).toContain(studyTable())
    for (const [version, count] of [
      ['v1.36.3', 242],
      ['v1.37.2', 267],
    ] as const) {
      const rows = studyRows(version)
      expect(rows).toHaveLength(count)
      for (const row of rows) {
        expect(row).toMatchObject({ outcome: 'passed', failure: '', pods_reached: row['pods_expected'] })
      }
    }
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
