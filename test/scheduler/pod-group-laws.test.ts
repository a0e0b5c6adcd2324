import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { PodGroup } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { buildCluster, createPod, node } from './cluster-builder.ts'

const GATES = resolveFeatureGates('1.37', { GenericWorkload: true, TopologyAwareWorkloadScheduling: true })

const ZONE = 'topology.kubernetes.io/zone'

/** Something that is done to a cluster, after which a second passes. */
type Step =
  | {
      readonly do: 'group'
      readonly minCount: number
      readonly size: number
      readonly cpu: number
      readonly priority: number
      readonly isZonal: boolean
      readonly isWhole: boolean
    }
  | { readonly do: 'pod'; readonly cpu: number; readonly priority: number }
  | { readonly do: 'node'; readonly cpu: number }
  | { readonly do: 'remove'; readonly which: number }

const priority = fc.integer({ min: 0, max: 2 })
const cpu = fc.integer({ min: 1, max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('group' as const),
    minCount: fc.integer({ min: 0, max: 4 }),
    size: fc.integer({ min: 1, max: 5 }),
    cpu,
    priority,
    isZonal: fc.boolean(),
    isWhole: fc.boolean(),
  }),
  fc.record({ do: fc.constant('pod' as const), cpu, priority }),
  fc.record({ do: fc.constant('node' as const), cpu: fc.integer({ min: 2, max: 8 }) }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat(40) }),
)

/** What happened in a cluster, and what was wrong with it. */
interface Played {
  readonly decisions: readonly string[]
  readonly breaches: readonly string[]
  readonly bound: number
  readonly preempted: number
}

function play(steps: readonly Step[], options: { usesIndex: boolean; batches?: boolean }): Played {
  const { sim, api, scheduler } = buildCluster({ gates: GATES, options })
  const { table } = api.pods
  const rows: PodRow[] = []
  const capacity = new Map<string, number>()
  const minCounts = new Map<string, number>()
  const zonal = new Set<string>()
  const decisions: string[] = []
  const breaches: string[] = []
  let preempted = 0
  let lastBound = ''

  const groupOf = (row: PodRow): string =>
    api.pods.infoOf(row).template.spec.schedulingGroup?.podGroupName ?? ''
  const zoneOf = (row: number): string => {
    const name = api.nodeRows.nameOf(row as Parameters<typeof api.nodeRows.nameOf>[0])
    return api.nodes.get(name)?.metadata?.labels?.[ZONE] ?? ''
  }
  const check = (group: string): void => {
    if (group === '') return
    const bound = rows.filter(
      (row) => groupOf(row) === group && !api.pods.isRemoved(row) && table.node(row) !== NO_NODE,
    )
    const least = minCounts.get(group) ?? 0
    if (bound.length < least) breaches.push(`${group}: ${bound.length} of ${least} bound at ${sim.now}`)
    const zones = new Set(bound.map((row) => zoneOf(table.node(row))))
    if (zonal.has(group) && zones.size > 1) breaches.push(`${group}: in ${zones.size} zones at ${sim.now}`)
  }
  scheduler.observe(({ pod, outcome, node: chosen, victims, message }) => {
    if (groupOf(pod) !== lastBound) check(lastBound)
    lastBound = outcome === 'bound' ? groupOf(pod) : lastBound
    preempted += victims.length
    decisions.push(
      `${sim.now} ${api.pods.nameOf(pod)} ${outcome} ${chosen} ${outcome === 'bound' ? '' : message()}`,
    )
  })
  const addNode = (amount: number): void => {
    const name = `n${capacity.size}`
    capacity.set(name, amount)
    api.nodes.create(node(name, { cpu: String(amount), memory: '64Gi', zone: `z${capacity.size % 2}` }))
  }
  const checkNodes = (): void => {
    const used = new Map<string, number>()
    for (const row of rows) {
      if (api.pods.isRemoved(row) || table.node(row) === NO_NODE) continue
      const name = api.nodeRows.nameOf(table.node(row) as Parameters<typeof api.nodeRows.nameOf>[0])
      used.set(name, (used.get(name) ?? 0) + table.cpu(row))
    }
    for (const [name, amount] of used)
      if (amount > (capacity.get(name) ?? 0) * 1000) breaches.push(`${name} holds ${amount} at ${sim.now}`)
  }

  addNode(4)
  addNode(6)
  steps.forEach((one, place) => {
    if (one.do === 'node') addNode(one.cpu)
    else if (one.do === 'pod') {
      const spec = { cpu: String(one.cpu), priority: one.priority, terminationGracePeriodSeconds: 0 }
      rows.push(createPod(api, `p${place}`, spec, 'alone'))
    } else if (one.do === 'remove') {
      const row = rows[one.which]
      // Pods of gangs that are bound stay, so that what the laws count is what was bound.
      const isFree = row !== undefined && (groupOf(row) === '' || table.node(row) === NO_NODE)
      if (isFree && !api.pods.isRemoved(row)) api.pods.remove(row)
    } else {
      const name = `g${place}`
      minCounts.set(name, Math.max(1, one.minCount))
      if (one.isZonal) zonal.add(name)
      api.collection<PodGroup>('PodGroup').create({
        kind: 'PodGroup',
        metadata: { name, namespace: 'default' },
        spec: {
          priority: one.priority,
          schedulingPolicy: one.minCount === 0 ? { basic: {} } : { gang: { minCount: one.minCount } },
          disruptionMode: one.isWhole ? { all: {} } : { single: {} },
          ...(one.isZonal ? { schedulingConstraints: { topology: [{ key: ZONE }] } } : {}),
        },
      })
      for (let i = 0; i < one.size; i++) {
        const spec = {
          cpu: String(one.cpu),
          priority: one.priority,
          terminationGracePeriodSeconds: 0,
          schedulingGroup: { podGroupName: name },
        }
        rows.push(createPod(api, `${name}-${i}`, spec, name))
      }
    }
    sim.run(sim.now + SECOND)
    check(lastBound)
    lastBound = ''
    checkNodes()
  })
  sim.run(sim.now + 60 * SECOND)
  checkNodes()
  const bound = decisions.filter((line) => line.includes(' bound ')).length
  return { decisions, breaches, bound, preempted }
}

describe.each([{ batches: false }, { batches: true }])(
  'pods of groups, with batches $batches',
  ({ batches }) => {
    it('are bound together or not at all, and never more of them than there is room for', () => {
      let bound = 0
      let preempted = 0
      fc.assert(
        fc.property(fc.array(step, { minLength: 3, maxLength: 14 }), (steps) => {
          const played = play(steps, { usesIndex: true, batches })
          bound += played.bound
          preempted += played.preempted
          expect(played.breaches).toEqual([])
        }),
        { numRuns: 150, seed: 37 },
      )
      expect(bound).toBeGreaterThan(300)
      expect(preempted).toBeGreaterThan(20)
    })

    it('go where the definition says, whoever finds their nodes', () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 3, maxLength: 10 }), (steps) => {
          const ask = { batches }
          expect(play(steps, { ...ask, usesIndex: true }).decisions).toEqual(
            play(steps, { ...ask, usesIndex: false }).decisions,
          )
        }),
        { numRuns: 60, seed: 41 },
      )
    })
  },
)
