import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'

it('keeps pods off nodes that do not declare what they need, until one does', () => {
  const { sim, api, scheduler } = buildCluster()
  const made = node('n1', { cpu: '4', memory: '8Gi' })
  api.nodes.create(made)
  const pod = createPod(api, 'p', { cpu: '1', hostNetwork: true, hostUsers: false })
  const other = createPod(api, 'other', { cpu: '1', hostNetwork: true })
  const said: string[] = []
  scheduler.observe((decision) => said.push(decision.outcome === 'bound' ? 'bound' : decision.message()))
  sim.run(SECOND)
  expect(said).toContain(
    "0/1 nodes are available: 1 node(s) didn't match Pod's required features. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
  )
  expect(nodeOf(api, other)).toBe('n1')
  const declaredFeatures = ['UserNamespacesHostNetworkSupport']
  api.nodes.update({ ...made, status: { ...made.status, declaredFeatures } })
  sim.run(10 * SECOND)
  expect(nodeOf(api, pod)).toBe('n1')
})
