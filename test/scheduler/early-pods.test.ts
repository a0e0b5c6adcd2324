import { expect, it } from 'vitest'

import { MILLISECOND, SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'

/** A full node of 2 CPUs; pods that want 2, 1, 1 wait. What is tried after one CPU has become free, and when. */
function play({ usesIndex }: { readonly usesIndex: boolean }): string[] {
  const { sim, api, scheduler } = buildCluster({ options: { usesIndex, cycleTime: MILLISECOND } })
  const names = new Map<PodRow, string>()
  const tried: string[] = []
  scheduler.observe(({ pod, outcome, attempt }) => {
    if (sim.now < 0.5 * SECOND) return
    tried.push(`${sim.now / MILLISECOND}ms ${names.get(pod)} ${outcome} at attempt ${attempt}`)
  })
  const create = (name: string, cpu: string): PodRow => {
    const pod = createPod(api, name, { cpu, memory: '1Gi' })
    names.set(pod, name)
    return pod
  }
  api.nodes.create(node('n', { cpu: '2', memory: '8Gi', pods: '10' }))
  const running = [create('x', '1'), create('y', '1')]
  sim.run(100 * MILLISECOND)
  for (const [name, cpu] of [
    ['big', '2'],
    ['first', '1'],
    ['second', '1'],
  ] as const) {
    create(name, cpu)
  }
  sim.run(500 * MILLISECOND)
  const [gone] = running
  if (gone !== undefined) {
    expect(nodeOf(api, gone)).toBe('n')
    api.pods.remove(gone)
  }
  sim.run(900 * MILLISECOND)
  return tried
}

it('takes the pod early that has room, behind one that is known to fail again', () => {
  expect(play({ usesIndex: true })).toEqual(['500ms first bound at attempt 2'])
})

it('tries all of them where nothing is known', () => {
  expect(play({ usesIndex: false })).toEqual([
    '500ms big unschedulable at attempt 2',
    '501ms first bound at attempt 2',
    '502ms second unschedulable at attempt 2',
  ])
})
