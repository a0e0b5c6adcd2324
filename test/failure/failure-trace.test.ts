import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/base/time.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { readFailureTrace } from '../../src/failure/failure-trace.ts'
import type { FailureTraceFormat } from '../../src/failure/failure-rows.ts'
import { startOutages } from '../../src/failure/outage.ts'
import { tracedOutages } from '../../src/failure/traced-outages.ts'
import { TestCluster } from '../node/test-cluster.ts'
import { hasShared, shared } from '../shared-data.ts'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'stowage-failures-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, content: string | Buffer): string {
  const place = path.join(directory, name)
  writeFileSync(place, content)
  return place
}

const LANL_HEADER = `System,${'x,'.repeat(24)}Same Event`
function lanlRow(system: string, node: string, started: string, fixed: string): string {
  const machine = `${system},cluster,49,6152,80,${node},${node},5-Apr,5-Jun,current,part,80,1,1,0`
  return `${machine},"graphics, ""fe""",${started},${fixed},6,,,,,,,No`
}

const GRID_HEADER = '# event_id component_id node_id platform_id node_name event_type start stop reason'
const OPENDC_HEADER = 'trace,failure_interval_ms,failure_duration_ms,failure_intensity'

describe('a trace of Los Alamos', () => {
  it('gives failures from their start to their repair, in order of time', () => {
    const rows = [
      lanlRow('2', '7', '6/21/2005 10:54', '6/21/2005 11:00'),
      lanlRow('2', '0', '12/31/2004 23:30', '1/1/2005 0:30'),
      lanlRow('3', '7', '6/21/2005 10:54', '6/22/2005 10:54'),
      lanlRow('2', '7', '', '6/22/2005 10:54'),
      lanlRow('2', '7', '6/22/2005 10:54', '6/22/2005 10:54'),
    ]
    const trace = readFailureTrace(file('a.csv', `${[LANL_HEADER, ...rows].join('\r\n')}\r\n`), 'lanl')
    const later = (171 * 24 + 11) * HOUR + 24 * MINUTE
    expect(trace.failures).toEqual([
      { machine: 1, share: undefined, at: 0, span: HOUR },
      { machine: 0, share: undefined, at: later, span: 6 * MINUTE },
      { machine: 2, share: undefined, at: later, span: 24 * HOUR },
    ])
    expect(trace.machines).toBe(3)
    expect([...trace.skipped]).toEqual([
      ['no start or end', 1],
      ['ends before it starts', 1],
    ])
  })
})

it('can be of one system of a trace alone: its machines and its first failure count anew', () => {
  const rows = [
    lanlRow('2', '0', '12/31/2004 23:30', '1/1/2005 0:30'),
    lanlRow('3', '7', '6/21/2005 10:54', '6/22/2005 10:54'),
  ]
  const place = file('systems.csv', [LANL_HEADER, ...rows].join('\n'))
  const trace = readFailureTrace(place, 'lanl', '3')
  expect(trace.failures).toEqual([{ machine: 0, share: undefined, at: 0, span: 24 * HOUR }])
  expect(trace.machines).toBe(1)
  expect(() => readFailureTrace(place, 'lanl', '4')).toThrow(`${place}: has no system 4 (it has 2, 3)`)
})

describe("a trace of Grid'5000", () => {
  it('gives the intervals of unavailability', () => {
    const rows = [
      '  0\t0\t0\t5\tG1/c1/node1\t 0\t1115811139\t1115811200.5\tNULL',
      '  1\t0\t0\t5\tG1/c1/node1\t 1\t1115811200\t1115819999\tNULL',
      '  2\t0\t1\t5\tG1/c1/node2\t 0\t1115811100\t1115811110\tNULL',
    ]
    const trace = readFailureTrace(file('g.tab', [GRID_HEADER, ...rows].join('\n')), 'grid5000')
    expect(trace.failures).toEqual([
      { machine: 1, share: undefined, at: 0, span: 10 * SECOND },
      { machine: 0, share: undefined, at: 39 * SECOND, span: 61.5 * SECOND },
    ])
    expect(trace.skipped.size).toBe(0)
  })
})

describe('a trace of the Cloud Uptime Archive', () => {
  it('gives shares of all hosts, timed from the failure before of the same service; compressed too', () => {
    const rows = ['a,0,1000,0.5', 'a,60000,2000,1', 'b,30000,500,0']
    const content = gzipSync([OPENDC_HEADER, ...rows].join('\n'))
    expect(readFailureTrace(file('o.csv.gz', content), 'opendc').failures).toEqual([
      { machine: undefined, share: 0.5, at: 0, span: SECOND },
      { machine: undefined, share: 0, at: 30 * SECOND, span: SECOND / 2 },
      { machine: undefined, share: 1, at: MINUTE, span: 2 * SECOND },
    ])
  })
})

it.each<[string, FailureTraceFormat, string[], string]>([
  ['columns', 'lanl', [LANL_HEADER, '1,2'], '2: 2 columns; expected 26'],
  [
    'time',
    'lanl',
    [LANL_HEADER, lanlRow('2', '7', 'noon', '6/22/2005 10:54')],
    '2:17: Prob Started: "noon" is no time (expected m/d/yyyy h:mm)',
  ],
  [
    'month',
    'lanl',
    [LANL_HEADER, lanlRow('2', '7', '6/22/2005 10:54', '13/22/2005 10:54')],
    '2:18: Prob Fixed: "13/22/2005 10:54" is no time of any day',
  ],
  ['columns', 'grid5000', [GRID_HEADER, '1 2 3'], '2: 3 columns; expected 9'],
  ['type', 'grid5000', [GRID_HEADER, '0 0 0 5 n 2 1 2 NULL'], '2:6: event_type: "2" is neither 0 nor 1'],
  ['start', 'grid5000', [GRID_HEADER, '0 0 0 5 n 0 x 2 NULL'], '2:7: event_start_time: "x" is no number'],
  ['columns', 'opendc', [OPENDC_HEADER, 'a,1'], '2: 2 columns; expected 4'],
  ['span', 'opendc', [OPENDC_HEADER, 'a,1,,1'], '2:3: failure_duration_ms: "" is no number'],
  ['share', 'opendc', [OPENDC_HEADER, 'a,1,1,1.5'], '2:4: failure_intensity: 1.5 is not from 0 to 1'],
])('names the place of wrong %s in a row of %s', (_, format, rows, problem) => {
  const place = file('bad', rows.join('\n'))
  expect(() => readFailureTrace(place, format)).toThrow(`${place}:${problem}`)
})

it('says what is wrong with a file that cannot be read', () => {
  expect(() => readFailureTrace(path.join(directory, 'none'), 'lanl')).toThrow('none: cannot be read')
  const cut = file('cut.gz', gzipSync('some text that is long enough').subarray(0, 25))
  expect(() => readFailureTrace(cut, 'lanl')).toThrow('cut.gz: the gzip data is cut short or damaged')
})

describe.skipIf(!hasShared)('the published traces', () => {
  it.each<[FailureTraceFormat, string]>([
    ['lanl', 'lanl_failures.csv'],
    ['grid5000', 'grid5000_event_trace.tab'],
    ['opendc', 'cloud_uptime_archive.csv'],
  ])('of %s are read in excerpts, and replayed on ten nodes (shared data)', (format, name) => {
    const trace = readFailureTrace(shared('traces', 'excerpts', name), format)
    expect(trace.failures.length).toBeGreaterThan(40)
    expect(trace.failures[0]?.at).toBe(0)
    const cluster = new TestCluster()
    const nodes = Array.from({ length: 10 }, (_, i) => cluster.addNode(`n${i}`))
    const log = new FailureLog(cluster.sim, cluster.machines)
    const stream = cluster.sim.random.stream('test')
    startOutages(cluster.sim, log, 'test', tracedOutages(trace.failures, nodes, { timeScale: 0.01, stream }))
    cluster.sim.run()
    expect(log.records.length).toBe(trace.failures.length)
    expect(log.records.every(({ startedAt, endedAt }) => endedAt !== undefined && endedAt > startedAt)).toBe(
      true,
    )
    expect(nodes.every((row) => cluster.machines.isUp(row))).toBe(true)
  })

  it('are read whole (shared data)', () => {
    const read = (format: FailureTraceFormat, ...parts: string[]): number[] => {
      const { failures, machines, skipped } = readFailureTrace(shared('traces', 'failures', ...parts), format)
      return [failures.length, machines, [...skipped.values()].reduce((sum, count) => sum + count, 0)]
    }
    expect(read('lanl', 'lanl', 'LA-UR-05-7318-failure-data-1996-2005.csv.gz')).toEqual([23_617, 3549, 122])
    expect(read('grid5000', 'grid5000', 'event_trace.tab.gz')).toEqual([294_127, 1288, 18])
    expect(read('opendc', 'opendc', 'cloud_uptime_archive_all.csv.gz')).toEqual([26_602, 0, 0])
  })
})
