import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { MILLISECOND, SECOND } from '../../src/base/time.ts'
import type { PodRow, TemplateId } from '../../src/cluster/rows.ts'
import { definePlugin, unschedulable } from '../../src/scheduler/framework/index.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'

/** A node of four CPUs with three taken by `x` and `y`, and what is done to it. */
function fullNode(options: Partial<SchedulerOptions>) {
  const { sim, api } = buildCluster({ options })
  const create = (name: string, cpu: string): PodRow =>
    createPod(api, name, { cpu, memory: '1Gi', preemptionPolicy: 'Never' }, 'equal')
  api.nodes.create(node('n', { cpu: '4', memory: '64Gi' }))
  const [x, y] = [create('x', '2'), create('y', '1')]
  sim.run(100 * MILLISECOND)
  /** Makes a pod ask for as much as another. */
  const resize = (pod: PodRow, like: PodRow): void => {
    api.pods.updateTemplate(pod, api.pods.table.template(like) as TemplateId)
  }
  return { sim, api, x, y, create, resize, nodeOf: (pod: PodRow) => nodeOf(api, pod) }
}

describe('a pod that asks for something else while it waits', () => {
  it('is taken early from the back-off queue when it asks for less', () => {
    const { sim, api, y, create, resize, nodeOf: at } = fullNode({ cycleTime: MILLISECOND })
    const [first, second] = [create('first', '4'), create('second', '4')]
    sim.run(200 * MILLISECOND)
    // Nobody fits yet, but both are to be tried again after their back-off.
    api.pods.remove(y)
    sim.run(300 * MILLISECOND)
    expect([at(first), at(second)]).toEqual(['', ''])
    resize(second, y)
    sim.run(400 * MILLISECOND)
    expect([at(first), at(second)]).toEqual(['', 'n'])
  })

  for (const groupsRejected of [true, false]) {
    it(`keeps nobody that was its equal from a node: together ${groupsRejected}`, () => {
      const { sim, api, x, create, resize, nodeOf: at } = fullNode({ groupsRejected })
      const large = create('large', '4')
      sim.run(SECOND)
      const equals = [create('first', '3'), create('second', '3')] as const
      sim.run(2 * SECOND)
      resize(equals[0], large)
      sim.run(3 * SECOND)
      api.pods.remove(x)
      sim.run(30 * SECOND)
      expect(equals.map(at)).toEqual(['', 'n'])
    })
  }

  it('is asked about when only what it says of itself changed, however many sizes came since', () => {
    const closed = unschedulable('closed')
    const door = definePlugin({
      name: 'Door',
      reads: ['labels'],
      compile: () => ({}),
      filter: () => closed,
      hint: (_term, change) => change.type === 'pending-pod-updated' && change.itself,
    })
    const { sim, api, scheduler } = buildCluster({
      registry: new Map([...plugins, ['Door', () => door]]),
      configuration: { profiles: [{ plugins: { filter: { enabled: [{ name: 'Door' }] } } }] },
    })
    api.nodes.create(node('n', { cpu: '4', memory: '64Gi' }))
    const interned = api.pods.templates.intern({
      metadata: { namespace: 'default', labels: {}, annotations: {} },
      spec: { containers: [{ name: 'main' }] },
      sizing: 'requests',
    })
    if (!interned.ok) throw new Error(interned.message)
    const pod = api.pods.create({ template: interned.id, name: 'p', cpu: 100, memory: 2 ** 30 })
    sim.run(SECOND)
    const { shapes } = scheduler.cluster
    for (let cpu = 101; cpu < 20_000; cpu++) shapes.sizedShape(shapes.baseOf(pod), cpu, 2 ** 30)
    const before = scheduler.queue.get(pod)?.attempts ?? 0
    api.pods.updateDetails(pod, {})
    sim.run(30 * SECOND)
    expect(scheduler.queue.get(pod)?.attempts).toBe(before + 1)
  })
})
