import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { withOutputs } from '../../scripts/example-outputs.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const EXAMPLE = ['docs/examples/failures.tab', '--format', 'grid5000'] as const

interface FitOutput {
  readonly systems: readonly {
    readonly system: string
    readonly records: number
    readonly perYear: number
    readonly machineHoursPerFailure: number
    readonly repair: { readonly mean: number }
  }[]
  readonly failures: readonly unknown[]
}

async function fit(...argv: readonly string[]): Promise<FitOutput> {
  const { out } = await stowage('trace', 'fit', ...argv, '--json')
  return JSON.parse(out) as FitOutput
}

describe('stowage trace fit', () => {
  it('prints what the page shows', async () => {
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/failure-traces.md'), 'utf8')
    expect(page.match(/```console/g)?.length).toBe(1)
    expect(await withOutputs(page)).toBe(page)
  })

  it('writes a scenario that runs, with the part that it prints', async () => {
    const out = path.join(folder, 'fitted.yaml')
    const { status, err } = await stowage('trace', 'fit', ...EXAMPLE, '--out', out)
    expect([status, err]).toEqual([0, `wrote ${out}\n`])
    const { failures } = await fit(...EXAMPLE)
    const scenario = loadScenario({ file: out, overrides: [] })
    expect(scenario.failures.map(({ kind }) => kind)).toEqual(['nodeCrash'])
    expect(readFileSync(out, 'utf8')).toContain('count: 5')
    expect(failures).toHaveLength(1)
    const reports = path.join(folder, 'reports')
    const run = await stowage('run', out, '--quiet', '--out', reports, '--set', 'spec.until=60d')
    expect(run.status).toBe(0)
    expect(readFileSync(path.join(reports, 'failures.csv'), 'utf8').split('\n').length).toBeGreaterThan(4)
  })

  it('says in the scenario how to make it again, and what its age is', async () => {
    const out = path.join(folder, 'made.yaml')
    const again = path.join(folder, 'made-again.yaml')
    const systems = ['--system', 'one cluster', '--system', 'other']
    const rows = ['one cluster', 'other'].flatMap((system) =>
      Array.from(
        { length: 30 },
        (_, i) => `${system},${3_600_000 * (1 + (i % 5))},${60_000 * (1 + (i % 3))},0.25`,
      ),
    )
    const trace = file('systems.csv', `service,interval,duration,intensity\n${rows.join('\n')}\n`)
    await stowage('trace', 'fit', trace, '--format', 'opendc', ...systems, '--between', 'gamma', '--out', out)
    const text = readFileSync(out, 'utf8')
    const [, command = ''] = /^# Fitted by: stowage (.*)$/m.exec(text) ?? []
    expect(command).toBe(
      `trace fit ${trace} --format opendc --system 'one cluster' --system other --between gamma`,
    )
    const words = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''))
    await stowage(...words, '--out', again)
    expect(readFileSync(again, 'utf8')).toBe(text)
    expect(text).toMatch(/^ +age: \d+d # how long nodes have run when a run starts/m)
  })

  it('draws failures that can be read and fitted again, the same for a seed', async () => {
    const drawn = async (name: string, seed: string): Promise<string> => {
      const out = path.join(folder, name)
      await stowage('trace', 'fit', ...EXAMPLE, '--generate', out, '--years', '50', '--seed', seed)
      return readFileSync(out, 'utf8')
    }
    const one = await drawn('one.tab', '1')
    expect(await drawn('again.tab', '1')).toBe(one)
    expect(await drawn('two.tab', '2')).not.toBe(one)
    const [original] = (await fit(...EXAMPLE)).systems
    const [again] = (await fit(path.join(folder, 'one.tab'), '--format', 'grid5000')).systems
    expect(again?.records).toBe(one.trim().split('\n').length - 1)
    expect(Math.abs((again?.perYear ?? 0) / (original?.perYear ?? 1) - 1)).toBeLessThan(0.1)
    expect(Math.abs((again?.repair.mean ?? 0) / (original?.repair.mean ?? 1) - 1)).toBeLessThan(0.15)
  })

  it('takes the families that it is told to', async () => {
    const { failures } = await fit(...EXAMPLE, '--between', 'gamma', '--repair', 'exponential')
    expect(Object.keys(Object(failures[0]).nodeCrash.timeBetweenFailures)).toEqual(['gamma'])
    expect(Object.keys(Object(failures[0]).nodeCrash.repair)).toEqual(['exponential'])
  })

  it('fits shares of machines too: a node fails as often as it is hit', async () => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => `svc,${3_600_000 * (1 + (i % 5))},${60_000 * (1 + (i % 3))},0.25`,
    )
    const place = file('cloud.csv', ['trace,interval,duration,intensity', ...rows].join('\n'))
    const { systems, failures } = await fit(place, '--format', 'opendc')
    const [service] = systems
    const hours = (8766 / (service?.perYear ?? 1)) * 4
    expect(service?.machineHoursPerFailure).toBeCloseTo(hours, 6)
    expect(failures).toHaveLength(1)
  })
})

describe('stowage trace fit says what is wrong', () => {
  it('with the system, the file and the flags', async () => {
    const wrong = async (...argv: readonly string[]): Promise<string> => {
      const { status, err } = await stowage('trace', 'fit', ...argv)
      expect(status).toBe(2)
      return err
    }
    expect(await wrong(...EXAMPLE, '--system', '9')).toContain('has no system 9 (it has generated/23)')
    expect(await wrong('docs/examples/failures.tab')).toContain('--format')
    expect(await wrong(path.join(folder, 'none'), '--format', 'lanl')).toContain('cannot be read')
    expect(await wrong(file('empty.tab', ''), '--format', 'grid5000')).toContain('there is no failure in it')
    expect(await wrong(...EXAMPLE, '--years', '0')).toContain('--years: is "0"')
    const taken = path.join(folder, 'taken.yaml')
    writeFileSync(taken, '')
    expect(await wrong(...EXAMPLE, '--out', taken)).toContain('exists already')
  })

  it('when too little failed for a model', async () => {
    const single = file('single.tab', '0 0 0 5 G/s/n 0 1 2 NULL')
    const { out, status } = await stowage('trace', 'fit', single, '--format', 'grid5000')
    expect([status, out.trim().split('\n').at(-1)]).toEqual([
      0,
      'Too little failed for a part of a scenario.',
    ])
    const { err } = await stowage(
      'trace',
      'fit',
      single,
      '--format',
      'grid5000',
      '--out',
      path.join(folder, 'x'),
    )
    expect(err).toContain('too little failed')
  })
})
