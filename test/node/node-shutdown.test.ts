import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { startMaintenance } from '../../src/failure/maintenance.ts'
import { NodeShutdown, planShutdown, shutdownGraces } from '../../src/node/node-shutdown.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { TestCluster } from './test-cluster.ts'

const pod = (priority: number, graceSeconds = 30) => ({ priority, terminationGrace: graceSeconds * SECOND })

const sorted = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other)

describe('the plan of a node that shuts down', () => {
  it('keeps a part of the period for critical pods', () => {
    expect(shutdownGraces({ total: 30 * SECOND, critical: 10 * SECOND })).toEqual([
      { priority: 0, period: 20 * SECOND },
      { priority: 2_000_000_000, period: 10 * SECOND },
    ])
    expect(shutdownGraces({ total: 0, critical: 0 })).toEqual([])
    expect(shutdownGraces({ total: 10 * SECOND, critical: 20 * SECOND })).toEqual([])
  })

  it('ends pods from the lowest priority on, with at most their own grace period', () => {
    const graces = [
      { priority: 1000, period: 60 * SECOND },
      { priority: 0, period: 20 * SECOND },
    ]
    const plan = planShutdown([pod(999), pod(1000, 90), pod(-5, 5), pod(5000)], graces)
    expect(plan.map((slot) => slot.pods.map((one) => [one.pod.priority, one.grace / SECOND]))).toEqual([
      [
        [999, 20],
        [-5, 5],
      ],
      [
        [1000, 60],
        [5000, 30],
      ],
    ])
  })

  it('gives every pod one slot, and never a lower priority a later one', () => {
    const priorities = fc.integer({ min: -3, max: 12 })
    const graces = fc.uniqueArray(
      fc.record({ priority: priorities, period: fc.integer({ min: 0, max: 60 }).map((n) => n * SECOND) }),
      { selector: ({ priority }) => priority, minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(fc.array(priorities, { maxLength: 10 }), graces, (all, periods) => {
        const slots = planShutdown(
          all.map((priority) => pod(priority)),
          periods,
        )
        const planned = slots.flatMap((slot) => slot.pods)
        expect(sorted(planned.map((one) => one.pod.priority))).toEqual(sorted(all))
        for (const [index, slot] of slots.entries()) {
          expect(slot.pods.every(({ grace }) => grace <= slot.period)).toBe(true)
          const later = slots.slice(index + 1).flatMap((other) => other.pods)
          for (const one of slot.pods) {
            expect(later.every((other) => other.pod.priority > one.pod.priority)).toBe(true)
          }
        }
      }),
    )
  })
})

describe('a node that shuts down', () => {
  function shuttingDown(stopSeconds: number) {
    const cluster = new TestCluster({ kubelet: { stop: () => stopSeconds * SECOND } })
    const node = cluster.addNode('n0')
    const shutdown = new NodeShutdown(cluster.sim, cluster.api, cluster)
    const log = new FailureLog(cluster.sim, cluster.machines)
    const plan = {
      nodes: [node],
      at: 100 * SECOND,
      span: 60 * SECOND,
      graces: shutdownGraces({ total: 30 * SECOND, critical: 10 * SECOND }),
    }
    startMaintenance(cluster.sim, { log, shutdown }, 'maintenance/0', plan)
    const create = (priorityClassName?: string): PodRow =>
      cluster.createPod({ node, spec: priorityClassName === undefined ? {} : { priorityClassName } })
    return { cluster, node, create }
  }

  it('ends its pods by priority, then goes down, and comes back', () => {
    const { cluster, node, create } = shuttingDown(8)
    const critical = create('system-node-critical')
    const plain = create()
    cluster.runTo(101)
    const late = create()
    cluster.runTo(102)
    expect(cluster.state(late)).toBe('Failed NodeShutdown')
    expect(cluster.condition(node, 'Ready')).toBe('False')
    cluster.runTo(120)
    expect([plain, critical].map((row) => cluster.seconds('finishedAt', row))).toEqual([108, 116])
    expect(cluster.state(critical)).toBe('Failed Terminated')
    expect(cluster.api.pods.detailsOf(critical).conditions?.[0]?.reason).toBe('TerminationByKubelet')
    expect(cluster.machines.isUp(node)).toBe(false)
    cluster.runTo(177)
    expect([cluster.machines.isUp(node), cluster.condition(node, 'Ready')]).toEqual([true, 'True'])
    const next = create()
    cluster.runTo(178)
    expect(cluster.state(next)).toBe('Running')
  })

  it('does not wait longer than the periods', () => {
    const { cluster, create } = shuttingDown(300)
    const critical = create('system-node-critical')
    const plain = create()
    cluster.runTo(150)
    expect([plain, critical].map((row) => cluster.seconds('finishedAt', row))).toEqual([120, 130])
  })
})
