import { describe, expect, it } from 'vitest'

import type { PodDisruptionBudget, ResourceQuota } from '../../src/api/types.generated.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { WriteLaws } from '../../src/fuzz/laws/write-laws.ts'

/** A cluster whose laws are looked at while somebody breaks them. */
class BrokenCluster {
  readonly api = new ApiServer(new Simulation({ seed: 1 }), [])
  readonly broken: string[] = []
  readonly laws: WriteLaws

  constructor() {
    for (const name of ['a', 'b']) {
      const allocatable = { cpu: '1', memory: '1Gi', pods: '2' }
      this.api.nodes.create({ metadata: { name }, status: { allocatable } })
    }
    this.laws = new WriteLaws(this.api, (law) => this.broken.push(law))
  }

  pod(name: string, cpu: string): PodRow {
    const { pods } = this.api
    const interned = pods.templates.internPod({
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }] },
    })
    if (!interned.ok) throw new Error(interned.message)
    return pods.create({ template: interned.id, name })
  }

  bind(pod: PodRow, node: 'a' | 'b'): void {
    this.api.pods.bind(pod, this.node(node), 0)
  }

  node(name: 'a' | 'b'): NodeRow {
    return this.api.nodeRows.everRowOf(name)
  }
}

describe('the laws of writes', () => {
  it('let a pod live from its creation to its end', () => {
    const cluster = new BrokenCluster()
    const { pods } = cluster.api
    const [one, other] = [cluster.pod('one', '600m'), cluster.pod('other', '600m')]
    cluster.bind(one, 'a')
    pods.markRunning(one, true)
    pods.finish(one, { succeeded: true, reason: 'Completed' })
    cluster.bind(other, 'a')
    pods.remove(one)
    cluster.pod('one', '1m')
    cluster.laws.checkSums()
    expect(cluster.broken).toEqual([])
  })

  it('find a node that is given more than it has', () => {
    const cluster = new BrokenCluster()
    for (const name of ['one', 'other']) cluster.bind(cluster.pod(name, '600m'), 'a')
    expect(cluster.broken).toEqual(['node-has-room'])
    for (const name of ['x', 'y', 'z']) cluster.bind(cluster.pod(name, '1m'), 'b')
    expect(cluster.broken).toEqual(['node-has-room', 'node-has-room'])
  })

  it('find a pod on two nodes, two pods of one name, and a pod that begins again', () => {
    const cluster = new BrokenCluster()
    const { pods } = cluster.api
    const one = cluster.pod('one', '1m')
    cluster.bind(one, 'a')
    pods.table.setNode(one, cluster.node('b'), 0)
    pods.setReady(one, true)
    expect(cluster.broken).toEqual(['one-node'])
    pods.create({ template: pods.table.template(one), taskName: 'one', cpu: 1, memory: 0 })
    expect(cluster.broken.slice(1)).toEqual(['names-are-unique'])
    pods.finish(one, { succeeded: false, reason: 'Error' })
    pods.table.setPhase(one, 0)
    pods.markRunning(one, true)
    expect(cluster.broken.slice(2)).toEqual(['phases-go-on'])
  })

  it('find a quota that is exceeded, and one that only stays so', () => {
    const cluster = new BrokenCluster()
    const quotas = cluster.api.collection<ResourceQuota>('ResourceQuota')
    const quota = (used: string, hard: string): ResourceQuota => ({
      metadata: { name: 'q', namespace: 'default' },
      status: { hard: { pods: hard }, used: { pods: used } },
    })
    quotas.create(quota('3', '3'))
    quotas.update(quota('3', '2'))
    expect(cluster.broken).toEqual([])
    quotas.update(quota('4', '2'))
    expect(cluster.broken).toEqual(['quota-holds'])
  })

  it('find an eviction that a budget does not have, and one that it gives away for nothing', () => {
    const cluster = new BrokenCluster()
    const { pods } = cluster.api
    for (const name of ['one', 'other']) {
      const pod = cluster.pod(name, '1m')
      cluster.bind(pod, 'a')
      pods.markRunning(pod, true)
    }
    const budgets = cluster.api.collection<PodDisruptionBudget>('PodDisruptionBudget')
    const budget = (allowed: number, disrupted: readonly string[]): PodDisruptionBudget => ({
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: {
        currentHealthy: 2,
        desiredHealthy: 1,
        expectedPods: 2,
        disruptionsAllowed: allowed,
        disruptedPods: Object.fromEntries(disrupted.map((name) => [name, '2026-01-01T00:00:00Z'])),
      },
    })
    budgets.create(budget(1, []))
    budgets.update(budget(0, ['one']))
    expect(cluster.broken).toEqual([])
    budgets.update(budget(0, ['one', 'other']))
    // It had none left, and no pod is healthy after it.
    expect(cluster.broken).toEqual(['budget-holds', 'budget-holds'])
  })
})
