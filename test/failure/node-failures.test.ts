import { describe, expect, it } from 'vitest'

import { DAY, HOUR, SECOND } from '../../src/base/time.ts'
import type { FailureRecord } from '../../src/failure/failure-log.ts'
import { DomainOutages } from '../../src/failure/domain-outage.ts'
import { effectDraw } from '../../src/failure/effect.ts'
import { drawnPart, startNodeGroups } from '../../src/failure/node-group.ts'
import { NodeReplacements } from '../../src/failure/node-replacement.ts'
import { startNodeCrashes } from '../../src/failure/node-crash.ts'
import { startSingleNodes } from '../../src/failure/single-nodes.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import { failureLines, watchedFailures } from './watched-failures.ts'
import type { WatchedFailures } from './watched-failures.ts'

const down = effectDraw({ kind: 'down' })

/** Domains `a`, `b`, … of so many nodes each, that fail and spread. */
function domainOutages(
  test: WatchedFailures,
  count: number,
  options: Partial<ConstructorParameters<typeof DomainOutages>[3]> = {},
): void {
  const size = test.nodes.length / count
  const domains = Array.from({ length: count }, (_, i) => ({
    name: 'abcdefghij'.charAt(i),
    nodes: () => test.nodes.slice(i * size, (i + 1) * size).map(({ row }) => row),
  }))
  new DomainOutages(test.cluster.sim, test.log, domains, {
    ordinal: 0,
    timeBetweenFailures: (stream) => stream.exponential(20 * DAY),
    repair: (stream) => stream.exponential(4 * HOUR),
    part: {},
    effect: down,
    cascade: undefined,
    ...options,
  })
}

function startsOf(records: readonly FailureRecord[], model: string): string[] {
  return records
    .filter((record) => record.model === model)
    .map(({ nodes, startedAt, endedAt }) => `${nodes.join()} ${startedAt}-${endedAt ?? ''}`)
}

describe('single nodes', () => {
  it('become slow as often, and for as long, as the means say, each by factors of its own', () => {
    const test = watchedFailures(40)
    startSingleNodes(test.cluster.sim, test.log, test.nodes, {
      model: 'fail-slow',
      ordinal: 0,
      occurrence: {
        kind: 'recurring',
        timeBetweenFailures: (stream) => stream.exponential(9 * HOUR),
        span: (stream) => stream.exponential(HOUR),
      },
      effect: effectDraw({
        kind: 'slow',
        cpu: (stream) => stream.uniformBetween(0.1, 0.5),
        disk: () => 1,
        network: () => 0.5,
      }),
    })
    test.cluster.sim.run(60 * DAY)
    const { records } = test.log
    // 40 nodes × 60 days / 10 h, within four standard deviations of a Poisson count.
    const expected = (40 * 60 * DAY) / (10 * HOUR)
    expect(Math.abs(records.length - expected)).toBeLessThan(4 * Math.sqrt(expected))
    const cpus = records.map(({ effect }) => (effect.kind === 'slow' ? (effect.speed.cpu ?? 1) : 0))
    const mean = cpus.reduce((sum, cpu) => sum + cpu, 0) / cpus.length
    expect(mean).toBeCloseTo(0.3, 2)
    const slow = records.find(({ endedAt }) => endedAt === undefined)
    const row = slow?.nodes[0]
    if (slow === undefined || row === undefined) throw new Error('none is slow at the end')
    expect(test.cluster.machines.strain.speedOf(row).network).toBe(0.5)
    expect(test.cluster.machines.isUp(row)).toBe(true)
  })

  it('that crash for good are followed by others of their kind, which fail too', () => {
    const test = watchedFailures(2)
    const { cluster, log } = test
    const cloud = new CloudApi(cluster.sim)
    const replacements = new NodeReplacements(cluster.sim, cluster.api, cloud, test.log)
    const add = startNodeCrashes(cluster.sim, log, test.nodes.slice(0, 1), {
      timeBetweenFailures: () => 100 * SECOND,
      replace: (row, replaced) => {
        const how = { after: () => 20 * SECOND, stream: cluster.sim.random.stream('test') }
        replacements.replace(row, how, replaced)
      },
    })
    replacements.onJoinedFor(test.nodes.slice(0, 1), add)
    cluster.runTo(250)
    expect(failureLines(test)).toEqual(['node-crash [0] 100-120', 'node-crash [2] 220-240'])
    expect(cluster.machines.isUp(test.nodes[0]?.row ?? cluster.addNode('none'))).toBe(false)
    const names = [...cluster.api.nodes.list()].map(({ metadata }) => metadata?.name)
    expect(names).toEqual(['n0', 'n1', 'n0-r1', 'n0-r2'])
    const [old, fresh] = ['n0', 'n0-r2'].map((name) => cluster.api.nodes.get(name))
    expect(fresh?.status?.allocatable).toEqual(old?.status?.allocatable)
    expect(fresh?.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
  })

  it('that crash for good are not followed by others where all is down, before the last failure there is over', () => {
    const test = watchedFailures(2)
    const { cluster, log } = test
    const { sim } = cluster
    const replacements = new NodeReplacements(sim, cluster.api, new CloudApi(sim), log)
    startNodeCrashes(sim, log, test.nodes.slice(0, 1), {
      timeBetweenFailures: () => 100 * SECOND,
      replace: (row, replaced) =>
        replacements.replace(row, { after: () => 20 * SECOND, stream: sim.random.stream('test') }, replaced),
    })
    // All nodes; and one that says nothing of where it is.
    const failures = [
      { place: {}, from: 50, until: 200 },
      { place: {}, from: 150, until: 300 },
      { place: { zone: 'other' }, from: 50, until: 500 },
      { place: undefined, from: 50, until: 500 },
    ]
    for (const { place, from, until } of failures) {
      cluster.at(from, () => {
        const record = log.begin('test', { nodes: [], place })
        cluster.at(until, () => log.end(record))
      })
    }
    cluster.runTo(600)
    expect(failureLines(test).find((line) => line.startsWith('node-crash'))).toBe('node-crash [0] 100-300')
  })
})

describe('groups of nodes', () => {
  it('fail at an instant, whole or in part', () => {
    const test = watchedFailures(10)
    const { sim } = test.cluster
    const rows = test.nodes.map(({ row }) => row)
    const occurrence = { kind: 'once', at: 60 * SECOND, span: () => 30 * SECOND } as const
    const group = { name: 'rack 7', nodes: () => rows }
    const common = { model: 'incident', occurrence, effect: effectDraw({ kind: 'cutOff' }) }
    startNodeGroups(sim, test.log, [group], { ...common, ordinal: 0, part: {} })
    startNodeGroups(sim, test.log, [{ ...group, name: '' }], { ...common, ordinal: 1, part: { share: 0.3 } })
    startNodeGroups(sim, test.log, [{ name: 'none', nodes: () => [] }], { ...common, ordinal: 2, part: {} })
    test.cluster.runTo(70)
    expect(test.log.records.map(({ nodes }) => nodes.length)).toEqual([10, 3])
    expect(rows.every((row) => test.cluster.machines.has(row, 'cutOff'))).toBe(true)
    test.cluster.runTo(100)
    expect(failureLines(test)[0]).toBe('incident rack 7 [0 1 2 3 4 5 6 7 8 9] 60-90')
    expect(rows.some((row) => test.cluster.machines.has(row, 'cutOff'))).toBe(false)
  })

  it('are drawn from without replacement, each node as often as another', () => {
    const test = watchedFailures(0)
    const stream = test.cluster.sim.random.stream('test')
    const things = Array.from({ length: 10 }, (_, row) => ({ row }) as { row: never })
    const counts = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 2000; i++) {
      const drawn = drawnPart(things, { count: 4 }, stream)
      expect(new Set(drawn).size).toBe(4)
      for (const { row } of drawn) counts[row] = (counts[row] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(4 * Math.sqrt(800 * 0.6))
    expect(drawnPart(things, { share: 0.01 }, stream)).toHaveLength(1)
    expect(drawnPart(things, {}, stream)).toBe(things)
  })
})

describe('failure domains', () => {
  it('are broken for the share of time that the means say, all of their nodes at once', () => {
    const test = watchedFailures(20)
    domainOutages(test, 10)
    const span = 2000 * DAY
    test.cluster.sim.run(span)
    const { records } = test.log
    const expected = (10 * span) / (20 * DAY + 4 * HOUR)
    expect(Math.abs(records.length - expected)).toBeLessThan(4 * Math.sqrt(expected))
    expect(records.every(({ nodes }) => nodes.length === 2)).toBe(true)
    let broken = 0
    for (const { startedAt, endedAt } of records) broken += (endedAt ?? span) - startedAt
    expect(broken / span / 10).toBeCloseTo(4 / 484, 3)
  })

  it('take others with them as often as is said, and these again others, without moving a failure', () => {
    const alone = watchedFailures(20, 5)
    domainOutages(alone, 10)
    alone.cluster.sim.run(2000 * DAY)
    const spreading = watchedFailures(20, 5)
    domainOutages(spreading, 10, { cascade: { probability: 0.4, delay: () => 60 * SECOND, to: 'any' } })
    spreading.cluster.sim.run(2000 * DAY)
    const { records } = spreading.log
    const own = records.filter(({ target }) => !target.includes(' after '))
    const expected = startsOf(alone.log.records, 'domain-outage')
    expect(startsOf(own, 'domain-outage')).toEqual(expected)
    // A failure has 0.4 + 0.4² + … = 2/3 of one in its train.
    const taken = records.length - own.length
    expect(taken / own.length).toBeGreaterThan(0.55)
    expect(taken / own.length).toBeLessThan(0.78)
  })

  it('take the next whole one in order of names, until all are broken', () => {
    const test = watchedFailures(4)
    domainOutages(test, 4, {
      timeBetweenFailures: (stream) =>
        stream === test.cluster.sim.random.stream('failure/domain-outage/0/c') ? 10 * SECOND : DAY,
      repair: () => 100 * SECOND,
      cascade: { probability: 1, delay: () => 5 * SECOND, to: 'next' },
    })
    test.cluster.runTo(40)
    expect(failureLines(test)).toEqual([
      'domain-outage c [2] 10-…',
      'domain-outage d after c [3] 15-…',
      'domain-outage a after d [0] 20-…',
      'domain-outage b after a [1] 25-…',
    ])
    test.cluster.runTo(116)
    expect(test.nodes.map(({ row }) => test.cluster.machines.isUp(row))).toEqual([false, false, true, true])
  })
})

describe('models together', () => {
  it('move nothing of each other, and overlap on a node', () => {
    const crashes = (test: WatchedFailures): void => {
      startNodeCrashes(test.cluster.sim, test.log, test.nodes, {
        timeBetweenFailures: (stream) => stream.weibull(0.7, 20 * HOUR),
        repair: (stream) => stream.lognormal(Math.log(2 * HOUR), 1),
      })
    }
    const alone = watchedFailures(10)
    crashes(alone)
    alone.cluster.sim.run(30 * DAY)
    const all = watchedFailures(10)
    domainOutages(all, 5, { timeBetweenFailures: (stream) => stream.exponential(DAY) })
    crashes(all)
    startNodeCrashes(all.cluster.sim, all.log, all.nodes, {
      timeBetweenFailures: (stream) => stream.exponential(DAY),
      repair: () => HOUR,
      ordinal: 1,
    })
    all.cluster.sim.run(30 * DAY)
    const expected = startsOf(alone.log.records, 'node-crash')
    const found = new Set(startsOf(all.log.records, 'node-crash'))
    expect(expected.length).toBeGreaterThan(100)
    expect(expected.filter((line) => !found.has(line))).toEqual([])
    const lasting = all.log.records.filter(({ endedAt }) => endedAt === undefined)
    const broken = new Set(lasting.flatMap(({ nodes }) => nodes))
    for (const { row } of all.nodes) expect(all.cluster.machines.isUp(row)).toBe(!broken.has(row))
  })
})
