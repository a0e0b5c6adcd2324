import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'
import { GIB, TestCluster } from '../test-cluster.ts'

type Qos = 'Guaranteed' | 'Burstable' | 'BestEffort'

/** A pod in quarters of a GiB. */
interface Plan {
  readonly qos: Qos
  readonly request: number
  readonly used: number
  readonly priority: number
}

const UNIT = GIB / 4
const CAPACITY = 64
/** A node evicts below so much. */
const THRESHOLD = 50

const plan = fc
  .record({
    qos: fc.constantFrom<Qos>('Guaranteed', 'Burstable', 'BestEffort'),
    request: fc.integer({ min: 1, max: 8 }),
    used: fc.integer({ min: 1, max: 12 }),
    priority: fc.integer({ min: 0, max: 2 }),
  })
  .map((drawn): Plan => {
    if (drawn.qos === 'BestEffort') return { ...drawn, request: 0 }
    // Nobody gets beyond a limit.
    return drawn.qos === 'Guaranteed' ? { ...drawn, used: Math.min(drawn.used, drawn.request) } : drawn
  })

/** As many as fit the node: by what they use, so that the kernel has nothing to do, and by what they ask for, so that the kubelet takes all. */
const plans = fc.array(plan, { minLength: 1, maxLength: 14 }).map((all) => {
  let inUse = 0
  let asked = 0
  return all.filter(({ used, request }) => {
    if (inUse + used > CAPACITY || asked + request > CAPACITY) return false
    inUse += used
    asked += request
    return true
  })
})

/**
 * Who has to go by the documentation of node-pressure eviction: among those above their request, if there are any, the lowest
 * priority, and of these whoever is furthest above it. The first of equals.
 */
function documentedNext(left: readonly Plan[]): Plan | undefined {
  const above = left.filter(({ used, request }) => used > request)
  const candidates = above.length > 0 ? above : left
  const lowest = Math.min(...candidates.map(({ priority }) => priority))
  const last = candidates.filter(({ priority }) => priority === lowest)
  const furthest = Math.max(...last.map(({ used, request }) => used - request))
  return last.find(({ used, request }) => used - request === furthest)
}

function documentedOrder(all: readonly Plan[]): Plan[] {
  const order: Plan[] = []
  let left = [...all]
  while (CAPACITY - left.reduce((sum, { used }) => sum + used, 0) < THRESHOLD) {
    const next = documentedNext(left)
    if (next === undefined) break
    order.push(next)
    left = left.filter((one) => one !== next)
  }
  return order
}

it('evicts pods of all classes one a look, in the documented order, until the threshold is not met', () => {
  const seen = new Map<Qos, number>()
  fc.assert(
    fc.property(plans, (all) => {
      const cluster = new TestCluster({
        kernel: true,
        eviction: { evictionHard: { 'memory.available': String(THRESHOLD * UNIT) } },
      })
      const node = cluster.addNode('n0', { cpu: '64', memory: String(CAPACITY * UNIT) })
      for (const value of [1, 2]) {
        cluster.api.priorityClasses.create({ metadata: { name: `p${value}` }, value })
      }
      const rows = new Map<PodRow, Plan>()
      for (const one of all) rows.set(cluster.createPod({ node, ...podOf(one) }), one)
      const evicted: { plan: Plan | undefined; at: number }[] = []
      cluster.eviction?.observe(({ pod, at }) => evicted.push({ plan: rows.get(pod), at }))
      let kills = 0
      cluster.oom?.observe(() => (kills += 1))
      cluster.runTo(120)
      expect(evicted.map((one) => one.plan)).toEqual(documentedOrder(all))
      expect(kills).toBe(0)
      for (const [index, { at, plan: gone }] of evicted.entries()) {
        if (gone !== undefined) seen.set(gone.qos, (seen.get(gone.qos) ?? 0) + 1)
        // The first look comes within 10 s, each other one a second after the pod before was gone.
        if (index === 0) expect(at).toBeLessThan(10 * SECOND)
        else expect(at - (evicted[index - 1]?.at ?? 0)).toBe(SECOND)
      }
    }),
    { numRuns: 150 },
  )
  for (const qos of ['Guaranteed', 'Burstable', 'BestEffort'] as const) {
    expect(seen.get(qos) ?? 0, qos).toBeGreaterThan(0)
  }
})

function podOf({ qos, request, used, priority }: Plan) {
  const amounts = { cpu: '1m', memory: String(request * UNIT) }
  const resources = {
    Guaranteed: { requests: amounts, limits: amounts },
    Burstable: { requests: amounts },
    BestEffort: {},
  }[qos]
  return {
    sizing: 'template' as const,
    usedMemory: used * UNIT,
    spec: {
      containers: [{ name: 'main', resources }],
      ...(priority === 0 ? {} : { priorityClassName: `p${priority}` }),
    },
  }
}
