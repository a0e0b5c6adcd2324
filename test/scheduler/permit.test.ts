import { expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { definePlugin } from '../../src/scheduler/framework/index.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

/** Lets pods of a PodGroup wait with their nodes until three of them have one. */
const threeTogether = definePlugin({
  name: 'ThreeTogether',
  reads: [],
  compile: ({ namespace, spec }) => ({ namespace, name: spec.schedulingGroup?.podGroupName ?? '' }),
  permit({ namespace, name }, groups) {
    const state = groups.podGroup(namespace, name)
    if (state === undefined || state.scheduledCount >= 3) return undefined
    return { timeout: 5 * MINUTE, group: `${namespace}/${name}` }
  },
})

function cluster(nodeCount: number): TestCluster & { readonly outcomes: string[] } {
  const registry = new Map([...plugins, ['ThreeTogether', () => threeTogether] as const])
  const configuration = { profiles: [{ plugins: { permit: { enabled: [{ name: 'ThreeTogether' }] } } }] }
  const built = buildCluster({ registry, configuration })
  const outcomes: string[] = []
  const { pods } = built.api
  built.scheduler.observe(({ pod, outcome }) => outcomes.push(`${pods.nameOf(pod)} ${outcome}`))
  for (let i = 0; i < nodeCount; i++) built.api.nodes.create(node(`n${i}`, { cpu: '4', memory: '16Gi' }))
  built.api
    .collection('PodGroup')
    .create({ kind: 'PodGroup', metadata: { name: 'train', namespace: 'default' } })
  return { ...built, outcomes }
}

const member = { cpu: '3', schedulingGroup: { podGroupName: 'train' } }

it('lets pods wait with their nodes until the last one releases them', () => {
  const { sim, api, outcomes } = cluster(3)
  const pods = ['a', 'b', 'c'].map((name) => createPod(api, name, member))
  sim.run(2 * SECOND)
  expect(outcomes).toEqual(['a waiting', 'b waiting', 'c bound', 'a bound', 'b bound'])
  expect(pods.map((pod) => nodeOf(api, pod)).sort()).toEqual(['n0', 'n1', 'n2'])
})

it('takes the room back from all that waited when the time of the first is over', () => {
  const { sim, api, scheduler, outcomes } = cluster(2)
  const pods = ['a', 'b', 'c'].map((name) => createPod(api, name, member))
  sim.run(SECOND)
  expect(outcomes.slice(0, 3)).toEqual(['a waiting', 'b waiting', 'c unschedulable'])
  const other = createPod(api, 'other', { cpu: '3' })
  const [, , last] = pods
  if (last === undefined) throw new Error('there is no pod')
  api.pods.remove(last)
  sim.run(5 * MINUTE - SECOND)
  expect(nodeOf(api, other)).toBe('')

  sim.run(5 * MINUTE + 30 * SECOND)
  expect(outcomes.filter((one) => /^[ab] unschedulable/.test(one))).toEqual([
    'a unschedulable',
    'b unschedulable',
  ])
  expect(nodeOf(api, other)).not.toBe('')
  expect([...scheduler.queue.list()].map(({ place }) => place)).toEqual(['unschedulable', 'unschedulable'])
})

it('rejects a pod that waits, instead of deleting it, when its room is needed', () => {
  const { sim, api } = cluster(1)
  const pods = ['a', 'b'].map((name) => createPod(api, name, member))
  sim.run(SECOND)
  const urgent = createPod(api, 'urgent', { cpu: '3', priority: 100 })
  sim.run(30 * SECOND)
  expect(nodeOf(api, urgent)).toBe('n0')
  expect(pods.some((pod) => api.pods.isRemoved(pod))).toBe(false)
})

it('gives room back when a pod that waits is deleted', () => {
  const { sim, api } = cluster(1)
  const [first] = ['a', 'b'].map((name) => createPod(api, name, member))
  sim.run(SECOND)
  if (first === undefined) throw new Error('there is no pod')
  api.pods.remove(first)
  const other = createPod(api, 'other', { cpu: '3' })
  sim.run(10 * SECOND)
  expect(nodeOf(api, other)).toBe('n0')
})
