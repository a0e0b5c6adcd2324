import { describe, expect, it } from 'vitest'

import { DAY, HOUR, MINUTE, NEVER, SECOND } from '../../src/base/time.ts'
import { BadRollouts } from '../../src/failure/bad-rollout.ts'
import type { Releases } from '../../src/failure/bad-rollout.ts'
import { MaintenanceWaves } from '../../src/failure/maintenance-waves.ts'
import { PoisonousPods } from '../../src/failure/poisonous-pod.ts'
import { Swarm } from '../../src/failure/swarm.ts'
import { SWARM_KINDS } from '../../src/scenario/failures/swarm.ts'
import type { SwarmKind } from '../../src/scenario/failures/swarm.ts'
import { CloudApi } from '../../src/node/cloud-api.ts'
import { Registries } from '../../src/node/images/registries.ts'
import { NodeShutdown } from '../../src/node/node-shutdown.ts'
import { failureLines, watchedFailures } from './watched-failures.ts'
import type { WatchedFailures } from './watched-failures.ts'

describe('rollouts', () => {
  function releases(): Releases & { readonly done: string[] } {
    const done: string[] = []
    return {
      done,
      name: 'Deployment default/web',
      release: (version, isBad) => done.push(`${version} ${isBad ? 'bad' : 'good'}`) > 0,
      answers: () => true,
      undo: () => done.push('undo'),
    }
  }

  it('of a bad version are undone after a time', () => {
    const test = watchedFailures(0)
    const made = releases()
    new BadRollouts(test.cluster.sim, test.log, made, {
      ordinal: 0,
      at: 60 * SECOND,
      probability: 1,
      undoAfter: () => 90 * SECOND,
    })
    test.cluster.runTo(500)
    expect(made.done).toEqual(['1 bad', 'undo'])
    expect(failureLines(test)).toEqual(['bad-rollout Deployment default/web [] 60-150'])
  })

  it('come again and again, as many of them bad as is said, and end each other', () => {
    const test = watchedFailures(0)
    const made = releases()
    new BadRollouts(test.cluster.sim, test.log, made, {
      ordinal: 0,
      at: { timeBetween: () => HOUR },
      probability: 0.25,
      undoAfter: undefined,
    })
    test.cluster.sim.run(2000 * HOUR)
    const bad = made.done.filter((line) => line.endsWith('bad')).length
    expect(made.done).toHaveLength(2000)
    expect(Math.abs(bad - 500)).toBeLessThan(4 * Math.sqrt(2000 * 0.25 * 0.75))
    const { records } = test.log
    expect(records).toHaveLength(bad)
    expect(records.slice(0, -1).every(({ startedAt, endedAt }) => endedAt === startedAt + HOUR)).toBe(true)
  })
})

describe('poisonous pods', () => {
  it('kill their node each time that they have run so long, until they have had their number of nodes', () => {
    const test = watchedFailures(2)
    const { cluster, log } = test
    const { api, kubelets, machines } = cluster
    new PoisonousPods(
      cluster.sim,
      { api, log, kubelets, machines },
      {
        ordinal: 0,
        isPoisonous: ({ namespace }) => namespace === 'default',
        killsAfter: () => 20 * SECOND,
        repair: () => 30 * SECOND,
        nodesMax: 2,
      },
    )
    const [first] = test.nodes
    if (first === undefined) throw new Error('two nodes')
    cluster.at(5, () => void cluster.createPod({ node: first.row, spec: { restartPolicy: 'Always' } }))
    cluster.runTo(300)
    expect(failureLines(test)).toEqual([
      expect.stringMatching(/^poisonous-pod \S+ \[0\] 25-55$/),
      expect.stringMatching(/^poisonous-pod \S+ \[0\] 75-105$/),
    ])
    expect(test.nodes.every(({ row }) => machines.isUp(row))).toBe(true)
  })
})

describe('maintenance in waves', () => {
  function waves(
    test: WatchedFailures,
    options: Partial<ConstructorParameters<typeof MaintenanceWaves>[2]>,
  ): void {
    const { sim, api, kubelets, machines } = test.cluster
    const shutdown = new NodeShutdown(sim, api, { kubelets, machines })
    new MaintenanceWaves(
      sim,
      { log: test.log, shutdown },
      {
        name: 'maintenance/0',
        nodes: () => test.nodes.map(({ row }) => row),
        first: HOUR,
        next: (after) => after + DAY,
        window: undefined,
        nodesMax: () => 2,
        span: 10 * MINUTE,
        graces: [],
        ...options,
      },
    )
  }

  it('takes so many nodes at a time, the next ones when these are back, and comes again', () => {
    const test = watchedFailures(5)
    waves(test, {})
    test.cluster.sim.run(DAY + 2 * HOUR)
    const lines = failureLines(test)
    expect(lines.slice(0, 5)).toEqual([
      'maintenance [0] 3600-4200',
      'maintenance [1] 3600-4200',
      'maintenance [2] 4200-4800',
      'maintenance [3] 4200-4800',
      'maintenance [4] 4800-5400',
    ])
    expect(lines.slice(5, 6)).toEqual(['maintenance [0] 90000-90600'])
    expect(lines).toHaveLength(10)
  })

  it('leaves for the next window what this one has no time for', () => {
    const test = watchedFailures(5)
    waves(test, { window: 15 * MINUTE, nodesMax: (count) => Math.floor(count / 5) })
    test.cluster.sim.run(3 * DAY)
    expect(failureLines(test)).toEqual([
      'maintenance [0] 3600-4200',
      'maintenance [1] 4200-4800',
      'maintenance [2] 90000-90600',
      'maintenance [3] 90600-91200',
      'maintenance [4] 176400-177000',
    ])
  })
})

describe('a swarm', () => {
  function swarm(
    test: WatchedFailures,
    kinds: readonly SwarmKind[],
    severity = 0.3,
    until = NEVER,
  ): CloudApi {
    const { sim } = test.cluster
    const cloud = new CloudApi(sim)
    const rows = test.nodes.map(({ row }) => row)
    const parts = {
      log: test.log,
      cloud,
      registries: new Registries(),
      nodes: () => rows,
      domains: [{ name: 'a', nodes: () => rows.slice(0, 5) }],
    }
    new Swarm(sim, parts, {
      ordinal: 0,
      timeBetweenFailures: (stream) => stream.exponential(HOUR),
      span: (stream) => stream.exponential(30 * MINUTE),
      kinds,
      severity,
      until,
    })
    return cloud
  }

  it('throws failures of all kinds, as often as is said and no larger, and all of them end', () => {
    const test = watchedFailures(20, 3)
    swarm(test, SWARM_KINDS, 0.3, 100 * DAY)
    test.cluster.sim.run(200 * DAY)
    const { records } = test.log
    expect(Math.abs(records.length - 2400)).toBeLessThan(4 * Math.sqrt(2400))
    expect(new Set(records.map(({ target }) => target))).toEqual(new Set(SWARM_KINDS))
    for (const kind of SWARM_KINDS) {
      const share = records.filter(({ target }) => target === kind).length / records.length
      expect(Math.abs(share - 1 / 8)).toBeLessThan(0.03)
    }
    expect(Math.max(...records.map(({ nodes }) => nodes.length))).toBe(6)
    expect(records.every(({ endedAt }) => endedAt !== undefined)).toBe(true)
    const { machines } = test.cluster
    expect(test.nodes.every(({ row }) => machines.reports(row))).toBe(true)
    expect(test.nodes.every(({ row }) => machines.strain.speedOf(row).cpu === 1)).toBe(true)
  })

  it('is the same for a seed, and another for another', () => {
    const linesOf = (seed: number): string[] => {
      const test = watchedFailures(10, seed)
      swarm(test, ['crash', 'slow'])
      test.cluster.sim.run(10 * DAY)
      return failureLines(test)
    }
    const lines = linesOf(1)
    expect(lines.length).toBeGreaterThan(100)
    expect(linesOf(1)).toEqual(lines)
    expect(linesOf(2)).not.toEqual(lines)
  })
})
