import { describe, expect, it } from 'vitest'

import { runReport, runView } from '../../../../src/report/page/build/run-view.ts'
import { unpackColumn } from '../../../../src/report/page/packed-column.ts'
import type { PackedColumn } from '../../../../src/report/page/report-data.ts'
import { inlineJson } from '../../../../src/report/page/page-html.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeMadeRun, writeRun, writeTable } from './made-run.ts'

function numbers(column: PackedColumn | undefined): number[] {
  return column === undefined ? [] : [...unpackColumn(column)]
}

function madeView(): ReturnType<typeof runView> {
  const directory = temporaryDirectory()
  writeMadeRun(directory)
  return runView(directory)
}

const NEVER = Number.POSITIVE_INFINITY

describe('what a page is given of a made run', () => {
  it('has its name, facts and end', async () => {
    const { name, end, interrupted, facts } = await madeView()
    expect({ name, end, interrupted }).toEqual({ name: 'made', end: 100, interrupted: false })
    expect(facts).toEqual([
      ['command', 'stowage run made.yaml'],
      ['seed', '7'],
      ['simulated time', '1m40s'],
      ['stowage', '1.2.3'],
    ])
  })

  it('has the greatest share of each node and span, and says where there was none', async () => {
    const { heat } = await madeView()
    expect(heat).toMatchObject({ nodes: ['a', 'b'], nodesPerRow: 1, spans: 240 })
    const span = (at: number): number => Math.floor(at / (heat?.spanSeconds ?? 1))
    const cpu = numbers(heat?.resources.find(({ name }) => name === 'cpu')?.cells)
    const [a, b] = [cpu.slice(0, 240), cpu.slice(240)]
    // 0.5, then both pods ask for more than there is, then 0.6.
    expect([a[0], a[span(19)], a[span(25)], a[span(35)], a[239]]).toEqual([100, 100, 201, 120, 120])
    // Nothing, 0.25, down, nothing, gone.
    expect([b[0], b[span(20)], b[span(50)], b[span(70)], b[span(90)]]).toEqual([0, 50, 254, 0, 255])
    expect(heat?.resources.map(({ name }) => name)).toEqual(['cpu', 'memory', 'pods'])
  })

  it('has a row for each pod, in order of binding, those that never had a node last', async () => {
    const { player } = await madeView()
    expect(player?.names).toEqual(['web-5d9-1', 'task-2', 'task-3', 'task-4'])
    expect(player?.podCount).toBe(4)
    expect(numbers(player?.node).map((node) => player?.nodes[node]?.name)).toEqual(['a', 'b', 'a', undefined])
    expect(numbers(player?.createdAt)).toEqual([0, 4, 20, 45])
    expect(numbers(player?.boundAt)).toEqual([0, 10, 20, NEVER])
    expect(numbers(player?.runningAt)).toEqual([1, NEVER, 21.5, NEVER])
    expect(numbers(player?.endedAt)).toEqual([30, 40, NEVER, NEVER])
    expect(numbers(player?.cpuMillicores)).toEqual([500, 250, 600, 900])
    expect(numbers(player?.qos)).toEqual([1, 1, 0, 1])
    expect(numbers(player?.priority).map((index) => player?.priorities[index])).toEqual([0, -5, 0, 0])
    expect(numbers(player?.workload).map((index) => player?.workloads[index])).toEqual([
      'web',
      'task',
      'task',
      'task',
    ])
    expect(numbers(player?.outcome).map((index) => player?.outcomes[index])).toEqual([
      'Deleted',
      'Failed',
      'Running',
      'Pending',
    ])
    expect(player?.nodes[1]).toMatchObject({ name: 'b', to: 80, down: [[40, 60]] })
  })

  it('marks failures, actions, nodes and the control plane on the time axis', async () => {
    expect((await madeView()).markers).toEqual([
      { at: 40, until: 60, kind: 'failure', label: 'node crash: b' },
      { at: 50, kind: 'action', label: 'scale Deployment default/web: 3 replicas' },
      { at: 70, until: 75, kind: 'control-plane', label: 'kube-apiserver: takes no writes' },
      { at: 80, kind: 'scaling', label: 'node removed: b' },
    ])
  })

  it('tells of failures with their steps and what they waited for over all workloads', async () => {
    expect((await madeView()).failures).toEqual([
      {
        id: '1',
        at: 40,
        until: 60,
        label: 'node crash: b',
        podsAffected: 1,
        steps: [['detected', 12]],
        limits: [
          ['detection of silent nodes', 0.75],
          ['capacity', 0.25],
        ],
      },
    ])
  })

  it('has charts with what there is, in words too', async () => {
    const { charts } = await madeView()
    expect(charts.map(({ id, lines }) => [id, lines.map(({ name }) => name)])).toEqual([
      ['utilisation', ['CPU requested']],
      ['pods', ['pending', 'starting', 'running']],
      ['scheduling', ['pods created']],
      ['evictions', ['evictions']],
      ['nodes', ['nodes', 'ready', 'in use']],
      ['scaling', ['pods there', 'running']],
    ])
    expect(charts[0]?.summary).toBe('CPU requested: 25 to 50 %, most at 1m40s.')
    expect(numbers(charts[2]?.lines[0]?.values)).toEqual([expect.closeTo(0.08, 6), 0])
  })

  it('calls pods without a node bad', async () => {
    expect((await madeView()).tiles[0]).toEqual({
      title: 'Pods placed',
      value: '3 of 4',
      words: '1 pod still had no node at the end: stowage explain says why.',
      tone: 'bad',
    })
  })
})

it('makes the same of the same files', async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()]
  for (const directory of [one, other]) writeMadeRun(directory)
  expect(inlineJson(await runReport(one, '1'))).toBe(inlineJson(await runReport(other, '1')))
})

it('leaves out what a run did not leave, and ends no script by a name', async () => {
  const directory = temporaryDirectory()
  const name = '</script><script>alert(1)</script>'
  writeRun(directory, { simulated_s: 10 }, name)
  writeTable(directory, 'events.csv', [
    { time_s: 1, kind: 'Action', object: name, reason: '<!--', message: '"' },
  ])
  const data = await runReport(directory, '1')
  const [run] = data.runs
  expect([run?.heat, run?.player, run?.charts, run?.failures]).toEqual([undefined, undefined, [], []])
  expect(run?.markers[0]?.label).toBe(`<!-- ${name}: "`)
  expect(inlineJson(data)).not.toContain('<')
  expect(JSON.parse(inlineJson(data))).toEqual(JSON.parse(JSON.stringify(data)))
})

it('refuses a directory that is of no run', async () => {
  await expect(runView(temporaryDirectory())).rejects.toThrow('give the directory of a run')
})
