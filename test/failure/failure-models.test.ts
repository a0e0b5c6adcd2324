import { describe, expect, it } from 'vitest'
import { DAY, HOUR, SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { startNodeCrashes } from '../../src/failure/node-crash.ts'
import { startOutages } from '../../src/failure/outage.ts'
import type { Outage } from '../../src/failure/outage.ts'
import { tracedOutages } from '../../src/failure/traced-outages.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Watched {
  readonly cluster: TestCluster
  readonly log: FailureLog
  readonly nodes: readonly { readonly row: NodeRow; readonly name: string }[]
}

function watched(count: number, seed = 1): Watched {
  const cluster = new TestCluster({ seed })
  const nodes = Array.from({ length: count }, (_, i) => ({ row: cluster.addNode(`n${i}`), name: `n${i}` }))
  return { cluster, log: new FailureLog(cluster.sim, cluster.machines), nodes }
}

/** The failures as `model nodes from-to`, in seconds; open ones end in `…`. */
function lines({ log }: Watched): string[] {
  return log.records.map(({ id, model, nodes, startedAt, endedAt }) => {
    const end = endedAt === undefined ? '…' : String(endedAt / SECOND)
    return `${id} ${model} [${nodes.join(' ')}] ${startedAt / SECOND}-${end}`
  })
}

describe('the failure log', () => {
  it('keeps failures in order, and machines down while one of them lasts', () => {
    const test = watched(3)
    const { cluster, log } = test
    const [a, b, c] = test.nodes.map(({ row }) => row)
    if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes')
    const up = (): boolean[] => [a, b, c].map((row) => cluster.machines.isUp(row))
    cluster.runTo(1)
    const first = log.begin('zone-outage', { nodes: [a, b] })
    cluster.runTo(2)
    const second = log.begin('node-crash', { nodes: [b] })
    expect(up()).toEqual([false, false, true])
    cluster.runTo(3)
    log.end(first)
    expect(up()).toEqual([true, false, true])
    expect(lines(test)).toEqual(['1 zone-outage [0 1] 1-3', '2 node-crash [1] 2-…'])
    cluster.runTo(4)
    log.end(second)
    expect(up()).toEqual([true, true, true])
    expect(lines(test)[1]).toBe('2 node-crash [1] 2-4')
  })
})

describe('node crashes', () => {
  it('may have come before the run: nodes are somewhere in their lives then, or down', () => {
    const down: number[] = []
    for (const age of [95, 105, 175]) {
      const test = watched(1)
      const options = { timeBetweenFailures: () => 100 * SECOND, repair: () => 50 * SECOND }
      startNodeCrashes(test.cluster.sim, test.log, test.nodes, { ...options, age: age * SECOND })
      test.cluster.runTo(200)
      down.push(...test.log.records.map(({ startedAt }) => Math.round(startedAt / SECOND)))
      const ends = test.log.records.flatMap(({ endedAt = 0 }) => Math.round(endedAt / SECOND))
      // 95 s old: 5 s to go; 105 s: down since 5 s, for another 45; 175 s: new for 25 s.
      expect(ends[0]).toBe({ 95: 55, 105: 45, 175: 125 }[age])
    }
    expect(down).toEqual([5, 155, 0, 145, 75])
  })

  it('alternate with repairs, on each node for itself', () => {
    const test = watched(2)
    startNodeCrashes(test.cluster.sim, test.log, test.nodes, {
      timeBetweenFailures: () => 100 * SECOND,
      repair: () => 10 * SECOND,
    })
    test.cluster.runTo(215)
    expect(lines(test)).toEqual([
      '1 node-crash [0] 100-110',
      '2 node-crash [1] 100-110',
      '3 node-crash [0] 210-…',
      '4 node-crash [1] 210-…',
    ])
  })

  it('are down for the share of time that the means say', () => {
    const test = watched(50)
    startNodeCrashes(test.cluster.sim, test.log, test.nodes, {
      timeBetweenFailures: (stream) => stream.exponential(9 * HOUR),
      repair: (stream) => stream.exponential(HOUR),
    })
    const span = 60 * DAY
    test.cluster.sim.run(span)
    let down = 0
    for (const { startedAt, endedAt } of test.log.records) down += (endedAt ?? span) - startedAt
    expect(down / span / 50).toBeCloseTo(0.1, 2)
    expect(test.log.records.every(({ startedAt }) => Number.isInteger(startedAt))).toBe(true)
  })

  it('of a node are moved by nothing but its own name and the seed', () => {
    const crashesOf = (count: number, seed: number): number[] => {
      const test = watched(count, seed)
      startNodeCrashes(test.cluster.sim, test.log, test.nodes, {
        timeBetweenFailures: (stream) => stream.weibull(0.7, 5 * HOUR),
        repair: (stream) => stream.lognormal(Math.log(HOUR), 1),
      })
      test.cluster.sim.run(10 * DAY)
      return test.log.records.filter(({ nodes }) => nodes[0] === 0).map(({ startedAt }) => startedAt)
    }
    const alone = crashesOf(1, 3)
    expect(alone.length).toBeGreaterThan(10)
    expect(crashesOf(4, 3)).toEqual(alone)
    expect(crashesOf(1, 4)).not.toEqual(alone)
  })
})

describe('outages', () => {
  it('take their machines down and up again, and may overlap', () => {
    const test = watched(3)
    const [a, b, c] = test.nodes.map(({ row }) => row) as [NodeRow, NodeRow, NodeRow]
    const outages: Outage[] = [
      { model: 'zone-outage', nodes: [a, b], at: 100 * SECOND, span: 50 * SECOND },
      { model: 'trace', nodes: [b, c], at: 120 * SECOND, span: 100 * SECOND },
      { model: 'trace', nodes: [a], at: 120 * SECOND, span: 0 },
    ]
    startOutages(test.cluster.sim, test.log, 'test', outages.values())
    const states: string[] = []
    test.cluster.machines.observe(({ row, up, at }) =>
      states.push(`${at / SECOND} ${row} ${up ? 'up' : 'down'}`),
    )
    test.cluster.runTo(500)
    expect(lines(test)).toEqual([
      '1 zone-outage [0 1] 100-150',
      '2 trace [1 2] 120-220',
      '3 trace [0] 120-120.000001',
    ])
    expect(states).toEqual(['100 0 down', '100 1 down', '120 2 down', '150 0 up', '220 1 up', '220 2 up'])
    expect(test.cluster.sim.pending).toBe(0)
  })
})

describe('outages of a trace', () => {
  const rows = [3, 5, 8].map((row) => row as NodeRow)
  const setting = (timeScale: number): Parameters<typeof tracedOutages>[2] => ({
    timeScale,
    stream: watched(1).cluster.sim.random.stream('test'),
  })

  it('hit node k mod N, at scaled times', () => {
    const failures = [
      { machine: 0, share: undefined, at: 0, span: 10 },
      { machine: 4, share: undefined, at: 7, span: 20 },
      { machine: 5, share: undefined, at: 9, span: 30 },
    ]
    expect([...tracedOutages(failures, rows, setting(0.5))]).toEqual([
      { model: 'trace', nodes: [3], at: 0, span: 5 },
      { model: 'trace', nodes: [5], at: 4, span: 10 },
      { model: 'trace', nodes: [8], at: 5, span: 15 },
    ])
  })

  it('hit a share of the nodes, drawn without repetition, one at least', () => {
    const many = Array.from({ length: 40 }, (_, i) => i as NodeRow)
    const failures = Array.from({ length: 400 }, (_, i) => ({
      machine: undefined,
      share: (i % 5) / 4,
      at: i,
      span: 1,
    }))
    const outages = [...tracedOutages(failures, many, setting(1))]
    const hits = new Map<NodeRow, number>()
    outages.forEach(({ nodes }, i) => {
      expect(nodes.length).toBe(Math.max(1, ((i % 5) / 4) * 40))
      expect(new Set(nodes).size).toBe(nodes.length)
      expect(nodes).toEqual(nodes.toSorted((one, other) => one - other))
      for (const node of nodes) hits.set(node, (hits.get(node) ?? 0) + 1)
    })
    expect(hits.size).toBe(40)
    expect(Math.min(...hits.values())).toBeGreaterThan(150)
    expect(Math.max(...hits.values())).toBeLessThan(260)
  })

  it('are none without nodes', () => {
    expect([...tracedOutages([{ machine: 0, share: undefined, at: 0, span: 1 }], [], setting(1))]).toEqual([])
  })
})
