import { expect, it } from 'vitest'

import type { Service } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'

it('counts, by default constraints, on the nodes that each pod may go to, also where their labels are the same', () => {
  const { sim, api } = buildCluster()
  const create = (name: string, nodeSelector: Record<string, string>): PodRow => {
    const pod = createPod(api, name, { cpu: '1m', memory: '1Mi', nodeSelector }, 'web')
    sim.run(sim.now + SECOND)
    return pod
  }
  const places = { n0: ['a', 'ssd'], n1: ['a', 'disk'], n2: ['b', 'ssd'] } as const
  for (const [name, [zone, disk]] of Object.entries(places)) {
    const { metadata, ...rest } = node(name, { cpu: '64', memory: '256Gi', zone })
    const labels = { ...metadata?.labels, disk, tier: 'all' }
    api.nodes.create({ ...rest, metadata: { ...metadata, labels } })
  }
  const metadata = { name: 'web', namespace: 'default' }
  const service: Service = { kind: 'Service', metadata, spec: { selector: { app: 'web' } } }
  api.collection<Service>('Service').create(service)
  // The first of these labels may go anywhere.
  api.pods.remove(create('anywhere', { tier: 'all' }))
  for (const name of ['x', 'y', 'z']) create(name, { disk: 'disk' })
  create('other', { 'kubernetes.io/hostname': 'n2' })
  // Of the nodes with an SSD that in zone b has a pod, and that in zone a has none.
  expect(nodeOf(api, create('last', { disk: 'ssd' }))).toBe('n0')
})
