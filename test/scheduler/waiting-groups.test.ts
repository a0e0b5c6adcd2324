import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'

/** Longer than any back-off: pods that are moved are then tried in order of priority, not of the end of their back-off. */
const STEP = 15 * SECOND

/** Kinds of pods, the higher priority first; none makes room for itself. */
const KINDS = [
  { cpu: '1', memory: '1Gi' },
  { cpu: '2', memory: '1Gi', nodeSelector: { 'topology.kubernetes.io/zone': 'b' } },
  { cpu: '3', memory: '2Gi' },
  { memory: '6Gi', tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
  { cpu: '500m', memory: '4Gi' },
  { cpu: '4', memory: '512Mi' },
  { cpu: '1500m', memory: '3Gi', nodeSelector: { 'topology.kubernetes.io/zone': 'a' } },
]

/** Plays random changes of a full cluster; what was bound, kind by kind, when and where. */
function play(
  seed: number,
  options: Partial<SchedulerOptions>,
): { readonly bound: string[]; readonly tries: number } {
  const { sim, api, scheduler } = buildCluster({ options, seed })
  const draw = new RandomStreams(String(seed)).stream('test')
  const bound: string[] = []
  const kindOf = new Map<PodRow, number>()
  const running: PodRow[] = []
  let tries = 0
  scheduler.observe(({ pod, outcome }) => {
    tries += 1
    if (outcome !== 'bound') return
    bound.push(`${sim.now / SECOND}s kind ${kindOf.get(pod)} on ${nodeOf(api, pod)}`)
    running.push(pod)
  })
  const room = (): Parameters<typeof node>[1] => ({
    cpu: String(2 + draw.integer(4)),
    memory: '8Gi',
    pods: String(2 + draw.integer(4)),
    zone: draw.integer(2) === 0 ? 'a' : 'b',
  })
  const taints = (): Parameters<typeof node>[2] =>
    draw.integer(3) === 0 ? { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } : {}
  for (let i = 0; i < 3; i++) api.nodes.create(node(`n${i}`, room()))
  let names = 0
  for (let step = 1; step <= 40; step++) {
    const change = draw.integer(6)
    if (change <= 1) {
      for (let i = draw.integer(5); i >= 0; i--) {
        const kind = draw.integer(KINDS.length)
        const spec = { ...KINDS[kind], priority: 10 - kind, preemptionPolicy: 'Never' }
        kindOf.set(createPod(api, `p${names++}`, spec), kind)
      }
    } else if (change === 2) api.nodes.update(node(`n${draw.integer(3)}`, room(), taints()))
    else if (change === 3) api.nodes.create(node(`late${names++}`, room(), taints()))
    else {
      // Pods of one kind differ in name only: which of them goes is told by where it is.
      running.sort((one, other) => key(one).localeCompare(key(other)))
      const [gone] = running.splice(draw.integer(Math.max(1, running.length)), 1)
      if (gone !== undefined) api.pods.remove(gone)
    }
    sim.run(step * STEP)
  }
  return { bound: bound.sort(), tries }

  function key(pod: PodRow): string {
    return `${kindOf.get(pod)} ${nodeOf(api, pod)}`
  }
}

/**
 * A node full with pods of priority 5, and one more that waits for two CPUs. One becomes free and goes to a pod of priority 0,
 * then another: where the one that waits is in the end.
 */
function preempt(groupsRejected: boolean): string {
  const { sim, api } = buildCluster({ options: { groupsRejected } })
  const create = (name: string, cpu: string, priority: number): PodRow =>
    createPod(api, name, { cpu, memory: '1Gi', priority })
  api.nodes.create(node('n', { cpu: '2', memory: '16Gi' }))
  const [first, second] = [create('a', '1', 5), create('b', '1', 5)]
  sim.run(STEP)
  const waiting = create('waiting', '2', 5)
  sim.run(2 * STEP)
  api.pods.remove(first)
  sim.run(3 * STEP)
  const small = create('small', '1', 0)
  sim.run(4 * STEP)
  expect([nodeOf(api, waiting), nodeOf(api, small)]).toEqual(['', 'n'])
  api.pods.remove(second)
  sim.run(5 * STEP)
  if (api.pods.table.deletingAt(small) !== NO_TIME) api.pods.remove(small)
  sim.run(6 * STEP)
  return nodeOf(api, waiting)
}

describe('equal rejected pods', () => {
  it('are forgotten when they go, also behind one that stays', () => {
    const { sim, api, scheduler } = buildCluster()
    api.nodes.create(node('n', { cpu: '2', memory: '16Gi' }))
    const create = (name: string): PodRow => createPod(api, name, { cpu: '3', memory: '1Gi' }, 'equal')
    const stays = create('stays')
    let last = stays
    for (let i = 0; i < 1000; i++) {
      if (last !== stays) api.pods.remove(last)
      last = create(`p${i}`)
      sim.run(sim.now + SECOND)
    }
    const pods = scheduler.queue.get(stays)?.group?.pods ?? []
    expect(pods.length).toBeLessThan(150)
    expect([pods[0]?.row, pods.at(-1)?.row]).toEqual([stays, last])
  })

  it('make room for themselves when pods of lower priority have come', () => {
    expect([preempt(true), preempt(false)]).toEqual(['n', 'n'])
  })

  it('are bound at the same instants to the same nodes, waiting as a group or one by one', () => {
    let saved = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const together = play(seed, {})
        const apart = play(seed, { groupsRejected: false })
        saved += apart.tries - together.tries
        expect(together.bound).toEqual(apart.bound)
        expect(apart.bound).toEqual(play(seed, { usesIndex: false }).bound)
      }),
      { seed: 7, numRuns: 40 },
    )
    expect(saved).toBeGreaterThan(0)
  })
})
