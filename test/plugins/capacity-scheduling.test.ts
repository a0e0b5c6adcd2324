import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { SECOND } from '../../src/base/time.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { buildCluster, node, nodeOf } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { configurationOf, podWith } from './policy-cluster.ts'
import type { Amounts } from './policy-cluster.ts'

interface QuotaCluster extends TestCluster {
  readonly messages: Map<string, string>
}

/** A cluster of nodes of 8 CPU and 8 GiB with a quota in each of some namespaces. */
function cluster(nodeCount: number, quotas: Readonly<Record<string, object>>): QuotaCluster {
  const built = buildCluster({
    configuration: configurationOf('CapacityScheduling'),
    gates: resolveFeatureGates('1.37'),
  })
  const { sim, api, scheduler } = built
  const messages = new Map<string, string>()
  scheduler.observe((decision) => messages.set(api.pods.nameOf(decision.pod), decision.message()))
  for (let i = 0; i < nodeCount; i++) api.nodes.create(node(`n${i}`, { cpu: '8', memory: '8Gi' }))
  for (const [namespace, spec] of Object.entries(quotas)) {
    const object = { kind: 'ElasticQuota', metadata: { name: 'quota', namespace }, spec }
    api.collection<object>('ElasticQuota').create(object)
  }
  sim.run(1)
  return { ...built, messages }
}

/** Creates a pod in a namespace, and lets the scheduler decide. */
function create(
  { api, sim }: TestCluster,
  [namespace, name]: readonly [namespace: string, name: string],
  requests: Amounts,
  spec: { readonly priority?: number } = {},
): PodRow {
  const pod = podWith(name, requests, spec)
  const interned = api.pods.templates.internPod({
    metadata: { ...pod.metadata, namespace },
    spec: { containers: [], ...pod.spec },
  })
  if (!interned.ok) throw new Error(interned.message)
  const row = api.pods.create({ template: interned.id, name })
  sim.run(sim.now + SECOND)
  return row
}

/** Ends the pods whose deletion was asked for, as their kubelets would, and lets who waits follow. */
function settle({ api, sim }: TestCluster, pods: readonly PodRow[]): void {
  for (const pod of pods) {
    if (!api.pods.isRemoved(pod) && api.pods.table.deletingAt(pod) !== NO_TIME) api.pods.remove(pod)
  }
  sim.run(sim.now + 30 * SECOND)
}

const QUOTAS = {
  red: { min: { cpu: '4', memory: '4Gi' }, max: { cpu: '6', memory: '8Gi' } },
  blue: { min: { cpu: '4', memory: '4Gi' }, max: { cpu: '8', memory: '8Gi' } },
}
const TWO = { cpu: '2', memory: '1Gi' }

describe('CapacityScheduling', () => {
  it('lets a namespace borrow what another leaves of its min, up to its max', () => {
    const built = cluster(1, QUOTAS)
    const pods = ['a', 'b', 'c'].map((name) => create(built, ['red', name], TWO))
    expect(pods.map((pod) => nodeOf(built.api, pod))).toEqual(['n0', 'n0', 'n0'])
    const fourth = create(built, ['red', 'd'], TWO)
    expect(nodeOf(built.api, fourth)).toBe('')
    expect(built.messages.get('d')).toContain(
      'Pod red/d is rejected in PreFilter because ElasticQuota red is more than Max',
    )
  })

  it('rejects what all mins together do not hold, room or not', () => {
    const built = cluster(2, QUOTAS)
    for (const name of ['a', 'b', 'c', 'd']) create(built, ['blue', name], TWO)
    const one = create(built, ['blue', 'e'], { cpu: '100m', memory: '1Mi' })
    expect(nodeOf(built.api, one)).toBe('')
    expect(built.messages.get('e')).toContain('ElasticQuota blue is more than Max')
    const more = cluster(2, { ...QUOTAS, blue: { ...QUOTAS.blue, max: undefined } })
    for (const name of ['a', 'b', 'c', 'd']) create(more, ['blue', name], TWO)
    create(more, ['blue', 'e'], { cpu: '100m', memory: '1Mi' })
    expect(more.messages.get('e')).toContain('total ElasticQuota used is more than min')
  })

  it('takes back what was lent, whatever the priority of who borrowed, and no more', () => {
    const built = cluster(1, { ...QUOTAS, red: { ...QUOTAS.red, max: { cpu: '8', memory: '8Gi' } } })
    const borrowed = ['a', 'b', 'c', 'd'].map((name) => create(built, ['red', name], TWO, { priority: 10 }))
    expect(borrowed.every((pod) => nodeOf(built.api, pod) === 'n0')).toBe(true)
    const own = create(built, ['blue', 'own'], TWO)
    settle(built, borrowed)
    expect(nodeOf(built.api, own)).toBe('n0')
    const stays = borrowed.filter((pod) => !built.api.pods.isRemoved(pod))
    expect(stays).toHaveLength(3)
  })

  it('does not take from a namespace that has no more than its min', () => {
    const built = cluster(1, { ...QUOTAS, green: { min: { cpu: '4', memory: '4Gi' } } })
    const pods = [
      ...['a', 'b'].map((name) => create(built, ['red', name], TWO)),
      ...['c', 'd'].map((name) => create(built, ['blue', name], TWO)),
    ]
    const urgent = create(built, ['green', 'urgent'], TWO, { priority: 1000 })
    settle(built, pods)
    expect(nodeOf(built.api, urgent)).toBe('')
    expect(pods.some((pod) => built.api.pods.isRemoved(pod))).toBe(false)
  })

  it('preempts lower priorities of its own namespace when it borrows itself', () => {
    const built = cluster(1, QUOTAS)
    const low = ['a', 'b', 'c'].map((name) => create(built, ['red', name], TWO))
    const high = create(built, ['red', 'high'], TWO, { priority: 10 })
    settle(built, low)
    expect(nodeOf(built.api, high)).toBe('n0')
    expect(low.filter((pod) => built.api.pods.isRemoved(pod))).toHaveLength(1)
  })

  it('preempts lower priorities among pods without a quota, and none with one', () => {
    const built = cluster(1, { red: QUOTAS.red })
    const guarded = create(built, ['red', 'guarded'], { cpu: '4', memory: '4Gi' })
    const plain = create(built, ['default', 'plain'], { cpu: '4', memory: '4Gi' })
    const high = create(built, ['default', 'high'], { cpu: '4', memory: '4Gi' }, { priority: 10 })
    settle(built, [plain, guarded])
    expect(nodeOf(built.api, high)).toBe('n0')
    expect(built.api.pods.isRemoved(plain)).toBe(true)
    expect(built.api.pods.isRemoved(guarded)).toBe(false)
  })

  it('never lets a namespace have more than its max, nor all more than their mins, through random arrivals', () => {
    const arrival = fc.record({
      namespace: fc.constantFrom('red', 'blue', 'default'),
      cpu: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: 0, max: 2 }),
      ends: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 25 }), (arrivals) => {
        const built = cluster(2, QUOTAS)
        const rows: { row: PodRow; namespace: string; cpu: number }[] = []
        arrivals.forEach(({ namespace, cpu, priority, ends }, index) => {
          const requests = { cpu: `${cpu}`, memory: '64Mi' }
          rows.push({ row: create(built, [namespace, `p${index}`], requests, { priority }), namespace, cpu })
          const gone = rows[index >> 1]
          if (ends && gone !== undefined && !built.api.pods.isRemoved(gone.row))
            built.api.pods.requestDeletion(gone.row, { grace: 0, reason: '' })
          settle(
            built,
            rows.map(({ row }) => row),
          )
          const placed = rows.filter(
            ({ row }) => !built.api.pods.isRemoved(row) && nodeOf(built.api, row) !== '',
          )
          const sumOf = (name: string): number =>
            placed.reduce((sum, pod) => sum + (pod.namespace === name ? pod.cpu : 0), 0)
          expect(sumOf('red')).toBeLessThanOrEqual(6)
          expect(sumOf('red') + sumOf('blue')).toBeLessThanOrEqual(8)
          const { cluster: view } = built.scheduler
          for (const name of ['red', 'blue']) expect(view.namespaceUse(name).cpu).toBe(1000 * sumOf(name))
        })
      }),
      { seed: 1, numRuns: 40 },
    )
  })
})
