import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { SECOND } from '../../src/base/time.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster, node, nodeOf } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { configurationOf, podWith } from './policy-cluster.ts'
import type { Amounts } from './policy-cluster.ts'

/** A pod that comes, and whether one that came before ends then. */
interface QuotaArrival {
  readonly namespace: string
  readonly cpu: number
  readonly priority: number
  readonly ends: boolean
}

/** What came of arrivals. */
interface PlayedQuotas {
  readonly built: QuotaCluster
  readonly pending: readonly QuotaArrival[]
  readonly places: readonly string[]
}

interface QuotaCluster extends TestCluster {
  readonly messages: Map<string, string>
}

/** A cluster of nodes of 8 CPU and 8 GiB with a quota in each of some namespaces. */
function cluster(
  nodeCount: number,
  quotas: Readonly<Record<string, object>>,
  options: Partial<SchedulerOptions> = {},
): QuotaCluster {
  const built = buildCluster({
    configuration: configurationOf('CapacityScheduling'),
    gates: resolveFeatureGates('1.37'),
    options,
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

/** Whether a pod is ending, and not gone. */
function isEnding({ api }: TestCluster, pod: PodRow): boolean {
  return !api.pods.isRemoved(pod) && api.pods.table.deletingAt(pod) !== NO_TIME
}

/** Ends the pods whose deletion was asked for, as their kubelets would, and lets who waits follow. */
function settle(built: TestCluster, pods: readonly PodRow[]): void {
  for (const pod of pods) if (isEnding(built, pod)) built.api.pods.remove(pod)
  built.sim.run(built.sim.now + 30 * SECOND)
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
    expect(built.messages.get('d')).toBe(
      '0/1 nodes are available: Pod red/d is rejected in PreFilter because ElasticQuota red is more than Max. ' +
        'preemption: 0/1 nodes are available: 1 No victims found on node n0 for preemptor pod d.',
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

  it('says that a pod is more than its quota holds, whoever goes', () => {
    const built = cluster(1, { red: { min: { cpu: '2', memory: '2Gi' }, max: { cpu: '2', memory: '2Gi' } } })
    create(built, ['red', 'low'], TWO)
    create(built, ['red', 'high'], { cpu: '4', memory: '1Gi' }, { priority: 10 })
    expect(built.messages.get('high')).toBe(
      '0/1 nodes are available: Pod red/high is rejected in PreFilter because ElasticQuota red is more than Max. ' +
        'preemption: 0/1 nodes are available: 1 global quota max exceeded.',
    )
  })

  it('waits for victims that end on the node that the pod is nominated to', () => {
    const built = cluster(1, { ...QUOTAS, red: { ...QUOTAS.red, max: { cpu: '8', memory: '8Gi' } } })
    const borrowed = ['a', 'b', 'c', 'd'].map((name) => create(built, ['red', name], TWO))
    create(built, ['blue', 'own'], TWO)
    expect(borrowed.filter((pod) => isEnding(built, pod))).toHaveLength(1)
    // A quota that changes has the pod tried again.
    const quota = built.api.collection<object>('ElasticQuota').get('blue/quota') ?? {}
    built.api.collection<object>('ElasticQuota').update({ ...quota })
    built.sim.run(built.sim.now + 20 * SECOND)
    expect(built.messages.get('own')).toContain(
      'preemption: not eligible due to a terminating pod on the nominated node.',
    )
    expect(borrowed.filter((pod) => isEnding(built, pod))).toHaveLength(1)
  })

  it.each([
    [
      'of cpu and memory, a max that names another bounds them by 0',
      { memory: '4Gi' },
      TWO,
      'red is more than Max',
    ],
    [
      'a max that does not name it bounds no extended resource',
      TWO,
      { ...TWO, 'x.y/gpu': '2' },
      'total Elastic',
    ],
    [
      'a max bounds ephemeral storage by 0',
      TWO,
      { ...TWO, 'ephemeral-storage': '1Gi' },
      'red is more than Max',
    ],
    ['without a max nothing is bounded', undefined, { ...TWO, 'ephemeral-storage': '1Gi' }, 'total Elastic'],
    ['an empty max leaves nothing', {}, { cpu: '1m' }, 'red is more than Max'],
  ])('%s', (_rule, max, requests, reason) => {
    const built = cluster(1, {
      red: { min: { cpu: '4', memory: '4Gi' }, ...(max === undefined ? {} : { max }) },
    })
    create(built, ['red', 'a'], requests as Amounts)
    expect(built.messages.get('a')).toContain(reason)
  })
})

describe('CapacityScheduling, with nominated pods', () => {
  /** `who` has preempted one of `pods`, which goes now; another pod comes in the same instant. Where the two are then. */
  function race(
    built: QuotaCluster,
    pods: readonly PodRow[],
    [who, rival]: readonly [PodRow, () => PodRow],
  ): readonly [string, string] {
    const victim = pods.find((pod) => isEnding(built, pod))
    if (victim === undefined) throw new Error('nobody was preempted')
    built.api.pods.remove(victim)
    const other = rival()
    built.sim.run(built.sim.now + SECOND)
    return [nodeOf(built.api, who), nodeOf(built.api, other)]
  }

  const BOTH = {
    red: { min: { cpu: '8', memory: '8Gi' }, max: { cpu: '8', memory: '8Gi' } },
    blue: { min: { cpu: '8', memory: '8Gi' } },
  }

  it.each([
    ['keeps what was made for a pod of its namespace from one of equal priority', 10, true],
    ['does not keep it from one of higher priority', 20, false],
  ])('%s', (_rule, priority, isKept) => {
    const built = cluster(2, BOTH)
    const low = ['a', 'b', 'c', 'd'].map((name) => create(built, ['red', name], TWO))
    const high = create(built, ['red', 'high'], TWO, { priority: 10 })
    const rival = (): PodRow => create(built, ['red', 'rival'], TWO, { priority })
    const [whoNode, rivalNode] = race(built, low, [high, rival])
    expect([whoNode, rivalNode !== '']).toEqual(['', !isKept])
    if (!isKept) return
    // It makes room for itself, and the first counts it until that is there.
    expect(built.messages.get('rival')).toContain('ElasticQuota red is more than Max')
    settle(built, low)
    expect(nodeOf(built.api, high)).not.toBe('')
  })

  it('charges those of another namespace that has no more than its min to the whole', () => {
    const built = cluster(2, { ...QUOTAS, red: { ...QUOTAS.red, max: { cpu: '8', memory: '8Gi' } } })
    const borrowed = ['a', 'b', 'c', 'd'].map((name) => create(built, ['red', name], TWO))
    const own = create(built, ['blue', 'own'], TWO)
    const [whoNode, rivalNode] = race(built, borrowed, [own, () => create(built, ['red', 'again'], TWO)])
    expect([whoNode !== '', rivalNode]).toEqual([true, ''])
    expect(built.messages.get('again')).toContain('total ElasticQuota used is more than min')
  })

  it('does not charge those of another namespace that borrows', () => {
    const built = cluster(2, {
      red: { min: { cpu: '6', memory: '6Gi' }, max: { cpu: '8', memory: '8Gi' } },
      blue: { min: { cpu: '2', memory: '2Gi' }, max: { cpu: '8', memory: '8Gi' } },
    })
    create(built, ['red', 'first'], TWO)
    const low = ['a', 'b', 'c'].map((name) => create(built, ['blue', name], TWO))
    const high = create(built, ['blue', 'high'], TWO, { priority: 10 })
    const [whoNode, rivalNode] = race(built, low, [high, () => create(built, ['red', 'second'], TWO)])
    expect([whoNode, rivalNode !== '']).toEqual(['', true])
  })
})

describe('CapacityScheduling, through random arrivals', () => {
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

  /** Pods of two namespaces come and end on a node that holds all mins; what is pending then, and where the others are. */
  function played(arrivals: readonly QuotaArrival[], usesIndex: boolean): PlayedQuotas {
    const built = cluster(1, QUOTAS, { usesIndex })
    const rows: { row: PodRow; arrival: QuotaArrival }[] = []
    arrivals.forEach((arrival, index) => {
      const { namespace, cpu, priority, ends } = arrival
      const requests = { cpu: `${cpu}`, memory: '64Mi' }
      rows.push({ row: create(built, [namespace, `p${index}`], requests, { priority }), arrival })
      const gone = rows[index >> 1]?.row
      if (ends && gone !== undefined && !built.api.pods.isRemoved(gone)) built.api.pods.remove(gone)
      for (let i = 0; i < 8; i++)
        settle(
          built,
          rows.map(({ row }) => row),
        )
    })
    const present = rows.filter(({ row }) => !built.api.pods.isRemoved(row))
    return {
      built,
      pending: present.flatMap(({ row, arrival }) => (nodeOf(built.api, row) === '' ? [arrival] : [])),
      places: rows.map(({ row }) => (built.api.pods.isRemoved(row) ? 'gone' : nodeOf(built.api, row))),
    }
  }

  const quotaArrivals = fc.array(
    fc.record({
      namespace: fc.constantFrom('red', 'blue'),
      cpu: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: 0, max: 2 }),
      ends: fc.boolean(),
    }),
    { maxLength: 16 },
  )

  it('lends only what nobody claims: no pod is pending whose namespace has its min with it', () => {
    fc.assert(
      fc.property(quotaArrivals, (arrivals) => {
        const { built, pending } = played(arrivals, true)
        for (const { namespace, cpu } of pending) {
          expect(built.scheduler.cluster.namespaceUse(namespace).cpu + 1000 * cpu).toBeGreaterThan(4000)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('decides by the fast path as by the definition', () => {
    let indexed = 0
    fc.assert(
      fc.property(quotaArrivals, (arrivals) => {
        const fast = played(arrivals, true)
        expect(fast.places).toEqual(played(arrivals, false).places)
        indexed += fast.built.scheduler.answered.index + fast.built.scheduler.answered.mixed
      }),
      { numRuns: 30 },
    )
    expect(indexed).toBeGreaterThan(0)
  })
})
