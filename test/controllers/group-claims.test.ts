import { describe, expect, it } from 'vitest'

import type { PodGroup, V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startResourceClaimController } from '../../src/controllers/resource-claims.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { device, deviceClass, request, slice } from '../plugins/device-allocation/devices.ts'
import { buildCluster, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'

const TEMPLATE = {
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-gpu', namespace: 'default' },
  spec: { spec: { devices: { requests: [request('r')] } } },
}
const CLAIM = { name: 'gpu', resourceClaimTemplateName: 'one-gpu' }
const GROUP: PodGroup = {
  kind: 'PodGroup',
  metadata: { name: 'train', namespace: 'default', uid: 'group-uid' },
  spec: { schedulingPolicy: { gang: { minCount: 2 } }, resourceClaims: [CLAIM] },
}

/** A cluster with one device on its only node, and the controller of claims. */
function deviceCluster(
  objects: readonly StoredObject[],
  gates: Readonly<Record<string, boolean>> = { DRAWorkloadResourceClaims: true },
): TestCluster {
  const cluster = buildCluster({ gates: resolveFeatureGates('1.37', { GenericWorkload: true, ...gates }) })
  const { api } = cluster
  startResourceClaimController(api, { sharesGroupClaims: gates['DRAWorkloadResourceClaims'] === true })
  api.nodes.create(node('node-1', { cpu: '8', memory: '8Gi' }))
  for (const object of [deviceClass('gpu'), slice('a', [device('x')]), ...objects])
    api.collection(object.kind ?? '').create(object)
  return cluster
}

function workers({ api }: TestCluster, names: readonly string[], claim: object = CLAIM): readonly PodRow[] {
  return names.map((name) =>
    createPod(api, name, {
      cpu: '1',
      schedulingGroup: { podGroupName: 'train' },
      resourceClaims: [claim as typeof CLAIM],
    }),
  )
}

function claimsOf({ api }: TestCluster): readonly ResourceClaim[] {
  return [...api.collection<ResourceClaim>('ResourceClaim').list()]
}

describe('claims of a PodGroup', () => {
  it('are made once, and shared by its pods', () => {
    const cluster = deviceCluster([TEMPLATE, GROUP])
    const { sim, api } = cluster
    const pods = workers(cluster, ['a', 'b'])
    sim.run(SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['node-1', 'node-1'])
    const [claim, ...others] = claimsOf(cluster)
    expect(others).toEqual([])
    expect(claim?.metadata).toMatchObject({
      name: 'train-gpu-g1',
      annotations: { 'resource.kubernetes.io/podgroup-claim-name': 'gpu' },
      ownerReferences: [
        {
          apiVersion: 'scheduling.k8s.io/v1beta1',
          kind: 'PodGroup',
          name: 'train',
          uid: 'group-uid',
          controller: true,
        },
      ],
    })
    expect(claim?.status?.reservedFor).toEqual([
      { apiGroup: 'scheduling.k8s.io', resource: 'podgroups', name: 'train', uid: 'group-uid' },
    ])
    expect(claim?.status?.allocation?.devices?.results?.map((each) => each.device)).toEqual(['x'])
    expect(api.collection<PodGroup>('PodGroup').get('default/train')?.status?.resourceClaimStatuses).toEqual([
      { name: 'gpu', resourceClaimName: 'train-gpu-g1' },
    ])
    expect(pods.map((pod) => api.pods.detailsOf(pod).resourceClaimStatuses)).toEqual([
      [{ name: 'gpu', resourceClaimName: 'train-gpu-g1' }],
      [{ name: 'gpu', resourceClaimName: 'train-gpu-g1' }],
    ])
  })

  it('keep their devices as long as the group is there, and go with it', () => {
    const cluster = deviceCluster([TEMPLATE, GROUP])
    const { sim, api } = cluster
    const pods = workers(cluster, ['a', 'b'])
    sim.run(SECOND)
    for (const pod of pods) api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
    sim.run(2 * SECOND)
    expect(claimsOf(cluster)[0]?.status?.allocation).toBeDefined()
    api.collection<PodGroup>('PodGroup').delete('default/train')
    sim.run(3 * SECOND)
    expect(claimsOf(cluster)).toEqual([])
  })

  it('that are named, not made, are given back when the group goes', () => {
    const named = { name: 'gpu', resourceClaimName: 'shared' }
    const group = { ...GROUP, spec: { ...GROUP.spec, resourceClaims: [named] } }
    const shared = {
      kind: 'ResourceClaim',
      metadata: { name: 'shared', namespace: 'default', uid: 'shared' },
      spec: { devices: { requests: [request('r')] } },
    }
    const cluster = deviceCluster([shared, group])
    const { sim, api } = cluster
    const pods = workers(cluster, ['a', 'b'], named)
    sim.run(SECOND)
    expect(claimsOf(cluster)[0]?.status?.reservedFor?.map(({ name }) => name)).toEqual(['train'])
    for (const pod of pods) api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
    api.collection<PodGroup>('PodGroup').delete('default/train')
    sim.run(2 * SECOND)
    expect(claimsOf(cluster).map(({ metadata, status }) => [metadata?.name, status])).toEqual([
      ['shared', {}],
    ])
  })

  it('are made when their template comes, and pods wait for that', () => {
    const cluster = deviceCluster([GROUP])
    const { sim, api, scheduler } = cluster
    const pods = workers(cluster, ['a', 'b'])
    sim.run(SECOND)
    expect(pods.map((pod) => scheduler.queue.get(pod)?.place)).toEqual(['gated', 'gated'])
    api.collection('ResourceClaimTemplate').create(TEMPLATE)
    sim.run(2 * SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['node-1', 'node-1'])
  })

  it('are waited for by pods that come before their PodGroup', () => {
    const cluster = deviceCluster([TEMPLATE])
    const { sim, api } = cluster
    const pods = workers(cluster, ['a', 'b'])
    sim.run(SECOND)
    expect(claimsOf(cluster)).toEqual([])
    api.collection('PodGroup').create(GROUP)
    sim.run(2 * SECOND)
    expect(pods.map((pod) => nodeOf(api, pod))).toEqual(['node-1', 'node-1'])
    expect(claimsOf(cluster)).toHaveLength(1)
  })

  it('are each pod’s own where the group does not name them', () => {
    const cluster = deviceCluster([
      TEMPLATE,
      { ...GROUP, spec: { schedulingPolicy: { basic: {} } } } as PodGroup,
    ])
    workers(cluster, ['a', 'b'])
    cluster.sim.run(SECOND)
    expect(claimsOf(cluster).map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind)).toEqual([
      'Pod',
      'Pod',
    ])
  })

  it('are not made while the gate is off', () => {
    const cluster = deviceCluster([TEMPLATE, GROUP], {})
    workers(cluster, ['a', 'b'])
    cluster.sim.run(SECOND)
    expect(claimsOf(cluster).map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind)).toEqual([
      'Pod',
      'Pod',
    ])
  })
})
