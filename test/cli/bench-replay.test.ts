import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { ReplayFigures } from '../../src/benchmark/replay.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SIZE = ['--nodes', '20', '--pods', '1500']

function text(...parts: string[]): string {
  return readFileSync(path.join(folder, ...parts), 'utf8')
}

async function figures(...argv: readonly string[]): Promise<ReplayFigures & { check: unknown }> {
  const { status, out, err } = await stowage('bench', 'replay', '--json', ...argv)
  expect({ status, err }).toEqual({ status: 0, err: '' })
  return JSON.parse(out) as ReplayFigures & { check: unknown }
}

describe('bench replay', () => {
  it('does the work, says what it cost, and compares a sample with the definition', async () => {
    const measured = await figures(...SIZE)
    expect(measured).toMatchObject({
      ...{ nodes: 20, pods: 1500, shapes: 'all', seed: 1, trace: null },
      ...{ podsSubmitted: 1500, podsBound: 1500, podsFinished: 1500 },
      check: { nodes: 20, pods: 1000, equal: true },
    })
    const { cpuSeconds, decisions, events, phases, peakRssBytes } = measured
    expect(decisions).toBeGreaterThanOrEqual(1500)
    expect(events).toBeGreaterThan(3 * 1500)
    expect(peakRssBytes).toBeGreaterThan(2 ** 24)
    expect(measured.podsPerCpuSecond).toBeCloseTo(1500 / cpuSeconds)
    expect(measured.decisionsPerCpuSecond).toBeCloseTo(decisions / cpuSeconds)
    const sum = Object.values(phases ?? {}).reduce((total, seconds) => total + seconds, 0)
    expect(sum).toBeCloseTo(cpuSeconds, 6)
    expect(phases?.scheduling).toBeGreaterThan(0)
  })

  it('is the same work with the same seed, and another with another', async () => {
    const quick = ['--no-check', '--no-phases', '--shapes', '10']
    const one = await figures(...SIZE, ...quick)
    expect(one).toMatchObject({ phases: null, check: null, shapes: 10 })
    expect((await figures(...SIZE, ...quick)).eventDigest).toBe(one.eventDigest)
    expect((await figures(...SIZE, ...quick, '--seed', '2')).eventDigest).not.toBe(one.eventDigest)
  })

  it('writes its work as a trace, which replays and runs to the same rows', async () => {
    const work = path.join(folder, 'work.csv')
    expect(await stowage('bench', 'replay', ...SIZE, '--write', work)).toMatchObject({ status: 0, out: '' })
    const made = await figures(...SIZE, '--no-check', '--out', path.join(folder, 'made'))
    const read = await figures('--nodes', '20', '--trace', work, '--out', path.join(folder, 'read'))
    const ran = ['run', '--trace', work, '--format', 'csv', '--nodes', '20x64:256Gi:110', '--quiet']
    expect((await stowage(...ran, '--out', path.join(folder, 'ran'))).status).toBe(0)
    expect(read).toMatchObject({ eventDigest: made.eventDigest, check: { equal: true }, podsFinished: 1500 })
    for (const name of ['pods.csv', 'summary.csv', 'timeseries.csv']) {
      expect(text('read', name)).toBe(text('made', name))
      expect(text('ran', name)).toBe(text('made', name))
    }
  })

  it('prints a table, and draws where the time went', async () => {
    const flame = path.join(folder, 'flame.svg')
    // Long enough for a sampling profiler to meet every component, on a machine with other work, too.
    const size = ['--nodes', '100', '--pods', '20000']
    const { status, out } = await stowage('bench', 'replay', ...size, '--no-check', '--flame', flame)
    expect(status).toBe(0)
    expect(out).toMatch(/pods finished +20,000\n/)
    expect(out).toMatch(/sample +not compared/)
    expect(out).toMatch(/COMPONENT +PART +CPU S +SHARE/)
    expect(out).toMatch(/^ {2}scheduling /m)
    expect(text('flame.svg')).toMatch(/^<svg [^]*<\/svg>\n$/)
  })

  it('fails when pods do not finish', async () => {
    const trace = file('large.csv', 'arrival_s,duration_s,cpu_milli,mem_mib\n0,10,100,128\n0,10,99000,128\n')
    const { status, err } = await stowage('bench', 'replay', '--nodes', '2', '--trace', trace, '--json')
    expect(status).toBe(1)
    expect(err).toMatch(/^(?:warning: .*\n)*failed: 1 of 2 pods were bound\nfailed: 1 of 2 pods finished\n$/)
  })

  it.each([
    [['--nodes', '0'], '--nodes: is "0" (expected a whole number from 1 to 1,000,000)\n'],
    [['--pods', 'many'], '--pods: is "many" (expected a whole number from 1 to 1,000,000,000)\n'],
    [['--shapes', '0'], '--shapes: is "0" (expected a whole number from 1 to 1,000,000)\n'],
    [['--seed', '4294967296'], '--seed: is 4294967296 (expected at most 4294967295)\n'],
    [['--flame', 'x.svg', '--no-phases'], '--flame: needs the phases (leave --no-phases out)\n'],
    [['--trace', 'x.csv', '--write', 'y.csv'], '--write: writes generated work (leave --trace out)\n'],
    [['--trace', '/nowhere.csv'], '/nowhere.csv: cannot be read (is the path right?)\n'],
    [
      ['--write', 'package.json'],
      'package.json: exists already (give another name, or --force to replace it)\n',
    ],
    [['--out', 'src'], 'src: exists already (give another --out, or --force to replace the reports in it)\n'],
  ])('refuses %j', async (argv, message) => {
    const { status, err } = await stowage('bench', 'replay', '--pods', '10', ...argv)
    expect({ status, err }).toEqual({ status: 2, err: message })
  })
})

describe('run --profile-cost', () => {
  const RUN = ['run', 'docs/examples/run.yaml']

  it('says where the time went, beside reports that are the same bytes', async () => {
    const [plain, told] = [path.join(folder, 'plain'), path.join(folder, 'told')]
    expect((await stowage(...RUN, '--quiet', '--out', plain)).status).toBe(0)
    const { status, out } = await stowage(...RUN, '--profile-cost', '--out', told)
    expect(status).toBe(0)
    expect(out).toMatch(/real time \(\d+ samples of [\d.]+ CPU seconds/)
    expect(out).toMatch(/COMPONENT +PART +CPU S +SHARE/)
    const names = readdirSync(plain)
    expect(readdirSync(told)).toEqual(expect.arrayContaining([...names, 'cost.csv', 'cost.svg']))
    for (const name of names.filter((one) => one !== 'manifest.json')) {
      expect(text('told', name)).toBe(text('plain', name))
    }
    expect(text('told', 'cost.csv')).toMatch(
      /^component,part,cpu_s,share\n(\w+,[\w ().-]+,[\d.]+,[\d.]+\n)+$/,
    )
    await stowage(...RUN, '--quiet', '--force', '--out', told)
    expect(readdirSync(told)).not.toContain('cost.csv')
  })
})
