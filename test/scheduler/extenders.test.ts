import { describe, expect, it } from 'vitest'

import type { ApiServer } from '../../src/cluster/api-server.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { SchedulerExtender } from '../../src/scheduler/framework/extender.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

const ROOM = { cpu: '4', memory: '8Gi' }

function clusterOf(
  extenders: readonly SchedulerExtender[],
  setting: {
    readonly nodes?: number
    readonly seed?: number
    readonly options?: Partial<SchedulerOptions>
  } = {},
): TestCluster {
  const cluster = buildCluster({
    seed: setting.seed ?? 1,
    options: { extenders, ...setting.options },
  })
  for (let index = 0; index < (setting.nodes ?? 3); index++) {
    cluster.api.nodes.create(node(`n${index}`, ROOM))
  }
  return cluster
}

/** Creates a pod and lets the scheduler decide; what it was told, and where it put the pod. */
function schedule(
  { sim, api, scheduler }: TestCluster,
  spec: Parameters<typeof createPod>[2] = { cpu: '1' },
  name = 'web',
): { readonly pod: PodRow; readonly node: string; readonly outcome: string; readonly message: string } {
  const seen = { outcome: '', message: '' }
  scheduler.observe((decision) => {
    if (seen.outcome !== '') return
    seen.outcome = decision.outcome
    seen.message = decision.outcome === 'bound' ? '' : decision.message()
  })
  const pod = createPod(api, name, spec)
  sim.run(sim.now)
  return { pod, node: nodeOf(api, pod), ...seen }
}

const passAll: SchedulerExtender = {
  name: 'pass-all',
  filter: (_pod, nodes) => ({ nodeNames: nodes.map(({ metadata }) => metadata?.name ?? '') }),
}

function only(name: string, more: Partial<SchedulerExtender> = {}): SchedulerExtender {
  const filter: SchedulerExtender['filter'] = (_pod, nodes) => ({
    nodeNames: nodes.flatMap(({ metadata }) => (metadata?.name === name ? [name] : [])),
  })
  return { name: `only-${name}`, filter, ...more }
}

const broken: SchedulerExtender = {
  name: 'broken',
  filter() {
    throw new Error('oh no')
  },
}

describe('an extender that filters', () => {
  it('has the last word on the nodes that the plugins found', () => {
    expect(schedule(clusterOf([only('n2')])).node).toBe('n2')
  })

  it('is given the pod and the nodes as the API has them, and only the nodes that are left', () => {
    const asked: string[] = []
    const spy: SchedulerExtender = {
      name: 'spy',
      filter(pod, nodes) {
        asked.push(
          `${pod.metadata?.namespace}/${pod.metadata?.name}`,
          ...nodes.map((one) => one.metadata?.name ?? ''),
        )
        return { nodeNames: nodes.map((one) => one.metadata?.name ?? '') }
      },
    }
    const { node: name } = schedule(clusterOf([only('n1'), spy]))
    expect(asked).toEqual(['default/web', 'n1'])
    expect(name).toBe('n1')
  })

  it('says why in the FitError, and unresolvable reasons count first', () => {
    const picky: SchedulerExtender = {
      name: 'picky',
      filter: () => ({
        nodeNames: [],
        failedNodes: { n0: 'too warm', n1: 'too warm' },
        failedAndUnresolvableNodes: { n1: 'too old' },
      }),
    }
    const { outcome, message } = schedule(clusterOf([picky]))
    expect(outcome).toBe('unschedulable')
    expect(message).toContain('0/3 nodes are available: 1 too old, 1 too warm.')
  })

  it('makes its pods wait as rejected by Extender, and any change wakes them', () => {
    let isOpen = false
    const gate: SchedulerExtender = {
      name: 'gate',
      filter: (_pod, nodes) => ({ nodeNames: isOpen ? nodes.map((one) => one.metadata?.name ?? '') : [] }),
    }
    const cluster = clusterOf([gate])
    const rejectedBy: string[] = []
    cluster.scheduler.observe((decision) => rejectedBy.push(...decision.rejectedBy))
    const { pod } = schedule(cluster)
    expect(rejectedBy).toEqual(['Extender'])
    isOpen = true
    cluster.api.nodes.create(node('late', ROOM))
    cluster.sim.run(5_000_000)
    expect(nodeOf(cluster.api, pod)).not.toBe('')
  })

  it('fails the attempt when it fails, and the pod is tried again after its back-off', () => {
    let calls = 0
    const flaky: SchedulerExtender = {
      name: 'flaky',
      filter(_pod, nodes) {
        calls += 1
        if (calls < 3) throw new Error('oh no')
        return { nodeNames: nodes.map((one) => one.metadata?.name ?? '') }
      },
    }
    const cluster = clusterOf([flaky])
    const { pod, outcome, message } = schedule(cluster)
    expect([outcome, message]).toEqual(['error', 'oh no'])
    cluster.sim.run(20_000_000)
    expect(calls).toBe(3)
    expect(nodeOf(cluster.api, pod)).not.toBe('')
  })

  it('is passed over when it fails and is ignorable, and then asked last', () => {
    const asked: string[] = []
    const log = (name: string, more: Partial<SchedulerExtender>): SchedulerExtender => ({
      name,
      filter(_pod, nodes) {
        asked.push(name)
        if (more.ignorable === true) throw new Error('oh no')
        return { nodeNames: nodes.map((one) => one.metadata?.name ?? '') }
      },
      ...more,
    })
    const { outcome } = schedule(clusterOf([log('optional', { ignorable: true }), log('needed', {})]))
    expect(outcome).toBe('bound')
    expect(asked).toEqual(['needed', 'optional'])
  })

  it('may not name a node that it was not asked about', () => {
    const { outcome, message } = schedule(
      clusterOf([only('n0', { filter: () => ({ nodeNames: ['nowhere'] }) })]),
    )
    expect(outcome).toBe('error')
    expect(message).toContain('claims a filtered node "nowhere" which is not found in the input node list')
  })

  it('ends the run when it fails again and again', () => {
    const cluster = clusterOf([broken])
    createPod(cluster.api, 'web', { cpu: '1' })
    expect(() => cluster.sim.run(3_600_000_000)).toThrow(/broken: failed 100 times in a row/)
  })

  it('is also asked about the nominated node', () => {
    const cluster = clusterOf([only('n1')])
    const pod = createPod(cluster.api, 'web', { cpu: '1' })
    cluster.scheduler.cluster.nominations.add(pod, cluster.api.nodeRows.everRowOf('n0'))
    cluster.sim.run(0)
    expect(nodeOf(cluster.api, pod)).toBe('n1')
  })
})

describe('an extender that manages resources', () => {
  const widgets = only('n2', { managedResources: [{ name: 'example.com/widget' }] })

  it('is asked about pods that ask for one of them only, and the fast path answers for the others', () => {
    const cluster = clusterOf([widgets])
    expect(schedule(cluster, { cpu: '1' }).node).toBe('n0')
  })

  it('keeps the fast path from answering for its own pods', () => {
    const cluster = clusterOf([widgets])
    for (const name of ['n0', 'n1', 'n2']) {
      const old = cluster.api.nodes.get(name)
      if (old === undefined) continue
      const amounts = { ...old.status?.allocatable, 'example.com/widget': '1' }
      cluster.api.nodes.update({ ...old, status: { ...old.status, allocatable: amounts, capacity: amounts } })
    }
    const interned = cluster.api.pods.templates.internPod({
      metadata: { name: 'widget', namespace: 'default' },
      spec: { containers: [{ name: 'main', resources: { limits: { 'example.com/widget': '1' } } }] },
    })
    if (!interned.ok) throw new Error(interned.message)
    const pod = cluster.api.pods.create({ template: interned.id, name: 'widget' })
    cluster.sim.run(0)
    expect(nodeOf(cluster.api, pod)).toBe('n2')
  })
})

describe('an extender that scores', () => {
  const likes = (name: string, score: number, more: Partial<SchedulerExtender> = {}): SchedulerExtender => ({
    name: `likes-${name}`,
    prioritize: (_pod, nodes) =>
      nodes.map(({ metadata }) => ({
        host: metadata?.name ?? '',
        score: metadata?.name === name ? score : 0,
      })),
    ...more,
  })

  it('adds its scores, tenfold and by its weight, to the totals of the plugins', () => {
    const cluster = clusterOf([likes('n2', 3, { weight: 2 })], { options: { keepsDetails: true } })
    const scores: object[] = []
    cluster.scheduler.observe((decision) => {
      for (const verdict of decision.verdicts()) {
        scores.push(...verdict.scores.filter(({ plugin }) => plugin === 'likes-n2'))
      }
    })
    expect(schedule(cluster).node).toBe('n2')
    expect(scores.at(-1)).toEqual({ plugin: 'likes-n2', raw: 3, normalized: 30, weight: 2 })
  })

  it('is ignored when it fails', () => {
    const failing: SchedulerExtender = {
      name: 'failing',
      prioritize() {
        throw new Error('oh no')
      },
    }
    expect(schedule(clusterOf([failing])).node).toBe('n0')
  })

  it('makes the choice among equals one by chance, from the seed', () => {
    const nodesOf = (seed: number): string[] => {
      const cluster = clusterOf([passAll], { nodes: 8, seed })
      return Array.from({ length: 6 }, (_, index) => schedule(cluster, { cpu: '10m' }, `p${index}`).node)
    }
    expect(nodesOf(1)).toEqual(nodesOf(1))
    expect(nodesOf(1)).not.toEqual(nodesOf(2))
  })

  it('keeps the search going beyond one node where no plugin scores', () => {
    const configuration = { profiles: [{ plugins: { score: { disabled: [{ name: '*' }] } } }] }
    const cluster = buildCluster({ configuration, options: { extenders: [likes('n2', 10)] } })
    for (let index = 0; index < 3; index++) cluster.api.nodes.create(node(`n${index}`, ROOM))
    expect(schedule(cluster).node).toBe('n2')
  })
})

describe('an extender that binds', () => {
  it('is told of the binding, which is then made', () => {
    const bound: object[] = []
    const binder: SchedulerExtender = { name: 'binder', bind: (binding) => void bound.push(binding) }
    expect(schedule(clusterOf([binder], { nodes: 1 })).node).toBe('n0')
    expect(bound).toEqual([{ podName: 'web', podNamespace: 'default', podUid: 'default/web', node: 'n0' }])
  })

  it('may refuse: the pod leaves its node and is tried again', () => {
    let calls = 0
    const binder: SchedulerExtender = {
      name: 'binder',
      bind() {
        calls += 1
        if (calls === 1) throw new Error('not now')
      },
    }
    const cluster = clusterOf([binder], { nodes: 1 })
    const { pod, outcome, message } = schedule(cluster)
    expect([outcome, message, nodeOf(cluster.api, pod)]).toEqual(['error', 'not now', ''])
    cluster.sim.run(10_000_000)
    expect(nodeOf(cluster.api, pod)).toBe('n0')
    expect(cluster.scheduler.cluster.nodes.podCount(cluster.api.nodeRows.everRowOf('n0'))).toBe(1)
  })
})

describe('an extender in preemption', () => {
  /** Two nodes full of pods of low priority, and a pod that needs one of them. */
  function preempt(extenders: readonly SchedulerExtender[]): {
    readonly api: ApiServer
    readonly result: ReturnType<typeof schedule>
    readonly victims: readonly string[]
  } {
    const cluster = clusterOf(extenders, { nodes: 2 })
    const low = ['a', 'b'].map((name) => schedule(cluster, { cpu: '4' }, name))
    const victims: string[] = []
    cluster.scheduler.observe((decision) => {
      victims.push(...decision.victims.map((pod) => cluster.api.pods.keyOf(pod)))
    })
    expect(new Set(low.map((pod) => pod.node)).size).toBe(2)
    const result = schedule(cluster, { cpu: '4', priority: 10 }, 'high')
    return { api: cluster.api, result, victims }
  }

  it('takes candidates away', () => {
    const keeper: SchedulerExtender = {
      name: 'keeper',
      preempt: (_pod, victims) => {
        const kept = Object.entries(victims).filter(([name]) => name === 'n1')
        return Object.fromEntries(
          kept.map(([name, { pods, numPDBViolations }]) => [
            name,
            { pods: pods.map(({ metadata }) => ({ uid: metadata?.uid ?? '' })), numPDBViolations },
          ]),
        )
      },
    }
    const { api, victims } = preempt([keeper])
    expect(victims).toHaveLength(1)
    const rows = ['a', 'b'].map((name) => api.pods.rowOfGivenName(`default/${name}`))
    const names = rows.map((row) => (row === undefined ? '' : nodeOf(api, row)))
    expect(victims).toEqual([`default/${names[0] === 'n1' ? 'a' : 'b'}`])
  })

  it.each([
    ['leaves none', {}, 'preemption: no candidate node for preemption'],
    [
      'names a pod that is not there',
      { n0: { pods: [{ uid: 'nobody' }], numPDBViolations: 0 } },
      'claims to preempt pod (UID: nobody) on node: n0, but the pod is not found on that node',
    ],
    [
      'leaves no victims',
      { n0: { pods: [], numPDBViolations: 0 } },
      'preemption: expected at least one victim pod on node "n0"',
    ],
  ])('ends it when it %s', (_what, left, message) => {
    const { result, victims } = preempt([{ name: 'odd', preempt: () => left }])
    expect(result.outcome).toBe('unschedulable')
    expect(result.message).toContain(message)
    expect(victims).toEqual([])
  })

  it('ends in an error where it, and no pod, is in the way', () => {
    const refusing: SchedulerExtender = {
      name: 'refusing',
      filter: (pod, nodes) => {
        const names = nodes.map(({ metadata }) => metadata?.name ?? '')
        if (pod.metadata?.name !== 'high') return { nodeNames: names }
        return { nodeNames: [], failedNodes: Object.fromEntries(names.map((name) => [name, 'no'])) }
      },
    }
    const cluster = clusterOf([refusing], { nodes: 1 })
    schedule(cluster, { cpu: '1' }, 'low')
    const { outcome, message } = schedule(cluster, { cpu: '1', priority: 10 }, 'high')
    expect(outcome).toBe('unschedulable')
    expect(message).toBe(
      '0/1 nodes are available: 1 no. preemption: expected at least one victim pod on node "n0"',
    )
  })
})
