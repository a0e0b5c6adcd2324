import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { PodDisruptionBudget, ReplicaSet } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import { startDisruptionController } from '../../src/controllers/disruption.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { startReplicaSetController } from '../../src/controllers/replicaset.ts'
import { TaintEviction } from '../../src/controllers/taint-eviction.ts'
import { UpgradeWave } from '../../src/controllers/upgrade-wave.ts'
import type { UpgradeOptions, UpgradeStep } from '../../src/controllers/upgrade-wave.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Pool {
  readonly seed?: number
  readonly nodes: number
  readonly replicas?: number
  readonly budget?: NonNullable<PodDisruptionBudget['spec']>
}

/** Nodes of 4 CPUs, a ReplicaSet with pods of one CPU that take 2 s to start and to stop, and perhaps a budget. */
class UpgradeCluster extends TestCluster {
  readonly names: readonly string[]
  readonly steps: UpgradeStep[] = []

  constructor({ seed = 1, nodes, replicas = 0, budget }: Pool) {
    super({ seed, kubelet: { startup: () => 2 * SECOND, stop: () => 2 * SECOND } })
    const { sim, api, machines } = this
    this.names = Array.from({ length: nodes }, (_, index) => `node-${index}`)
    for (const name of this.names) this.addNode(name, { cpu: '4' })
    this.startScheduler()
    new NodeLifecycle(sim, api, machines)
    new TaintEviction(sim, api)
    startReplicaSetController({ sim, api, owned: new OwnedPods(api), limits: NO_LIMITS })
    startDisruptionController({ sim, api, limits: NO_LIMITS })
    const labels = { app: 'web' }
    const container = { name: 'c', resources: { requests: { cpu: '1' } } }
    const template = { metadata: { labels }, spec: { containers: [container] } }
    api.collection<ReplicaSet>('ReplicaSet').create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas, selector: { matchLabels: labels }, template },
    })
    if (budget !== undefined) {
      api.collection<PodDisruptionBudget>('PodDisruptionBudget').create({
        kind: 'PodDisruptionBudget',
        metadata: { name: 'web', namespace: 'default' },
        spec: { ...budget, selector: { matchLabels: labels } },
      })
    }
    this.runTo(30)
  }

  upgrade(options: Partial<UpgradeOptions> & { readonly minutes?: number } = {}): void {
    const { sim, api, machines } = this
    const settings = { downtime: () => (options.minutes ?? 1) * MINUTE, software: {}, ...options }
    new UpgradeWave({ sim, api, machines, name: 'upgrade/1' }, this.names, settings, (step) =>
      this.steps.push(step),
    )
  }

  /** Steps as `step node`. */
  get told(): string[] {
    return this.steps.map((step) => ('node' in step ? `${step.step} ${step.node ?? ''}` : step.step))
  }

  /** Nodes that are cordoned. */
  get cordoned(): string[] {
    return this.names.filter((name) => this.api.nodes.get(name)?.spec?.unschedulable === true)
  }

  /** Pods that a budget counts as healthy. */
  get healthy(): number {
    const { pods } = this.api
    return [...pods.table.stored()].filter(
      (pod) => pods.table.isReady(pod) && pods.table.deletingAt(pod) === NO_TIME,
    ).length
  }
}

describe('UpgradeWave', () => {
  it('takes nodes one by one: drained, down, Ready with the new versions, uncordoned', () => {
    const cluster = new UpgradeCluster({ nodes: 2, replicas: 2 })
    cluster.upgrade({ minutes: 2, software: { kubeletVersion: 'v1.37.3', kernelVersion: '6.12.95' } })
    cluster.runTo(140)
    expect(cluster.told).toEqual(['drained node-0', 'down node-0'])
    expect(cluster.cordoned).toEqual(['node-0'])
    expect(cluster.condition(cluster.api.nodeRows.everRowOf('node-0'), 'Ready')).toBe('Unknown')
    cluster.runTo(600)
    expect(cluster.told.slice(2)).toEqual([
      'upgraded node-0',
      'drained node-1',
      'down node-1',
      'upgraded node-1',
      'ended',
    ])
    expect(cluster.steps.at(-1)).toEqual({ step: 'ended', upgraded: 2, total: 2, isStopped: false })
    expect(cluster.cordoned).toEqual([])
    for (const name of cluster.names) {
      const node = cluster.api.nodes.get(name)
      expect(node?.status?.nodeInfo).toMatchObject({ kubeletVersion: 'v1.37.3', kernelVersion: '6.12.95' })
      expect(node?.spec?.taints ?? []).toEqual([])
    }
    expect(cluster.healthy).toBe(2)
  })

  it('is not seen as a failure when it is over before the grace period', () => {
    const cluster = new UpgradeCluster({ nodes: 1 })
    const statuses = new Set<string | undefined>()
    cluster.api.observeObjects(() =>
      statuses.add(cluster.condition(cluster.api.nodeRows.everRowOf('node-0'), 'Ready')),
    )
    cluster.upgrade({ minutes: 0.5, software: { kubeletVersion: 'v1.37.3' } })
    cluster.runTo(300)
    expect(cluster.steps.at(-1)).toMatchObject({ step: 'ended', upgraded: 1 })
    expect([...statuses]).toEqual(['True'])
  })

  it.each([
    [2, 2],
    ['50%', 3],
    ['33%', 2],
    ['1%', 1],
  ])('has %s of seven nodes out of service at a time, which is %i', (nodesMax, most) => {
    const cluster = new UpgradeCluster({ nodes: 7 })
    let down = 0
    let seen = 0
    cluster.machines.observe(({ up }) => {
      down += up ? -1 : 1
      seen = Math.max(seen, down)
    })
    cluster.upgrade({ nodesMax })
    cluster.runTo(3600)
    expect(seen).toBe(most)
    expect(cluster.steps.at(-1)).toMatchObject({ step: 'ended', upgraded: 7 })
  })

  it('stops when a node cannot be drained in time, which stays cordoned', () => {
    const cluster = new UpgradeCluster({ nodes: 3, replicas: 2, budget: { minAvailable: 2 } })
    cluster.upgrade({ timeout: MINUTE })
    cluster.runTo(600)
    expect(cluster.told).toEqual(['drained node-0', 'failed node-0', 'ended'])
    expect(cluster.steps[1]).toMatchObject({ problem: '2 pods were still on node-0 when it was given up' })
    expect(cluster.steps[2]).toEqual({ step: 'ended', upgraded: 0, total: 3, isStopped: true })
    expect(cluster.cordoned).toEqual(['node-0'])
    expect(cluster.healthy).toBe(2)
  })

  it('stops when a node does not come back', () => {
    const cluster = new UpgradeCluster({ nodes: 3 })
    cluster.at(40, () => cluster.machines.crash(cluster.api.nodeRows.everRowOf('node-0'), 'broken'))
    cluster.upgrade({ readyTimeout: 5 * MINUTE })
    cluster.runTo(3600)
    expect(cluster.told).toEqual(['drained node-0', 'down node-0', 'failed node-0', 'ended'])
    expect(cluster.steps[2]).toMatchObject({ problem: 'node-0 was not Ready 5m after its restart' })
    expect(cluster.cordoned).toEqual(['node-0'])
  })

  it('counts nodes that are not Ready for other reasons, and goes on when they are back', () => {
    const cluster = new UpgradeCluster({ nodes: 3 })
    const broken = cluster.api.nodeRows.everRowOf('node-2')
    cluster.machines.crash(broken, 'broken')
    cluster.runTo(120)
    cluster.upgrade()
    cluster.runTo(200)
    expect(cluster.told).toEqual([])
    cluster.machines.restore(broken, 'broken')
    cluster.runTo(1200)
    expect(cluster.steps.at(-1)).toMatchObject({ step: 'ended', upgraded: 3 })
  })

  it('stops when they are not back in time', () => {
    const cluster = new UpgradeCluster({ nodes: 3 })
    cluster.machines.crash(cluster.api.nodeRows.everRowOf('node-2'), 'broken')
    cluster.runTo(120)
    cluster.upgrade()
    cluster.runTo(1200)
    expect(cluster.steps).toEqual([
      { step: 'failed', node: undefined, problem: 'nodes of the pool were not Ready for 10m' },
      { step: 'ended', upgraded: 0, total: 3, isStopped: true },
    ])
  })

  it('leaves out nodes that are deleted before or during their turn', () => {
    const cluster = new UpgradeCluster({ nodes: 3 })
    cluster.at(60, () => {
      cluster.api.nodes.delete('node-0')
      cluster.api.nodes.delete('node-1')
    })
    cluster.upgrade()
    cluster.runTo(1200)
    expect(cluster.told).toEqual([
      'drained node-0',
      'down node-0',
      'deleted node-0',
      'deleted node-1',
      'drained node-2',
      'down node-2',
      'upgraded node-2',
      'ended',
    ])
  })

  it('never has fewer healthy pods than the budget wants, whatever the pool', () => {
    const pools = fc.record({
      seed: fc.integer({ min: 1, max: 1000 }),
      nodes: fc.integer({ min: 2, max: 6 }),
      replicas: fc.integer({ min: 1, max: 14 }),
      limit: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom('10%', '34%', '50%', '100%')),
      isMinimum: fc.boolean(),
      nodesMax: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('20%', '50%', '100%')),
      downtimes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
    })
    let finished = 0
    fc.assert(
      fc.property(pools, ({ seed, nodes, replicas, limit, isMinimum, nodesMax, downtimes }) => {
        const budget = isMinimum ? { minAvailable: limit } : { maxUnavailable: limit }
        const cluster = new UpgradeCluster({ seed, nodes, replicas, budget })
        const before = cluster.healthy
        const wanted = (): number =>
          cluster.api.collection<PodDisruptionBudget>('PodDisruptionBudget').get('default/web')?.status
            ?.desiredHealthy ?? 0
        // Pods that found no room from the start may leave a budget that wants more than there are.
        const floor = Math.min(before, wanted())
        let fewest = before
        let turns = 0
        cluster.api.pods.observe(() => (fewest = Math.min(fewest, cluster.healthy)))
        cluster.upgrade({
          nodesMax,
          timeout: 10 * MINUTE,
          downtime: () => (downtimes[turns++ % downtimes.length] ?? 1) * SECOND,
        })
        cluster.runTo(3 * 3600)
        expect(fewest).toBeGreaterThanOrEqual(floor)
        const last = cluster.steps.at(-1)
        expect(last).toMatchObject({ step: 'ended' })
        if (last?.step === 'ended' && !last.isStopped) {
          finished += 1
          expect(last.upgraded).toBe(nodes)
          expect(cluster.cordoned).toEqual([])
          expect(cluster.healthy).toBe(before)
        }
      }),
      { numRuns: 60 },
    )
    expect(finished).toBeGreaterThan(10)
  })
})
