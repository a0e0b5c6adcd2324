import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ControllerRevision, DaemonSet, DaemonSetSpec, Node } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { daemonRules, daemonTolerations } from '../../src/controllers/daemon-rules.ts'
import { startDaemonSetController } from '../../src/controllers/daemon-set.ts'
import { WorkloadCluster, podTemplate } from './workload-cluster.ts'

const KEY = 'default/agent'

function daemonSet(spec: Partial<DaemonSetSpec> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, template: podTemplate(), ...spec },
  }
}

function started(nodes: number, spec: Partial<DaemonSetSpec> = {}): WorkloadCluster {
  const cluster = new WorkloadCluster()
  for (let i = 0; i < nodes; i++) cluster.addNode(`n${i}`)
  startDaemonSetController(cluster.parts)
  cluster.create(daemonSet(spec))
  return cluster
}

function changeSpec(cluster: WorkloadCluster, spec: Partial<DaemonSetSpec>): void {
  cluster.change<DaemonSet>('DaemonSet', KEY, (set) => ({
    ...set,
    spec: { ...(set.spec ?? daemonSet().spec), ...spec } as DaemonSetSpec,
  }))
}

function taint(cluster: WorkloadCluster, name: string, key: string, effect: string): void {
  cluster.change<Node>('Node', name, (node) => ({
    ...node,
    spec: { ...node.spec, taints: [{ key, effect }] },
  }))
}

function statusOf(cluster: WorkloadCluster): DaemonSet['status'] {
  return cluster.get<DaemonSet>('DaemonSet', KEY).status
}

/** Pods on each node that are not going. */
function placed(cluster: WorkloadCluster): Record<string, string[]> {
  const { api } = cluster
  const found: Record<string, string[]> = {}
  for (const pod of cluster.pods()) {
    if (api.pods.table.deletingAt(pod) !== NO_TIME) continue
    const node = api.nodeRows.nameOf(api.pods.table.node(pod))
    found[node] = [...(found[node] ?? []), versionOf(cluster, pod)]
  }
  return found
}

function versionOf(cluster: WorkloadCluster, pod: PodRow): string {
  return cluster.api.pods.infoOf(pod).template.metadata.annotations.version ?? ''
}

describe('a DaemonSet', () => {
  it('has a pod on each node, placed by its affinity, and on those that come', () => {
    const cluster = started(3)
    cluster.run(2)
    expect(placed(cluster)).toEqual({ n0: ['1'], n1: ['1'], n2: ['1'] })
    expect(cluster.podNames().every((name) => /^agent-[a-z0-9]{5}$/.test(name))).toBe(true)
    cluster.addNode('n3')
    cluster.run(2)
    expect(Object.keys(placed(cluster))).toEqual(expect.arrayContaining(['n3']))
    expect(statusOf(cluster)).toMatchObject({
      observedGeneration: 1,
      desiredNumberScheduled: 4,
      currentNumberScheduled: 4,
      numberMisscheduled: 0,
      numberReady: 4,
      numberAvailable: 4,
      numberUnavailable: 0,
      updatedNumberScheduled: 4,
    })
  })

  it('leaves nodes with a taint that it does not tolerate: at once for NoExecute', () => {
    const cluster = started(3)
    cluster.run(2)
    taint(cluster, 'n0', 'gpu', 'NoSchedule')
    taint(cluster, 'n1', 'gpu', 'NoExecute')
    taint(cluster, 'n2', 'node.kubernetes.io/unschedulable', 'NoSchedule')
    cluster.run(2)
    expect(placed(cluster)).toEqual({ n0: ['1'], n2: ['1'] })
    expect(statusOf(cluster)).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 })
  })

  it('deletes failed pods at once the first time, then after 1 s, 2 s, 4 s', () => {
    const cluster = started(1)
    const { api, sim } = cluster
    const failures: number[] = []
    for (let round = 0; round < 4; round++) {
      cluster.run(0)
      const [pod] = cluster.pods()
      if (pod === undefined) throw new Error('there is no pod')
      const at = sim.now
      api.pods.finish(pod, { succeeded: false, reason: 'NodeAffinity' })
      while (!api.pods.isRemoved(pod)) sim.step()
      failures.push((sim.now - at) / SECOND)
    }
    expect(failures).toEqual([0, 1, 2, 4])
  })

  it('replaces pods that succeeded', () => {
    const cluster = started(1)
    cluster.run(2)
    const [before] = cluster.podNames()
    api(cluster).finish(cluster.pod(before ?? ''), { succeeded: true, reason: 'Completed' })
    cluster.run(2)
    expect(cluster.podNames()).toHaveLength(1)
    expect(cluster.podNames()).not.toContain(before)
  })

  it('takes away pods that wait for a node that is gone', () => {
    const cluster = started(2)
    cluster.run(0)
    cluster.api.nodes.delete('n1')
    changeSpec(cluster, { minReadySeconds: 1 })
    cluster.run(3)
    expect(placed(cluster)).toEqual({ n0: ['1'] })
  })

  it('updates one node at a time by default, and more where it says so', () => {
    const cluster = started(4)
    cluster.run(2)
    changeSpec(cluster, { template: podTemplate('2') })
    cluster.run(0.5)
    expect(Object.keys(placed(cluster))).toHaveLength(3)
    cluster.run(10)
    expect(placed(cluster)).toEqual({ n0: ['2'], n1: ['2'], n2: ['2'], n3: ['2'] })
    changeSpec(cluster, {
      template: podTemplate('3'),
      // Rounded up: 2 of 4.
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '30%' } },
    })
    cluster.run(0.5)
    expect(Object.keys(placed(cluster))).toHaveLength(2)
  })

  it('updates with surge by a new pod beside the old one, which goes when the new one is available', () => {
    const cluster = started(3, {
      minReadySeconds: 2,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    })
    cluster.run(5)
    changeSpec(cluster, { template: podTemplate('2') })
    cluster.run(1.5)
    const both = Object.values(placed(cluster)).filter((versions) => versions.length === 2)
    expect(both).toEqual([['1', '2']].map((pair) => expect.arrayContaining(pair) as string[]))
    cluster.run(30)
    expect(placed(cluster)).toEqual({ n0: ['2'], n1: ['2'], n2: ['2'] })
  })

  it('leaves pods alone with OnDelete until somebody deletes them', () => {
    const cluster = started(2, { updateStrategy: { type: 'OnDelete' } })
    cluster.run(2)
    changeSpec(cluster, { template: podTemplate('2') })
    cluster.run(5)
    expect(placed(cluster)).toEqual({ n0: ['1'], n1: ['1'] })
    const first = cluster.pods()[0]
    if (first !== undefined) cluster.api.pods.requestDeletion(first, { grace: SECOND, reason: '' })
    cluster.run(5)
    expect(Object.values(placed(cluster)).flat().toSorted()).toEqual(['1', '2'])
    expect(statusOf(cluster)?.updatedNumberScheduled).toBe(1)
  })

  it('keeps as many old revisions as it is to', () => {
    const cluster = started(1, { revisionHistoryLimit: 1 })
    for (const version of ['1', '2', '3', '4']) {
      changeSpec(cluster, { template: podTemplate(version) })
      cluster.run(10)
    }
    const revisions = [...cluster.api.collection<ControllerRevision>('ControllerRevision').list()]
    expect(revisions.map(({ revision }) => revision)).toEqual([3, 4])
  })

  it('creates at most 250 pods before it looks again', () => {
    const cluster = started(300)
    const sizes = new Set<number>()
    for (let events = 0; events < 40; events++) {
      cluster.sim.step()
      sizes.add(cluster.pods().length)
    }
    expect(sizes).toEqual(new Set([0, 250, 300]))
  })
})

function api(cluster: WorkloadCluster): WorkloadCluster['api']['pods'] {
  return cluster.api.pods
}

describe('daemonTolerations', () => {
  it('adds those that every such pod has, and one for the network where it uses that of the node', () => {
    const own = { key: 'gpu', operator: 'Exists' }
    const tolerations = daemonTolerations({ containers: [], tolerations: [own], hostNetwork: true })
    expect(tolerations).toHaveLength(8)
    expect(tolerations[0]).toBe(own)
    expect(tolerations.at(-1)).toEqual({
      key: 'node.kubernetes.io/network-unavailable',
      operator: 'Exists',
      effect: 'NoSchedule',
    })
  })

  it('replaces one of its own that would end', () => {
    const ending = {
      key: 'node.kubernetes.io/not-ready',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 30,
    }
    const tolerations = daemonTolerations({ containers: [], tolerations: [ending] })
    expect(tolerations).toHaveLength(6)
    expect(tolerations[0]).not.toHaveProperty('tolerationSeconds')
  })
})

describe('laws of DaemonSets', () => {
  const node = fc.record({
    labels: fc.constantFrom({ zone: 'a' }, { zone: 'b' }, {}),
    taint: fc.constantFrom(undefined, 'NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  })

  it('there is one pod on each node where one belongs, and none elsewhere', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 8 }), fc.array(node), (before, after) => {
        const cluster = new WorkloadCluster()
        const set = daemonSet({
          template: { ...podTemplate(), spec: { containers: [], nodeSelector: { zone: 'a' } } },
        })
        const shape = ({ labels, taint: effect }: (typeof before)[number], name: string): Partial<Node> => ({
          metadata: { name, labels },
          spec: effect === undefined ? {} : { taints: [{ key: 'k', effect }] },
        })
        for (const [i, each] of before.entries()) cluster.addNode(`n${i}`, shape(each, `n${i}`))
        startDaemonSetController(cluster.parts)
        cluster.create(set)
        cluster.run(5)
        const judge = daemonRules(set)
        const nodes = (): Node[] => [...cluster.api.nodes.list()]
        const wanted = nodes().filter((each) => judge(each).shouldRun)
        expect(placed(cluster)).toEqual(
          Object.fromEntries(wanted.map(({ metadata }) => [metadata?.name, ['1']])),
        )
        for (const [i, each] of after.slice(0, before.length).entries()) {
          cluster.change<Node>('Node', `n${i}`, (old) => ({ ...old, ...shape(each, `n${i}`) }))
        }
        cluster.run(5)
        for (const each of nodes()) {
          const { shouldRun, shouldContinueRunning } = judge(each)
          const count = placed(cluster)[each.metadata?.name ?? '']?.length ?? 0
          if (shouldRun) expect(count).toBe(1)
          else if (!shouldContinueRunning) expect(count).toBe(0)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('an update keeps to maxUnavailable and maxSurge, and ends', () => {
    const strategy = fc.oneof(
      fc.record({ maxUnavailable: fc.constantFrom<number | string>(1, 2, '25%', '100%') }),
      fc.record({ maxSurge: fc.constantFrom<number | string>(1, 2, '25%'), maxUnavailable: fc.constant(0) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), strategy, (count, rollingUpdate) => {
        const cluster = started(count, { updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
        cluster.run(5)
        const scaled = (value: number | string): number =>
          typeof value === 'number' ? value : Math.ceil((count * Number.parseInt(value, 10)) / 100)
        const surge = 'maxSurge' in rollingUpdate ? scaled(rollingUpdate.maxSurge) : 0
        let worst = 0
        let most = 0
        cluster.api.pods.observe(() => {
          const up = cluster.pods().filter((pod) => cluster.isUp(pod)).length
          const staying = cluster
            .pods()
            .filter(
              (pod) => cluster.api.pods.table.deletingAt(pod) === NO_TIME && !cluster.api.pods.isRemoved(pod),
            ).length
          worst = Math.max(worst, count - up)
          most = Math.max(most, staying - count)
        })
        changeSpec(cluster, { template: podTemplate('2') })
        cluster.run(60)
        expect(Object.values(placed(cluster)).flat()).toEqual(Array.from({ length: count }, () => '2'))
        expect(worst).toBe(Math.min(count, scaled(rollingUpdate.maxUnavailable)))
        expect(most).toBe(Math.min(count, surge))
      }),
      { numRuns: 60 },
    )
  })
})
