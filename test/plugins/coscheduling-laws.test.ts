import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { nodeOf } from '../scheduler/cluster-builder.ts'
import { createGroup, createMember, gangCluster } from './gang-cluster.ts'
import type { GangCluster } from './gang-cluster.ts'

/** PodGroups, and how many pods come for each: more or fewer than it needs. */
const gangs = fc.array(
  fc.record({
    minMember: fc.integer({ min: 1, max: 12 }),
    extraPods: fc.integer({ min: -1, max: 2 }),
    cpu: fc.constantFrom(1, 1, 1, 2, 4),
    timeoutSeconds: fc.integer({ min: 1, max: 20 }),
    minCpu: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 4 },
)
/** After some seconds pods of a gang, or of none, come, and perhaps one goes that waits. */
const steps = fc.array(
  fc.record({
    afterSeconds: fc.integer({ min: 0, max: 15 }),
    gang: fc.nat({ max: 4 }),
    count: fc.constantFrom(1, 2, 12),
    leaves: fc.constantFrom(true, false, false, false),
  }),
  { minLength: 4, maxLength: 20 },
)
const cases = fc.record({
  nodes: fc.integer({ min: 2, max: 5 }),
  backoffSeconds: fc.constantFrom(0, 0, 5, 30),
  gangs,
  steps,
})
type GangCase = typeof cases extends fc.Arbitrary<infer Case> ? Case : never

/** A pod of a case; of no gang where it has none. */
interface Member {
  readonly row: PodRow
  readonly gang: number
}

/** Plays a case; `check` is asked after each step, and a minute after the last. */
function play(
  { nodes, backoffSeconds, gangs: all, steps: happened }: GangCase,
  check: (built: GangCluster, members: readonly Member[]) => void,
  usesIndex = true,
): { readonly built: GangCluster; readonly members: readonly Member[] } {
  const built = gangCluster(nodes, {
    args: { podGroupBackoffSeconds: backoffSeconds },
    options: { usesIndex, groupsRejected: false },
  })
  const { sim, api } = built
  all.forEach(({ minMember, timeoutSeconds, minCpu }, gang) => {
    const minResources = minCpu === undefined ? {} : { minResources: { cpu: `${minCpu}` } }
    createGroup(built, `g${gang}`, { minMember, scheduleTimeoutSeconds: timeoutSeconds, ...minResources })
  })
  const members: Member[] = []
  const arrive = (gang: number): void => {
    const { cpu, minMember, extraPods } = all[gang] ?? { cpu: 1, minMember: 3, extraPods: 0 }
    const count = members.filter((member) => member.gang === gang).length
    if (count >= minMember + extraPods) return
    const group = gang < all.length ? { group: `g${gang}` } : {}
    const requests = { cpu: `${cpu}` }
    members.push({ row: createMember(built, `g${gang}-${count}`, { ...group, requests }), gang })
  }
  for (const { afterSeconds, gang, count, leaves } of happened) {
    sim.run(sim.now + afterSeconds * SECOND)
    // Bound pods stay, so that what is bound of a gang never gets fewer.
    const gone = members.find(({ row }) => !api.pods.isRemoved(row) && nodeOf(api, row) === '')
    if (leaves && gone !== undefined) api.pods.remove(gone.row)
    for (let i = 0; i < count; i++) arrive(gang % (all.length + 1))
    sim.run(sim.now + 1)
    check(built, members)
  }
  sim.run(sim.now + 60 * SECOND)
  check(built, members)
  return { built, members }
}

it('never leaves a part of a gang bound that is smaller than minMember', () => {
  let gangsBound = 0
  fc.assert(
    fc.property(cases, (given) => {
      play(given, ({ api }, members) => {
        given.gangs.forEach(({ minMember }, gang) => {
          const bound = members.filter(({ row, gang: of }) => of === gang && nodeOf(api, row) !== '').length
          if (bound > 0) expect(bound).toBeGreaterThanOrEqual(minMember)
          if (bound > 0 && minMember > 1) gangsBound += 1
        })
      })
    }),
    { numRuns: 150 },
  )
  expect(gangsBound).toBeGreaterThan(100)
})

it('lets no pod hold room without being bound for longer than its gang says, and gives back all of it', () => {
  let ended = 0
  fc.assert(
    fc.property(cases, (given) => {
      const { built } = play(given, () => undefined)
      const since = new Map<string, number>()
      for (const line of built.outcomes) {
        const [at = '', name = '', outcome] = line.split(' ')
        const began = since.get(name)
        const gang = given.gangs[Number(name.slice(1, name.indexOf('-')))]
        if (began !== undefined) {
          expect(Number(at) - began).toBeLessThanOrEqual(gang?.timeoutSeconds ?? 0)
          if (Number(at) - began === gang?.timeoutSeconds) ended += 1
        }
        if (outcome === 'waiting') since.set(name, Number(at))
        else since.delete(name)
      }
      const { nodes, groups } = built.scheduler.cluster
      const counted = given.gangs.map((_, gang) => groups.coscheduledGroup('default', `g${gang}`))
      for (const node of nodes.order) expect(nodes.requestedCpu(node)).toBeLessThanOrEqual(4000)
      const placed = nodes.order.reduce((sum, node) => sum + nodes.podCount(node), 0)
      const others = [...built.outcomes].filter(
        (line) => line.includes(` g${given.gangs.length}-`) && line.endsWith(' bound'),
      )
      expect(placed).toBe(
        others.length + counted.reduce((sum, state) => sum + (state?.scheduledCount ?? 0), 0),
      )
    }),
    { numRuns: 150 },
  )
  expect(ended).toBeGreaterThan(10)
})

it('decides by the fast path as by the definition', () => {
  let indexed = 0
  fc.assert(
    fc.property(cases, (given) => {
      const fast = play(given, () => undefined).built
      const slow = play(given, () => undefined, false).built
      expect(fast.outcomes).toEqual(slow.outcomes)
      expect([...fast.messages]).toEqual([...slow.messages])
      const { index, mixed } = fast.scheduler.answered
      indexed += index + mixed
    }),
    { numRuns: 60 },
  )
  expect(indexed).toBeGreaterThan(100)
})
