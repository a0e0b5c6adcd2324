import { expect, it } from 'vitest'

import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { startResourceClaimController } from '../../src/controllers/resource-claims.ts'
import { device, deviceClass, request, slice } from '../plugins/device-allocation/devices.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'

const TEMPLATE = {
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-gpu', namespace: 'default' },
  spec: { spec: { devices: { requests: [request('r')] } } },
}

it('makes and releases no claims while nobody leads, and all of them when somebody does', () => {
  const { sim, api } = buildCluster()
  const controller = startResourceClaimController(api)
  api.nodes.create(node('node-1', { cpu: '8', memory: '8Gi' }))
  for (const object of [deviceClass('gpu'), slice('a', [device('x')]), TEMPLATE]) {
    api.collection(object.kind ?? '').create(object)
  }
  const claims = (): string[] =>
    [...api.collection<ResourceClaim>('ResourceClaim').list()].map(({ metadata }) => metadata?.name ?? '')
  const pod = (name: string): ReturnType<typeof createPod> =>
    createPod(api, name, {
      cpu: '1',
      resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }],
    })
  const first = pod('first')
  sim.run(SECOND)
  expect([nodeOf(api, first), claims().length]).toEqual(['node-1', 1])
  controller.setPaused(true)
  const second = pod('second')
  const gone = pod('gone')
  api.pods.requestDeletion(first, { grace: 0, reason: '' })
  if (!api.pods.isRemoved(first)) api.pods.remove(first)
  if (!api.pods.isRemoved(gone)) api.pods.remove(gone)
  sim.run(30 * SECOND)
  expect([claims().length, nodeOf(api, second)]).toEqual([1, ''])
  controller.setPaused(false)
  sim.run(60 * SECOND)
  expect(claims()).toEqual([expect.stringMatching(/^second-gpu-/)])
  expect(nodeOf(api, second)).toBe('node-1')
})
