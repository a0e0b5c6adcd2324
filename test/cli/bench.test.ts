import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommandLine } from '../../src/cli/command-line.ts'
import { perfConfig } from '../benchmark/perf-folder.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'

const WORK = '- {opcode: createNodes, count: 2}\n- {opcode: createPods, count: 5, collectMetrics: true}'

async function perf(...argv: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const status = await runCommandLine(['bench', 'scheduler-perf', ...argv], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    isTerminal: false,
  })
  return { status, out, err }
}

describe('bench scheduler-perf', () => {
  it('prints a table and writes the results', async () => {
    const directory = path.join(temporaryDirectory(), 'out')
    const config = perfConfig(WORK)
    const { status, out, err } = await perf(
      '--config',
      path.dirname(config),
      '--labels',
      'short',
      '--out',
      directory,
    )
    expect(status).toBe(0)
    expect(err).toBe('1/1 topic/Case/small\n')
    expect(out).toContain('topic/Case/small  passed')
    expect(out).toContain('1 of 1 workloads ended with the expected number of pods')
    expect(readdirSync(directory).sort()).toEqual([
      'data-items.csv',
      'data-items.json',
      'manifest.json',
      'workloads.csv',
    ])
    const manifest = JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8')) as object
    const digests = { [path.basename(path.dirname(config))]: expect.stringMatching(/^[0-9a-f]{64}$/) }
    expect(manifest).toMatchObject({ seed: '1', interrupted: false, digests, rows: { 'workloads.csv': 1 } })
    const [header, row] = readFileSync(path.join(directory, 'workloads.csv'), 'utf8').split('\n')
    expect(header).toMatch(
      /^topic,test_case,workload,labels,outcome,failure,nodes,pods_expected,pods_reached/,
    )
    expect(row).toMatch(/^topic,Case,small,short,passed,,2,5,5,5,0,0,5,/)
  })

  it("prints scheduler_perf's JSON, simulated and processor time apart", async () => {
    const { status, out, err } = await perf('--config', perfConfig(WORK), '--json', '--quiet')
    expect({ status, err }).toEqual({ status: 0, err: '' })
    const { version, dataItems } = JSON.parse(out) as {
      version: string
      dataItems: { data: Record<string, number>; unit: string; labels: Record<string, string> }[]
    }
    expect(version).toBe('v1')
    expect(dataItems[0]).toEqual({
      data: { Average: 1250, Perc50: 1250, Perc90: 1250, Perc95: 1250, Perc99: 1250 },
      unit: 'pods/s',
      labels: { Metric: 'SchedulingThroughput', Name: 'Case/small/namespace-1', Time: 'virtual' },
    })
    expect(dataItems.map(({ labels }) => labels['Time'])).toContain('cpu')
  })

  it('replaces the results of an earlier run only when it may', async () => {
    const directory = path.join(temporaryDirectory(), 'out')
    const flags = ['--config', perfConfig(WORK), '--quiet', '--out', directory]
    expect((await perf(...flags)).status).toBe(0)
    const { status, err } = await perf(...flags)
    expect(status).toBe(2)
    expect(err).toContain(`${directory}: exists already`)
    expect(err).toContain('--force to replace the reports in it')
    expect((await perf(...flags, '--force')).status).toBe(0)
  })

  it('ends with 1 when pods are missing and says which', async () => {
    const config = perfConfig('- {opcode: createPods, count: 1}')
    const { status, out } = await perf('--config', config)
    expect(status).toBe(1)
    expect(out).toContain(
      'Case/small: op 0 (createPods): 0 of 1 pods in namespace namespace-0 were scheduled',
    )
  })

  it('lists the chosen workloads', async () => {
    expect(await perf('--config', perfConfig(WORK), '--list')).toEqual({
      status: 0,
      out: 'topic/Case/small  [short]\n',
      err: '',
    })
  })

  it.each([
    [['--config', '/nowhere'], '/nowhere: cannot be read (is the path right?)\n'],
    [['--config', perfConfigNow, '--name', 'x('], '--name: "x(" is no regular expression\n'],
    [['--config', perfConfigNow, '--cycle-time', '0s'], '--cycle-time: is 0 (expected a time such as 1ms)\n'],
    [
      ['--config', perfConfigNow, '--labels', 'long'],
      '--labels: no workload has these labels and this name\n',
    ],
  ])('refuses %j', async (argv, message) => {
    const words = argv.map((word) => (typeof word === 'string' ? word : word()))
    const { status, err } = await perf(...words, '--quiet')
    expect({ status, err }).toEqual({ status: 2, err: message })
  })
})

function perfConfigNow(): string {
  return perfConfig(WORK)
}
