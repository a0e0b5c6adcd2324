import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster, createPod, node, nodeOf } from './cluster-builder.ts'

const WAYS: Readonly<Record<string, Partial<SchedulerOptions>>> = {
  'by the definition': { usesIndex: false },
  'one by one': { groupsRejected: false },
  'as a group': {},
}

describe('a pod that waits for room, and is known to fail again when a tainted node comes', () => {
  for (const [way, options] of Object.entries(WAYS)) {
    it(`is tried when the taint goes: ${way}`, () => {
      const { sim, api } = buildCluster({ options })
      const taints = [{ key: 'new', effect: 'NoSchedule' }]
      const room = { cpu: '4', memory: '16Gi' }
      api.nodes.create(node('full', { cpu: '1', memory: '16Gi' }))
      const pod = createPod(api, 'waiting', { cpu: '2', memory: '1Gi' })
      sim.run(15 * SECOND)
      api.nodes.create(node('late', room, { taints }))
      sim.run(30 * SECOND)
      expect(nodeOf(api, pod)).toBe('')
      api.nodes.update(node('late', room))
      sim.run(45 * SECOND)
      expect(nodeOf(api, pod)).toBe('late')
    })
  }
})

describe('a pod that is known to fail again, where only the definition can say who rejects it', () => {
  for (const [way, options] of Object.entries(WAYS)) {
    it(`waits for what rejects it now, not for what did at first: ${way}`, () => {
      const { sim, api, scheduler } = buildCluster({ options })
      const tolerations = [{ key: 'new', operator: 'Exists' }]
      const room = { cpu: '4', memory: '16Gi' }
      api.nodes.create(node('only', room, { taints: [{ key: 'new', effect: 'NoSchedule' }] }))
      const pod = createPod(api, 'waiting', { cpu: '3' })
      sim.run(SECOND)
      expect(scheduler.queue.get(pod)?.rejectedBy).toEqual(['TaintToleration'])
      // One that keeps others away: who rejects whom does not follow from the nodes alone any more.
      const labelSelector = { matchLabels: { app: 'nobody' } }
      const terms = [{ topologyKey: 'kubernetes.io/hostname', labelSelector }]
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } }
      createPod(api, 'loner', { cpu: '500m', tolerations, affinity })
      const full = createPod(api, 'full', { cpu: '2', tolerations })
      sim.run(15 * SECOND)
      api.nodes.update(node('only', room))
      sim.run(30 * SECOND)
      expect(nodeOf(api, pod)).toBe('')
      api.pods.requestDeletion(full, { grace: 0, reason: '' })
      sim.run(45 * SECOND)
      expect(nodeOf(api, pod)).toBe('only')
    })
  }
})
