import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startResourceClaimController } from '../../src/controllers/resource-claims.ts'
import { definePlugin, unresolvable } from '../../src/scheduler/framework/index.ts'
import { DRIVER, claim, device, deviceClass, request, slice } from '../plugins/device-allocation/devices.ts'
import { buildCluster, buildPicker, createPod, node, nodeOf } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'

/** A cluster of two nodes, devices on the first, and the controller of claims. */
class DeviceCluster {
  readonly cluster: TestCluster
  /** What was decided of each pod last. */
  readonly said = new Map<string, string>()

  constructor(objects: readonly StoredObject[]) {
    this.cluster = buildCluster()
    const { api, scheduler } = this.cluster
    startResourceClaimController(api)
    for (const name of ['node-1', 'node-2']) api.nodes.create(node(name, { cpu: '8', memory: '8Gi' }))
    for (const object of objects) api.collection(object.kind ?? '').create(object)
    scheduler.observe((decision) => {
      const { pod, outcome } = decision
      this.said.set(
        api.pods.nameOf(pod),
        outcome === 'bound' ? `on ${nodeOf(api, pod)}` : `${outcome}: ${decision.message()}`,
      )
    })
  }

  pod(name: string, spec: Parameters<typeof createPod>[2]): PodRow {
    return createPod(this.cluster.api, name, { cpu: '1', memory: '1Gi', ...spec })
  }

  run(seconds: number): void {
    const { sim } = this.cluster
    sim.run(sim.now + seconds * SECOND)
  }

  finish(pod: PodRow): void {
    this.cluster.api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
  }

  claims(): ResourceClaim[] {
    return [...this.cluster.api.collection<ResourceClaim>('ResourceClaim').list()]
  }

  /** `claim: devices < pods that use it`, a line a claim. */
  state(): string[] {
    return this.claims().map(({ metadata, status }) => {
      const devices = (status?.allocation?.devices?.results ?? []).map((each) => each.device)
      const pods = (status?.reservedFor ?? []).map((each) => each.name)
      return `${metadata?.name ?? ''}: ${devices.join()} < ${pods.join()}`
    })
  }
}

const TEMPLATE = {
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-gpu', namespace: 'default' },
  spec: { spec: { devices: { requests: [request('r')] } } },
}
const BY_TEMPLATE = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }] }
const SHARED = { resourceClaims: [{ name: 'gpu', resourceClaimName: 'shared' }] }
const GPUS = [deviceClass('gpu'), slice('a', [device('x'), device('y')])]

describe('claims from templates', () => {
  it('are made for each pod, get their devices with its node, and go with it', () => {
    const cluster = new DeviceCluster([...GPUS, TEMPLATE])
    const pods = ['p1', 'p2', 'p3'].map((name) => cluster.pod(name, BY_TEMPLATE))
    cluster.run(10)
    expect([...cluster.said]).toEqual([
      ['p1', 'on node-1'],
      ['p2', 'on node-1'],
      [
        'p3',
        'unschedulable: 0/2 nodes are available: 2 cannot allocate all claims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
      ],
    ])
    expect(cluster.state()).toEqual(['p1-gpu-1: x < p1', 'p2-gpu-2: y < p2', 'p3-gpu-3:  < '])
    cluster.finish(pods[0] as PodRow)
    cluster.run(10)
    expect(cluster.said.get('p3')).toBe('on node-1')
    expect(cluster.state()).toEqual(['p2-gpu-2: y < p2', 'p3-gpu-3: x < p3'])
  })

  it('keep a pod out of the queue until they are there', () => {
    const cluster = new DeviceCluster(GPUS)
    const pod = cluster.pod('p', BY_TEMPLATE)
    cluster.run(10)
    expect(cluster.cluster.scheduler.queue.get(pod)).toMatchObject({ place: 'gated' })
    cluster.cluster.api.collection(TEMPLATE.kind).create(TEMPLATE)
    cluster.run(1)
    expect(cluster.said.get('p')).toBe('on node-1')
  })
})

describe('shared claims', () => {
  it('have their devices once, for all pods that use them, as long as one does', () => {
    const cluster = new DeviceCluster([...GPUS, claim('shared', [request('r', { count: 2 })])])
    const pods = ['p1', 'p2'].map((name) => cluster.pod(name, SHARED))
    cluster.run(1)
    expect(cluster.state()).toEqual(['shared: x,y < p1,p2'])
    cluster.finish(pods[0] as PodRow)
    cluster.run(1)
    expect(cluster.state()).toEqual(['shared: x,y < p2'])
    cluster.finish(pods[1] as PodRow)
    cluster.run(1)
    expect(cluster.state()).toEqual(['shared:  < '])
  })

  it('let a waiting pod in when they are made', () => {
    const cluster = new DeviceCluster(GPUS)
    cluster.pod('p', SHARED)
    cluster.run(1)
    expect(cluster.said.size).toBe(0)
    cluster.cluster.api.collection('ResourceClaim').create(claim('shared', [request('r')]))
    cluster.run(1)
    expect(cluster.said.get('p')).toBe('on node-1')
  })

  it('lose devices that are in the way of the only pod that wants them', () => {
    const results = [{ request: 'r', driver: DRIVER, pool: 'pool-a', device: 'x' }]
    const nodeSelector = {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-3'] }] }],
    }
    const stuck = {
      ...claim('shared', [request('r')]),
      status: { allocation: { devices: { results }, nodeSelector } },
    }
    const cluster = new DeviceCluster([...GPUS, stuck])
    const said: string[] = []
    cluster.cluster.scheduler.observe((decision) => said.push(`${decision.outcome} ${decision.message()}`))
    cluster.pod('p', SHARED)
    cluster.run(0)
    expect(said[0]).toContain(
      '2 resourceclaim not available on the node. deallocation of ResourceClaim completed',
    )
    cluster.run(10)
    expect(cluster.said.get('p')).toBe('on node-1')
  })

  it('are refused to more pods than a claim can have', () => {
    const reservedFor = Array.from({ length: 256 }, (_, index) => {
      return { resource: 'pods', name: `other-${index}`, uid: `other-${index}` }
    })
    const results = [{ request: 'r', driver: DRIVER, pool: 'pool-a', device: 'x' }]
    const full = {
      ...claim('shared', [request('r')]),
      status: { allocation: { devices: { results } }, reservedFor },
    }
    const cluster = new DeviceCluster([...GPUS, full])
    cluster.pod('p', SHARED)
    cluster.run(1)
    expect(cluster.said.get('p')).toContain('error: add reservation to claim shared')
  })
})

describe('a wrong selector', () => {
  it('ends the cycle in an error; the pod is tried again after a back-off', () => {
    const wrong = claim('shared', [request('r', { where: 'device.attributes["a"].b == 1' })])
    const cluster = new DeviceCluster([...GPUS, wrong])
    const pod = cluster.pod('p', SHARED)
    cluster.run(0)
    expect(cluster.said.get('p')).toBe(
      `error: running "DynamicResources" filter plugin: claim default/shared: selector #0 on device ${DRIVER}/pool-a/x: CEL runtime error: No such key: b`,
    )
    expect(cluster.cluster.scheduler.queue.get(pod)?.place).toBe('error-backoff')
    cluster.cluster.api.collection('ResourceClaim').update(claim('shared', [request('r')]))
    cluster.run(10)
    expect(cluster.said.get('p')).toBe('on node-1')
  })
})

describe('extended resources that a class stands for', () => {
  const CLASS = deviceClass('gpu', undefined, 'example.com/gpu')

  function asking(cluster: DeviceCluster, name: string, amount: string): PodRow {
    const { api } = cluster.cluster
    const resources = { requests: { cpu: '1', 'example.com/gpu': amount } }
    const interned = api.pods.templates.internPod({
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'main', resources }] },
    })
    if (!interned.ok) throw new Error(interned.message)
    return api.pods.create({ template: interned.id, name })
  }

  it('are given as devices where the node has none of its own', () => {
    const cluster = new DeviceCluster([CLASS, slice('a', [device('x'), device('y')])])
    const pod = asking(cluster, 'p', '2')
    cluster.run(1)
    expect(cluster.said.get('p')).toBe('on node-1')
    expect(cluster.state()).toEqual(['p-extended-resources: x,y < p'])
    cluster.finish(pod)
    cluster.run(1)
    expect(cluster.state()).toEqual([])
  })

  it('are the business of NodeResourcesFit without a class', () => {
    const cluster = new DeviceCluster([deviceClass('gpu'), slice('a', [device('x')])])
    asking(cluster, 'p', '1')
    cluster.run(1)
    expect(cluster.said.get('p')).toContain('2 Insufficient example.com/gpu')
    cluster.cluster.api.collection('DeviceClass').create(deviceClass('other', undefined, 'example.com/gpu'))
    cluster.run(10)
    expect(cluster.said.get('p')).toBe('on node-1')
  })
})

describe('pods without claims', () => {
  it('stay on the fast path while others have claims', () => {
    const { cluster } = new DeviceCluster([...GPUS, TEMPLATE])
    const { sim, api, scheduler } = cluster
    sim.run(1)
    const picker = buildPicker(cluster)
    const profile = [...scheduler.profiles.values()][0]
    if (profile === undefined) throw new Error('there is no profile')
    const pick = (pod: PodRow): void => {
      picker.pick(profile, profile.classOf(scheduler.cluster.shapes.shapeOf(pod)), pod)
    }
    pick(createPod(api, 'plain', { cpu: '1', memory: '1Gi' }))
    expect(picker.answered).toEqual({ scan: 1, index: 0, mixed: 0, definition: 0, trials: 0 })
    pick(createPod(api, 'claiming', BY_TEMPLATE))
    expect(picker.answered).toMatchObject({ scan: 1, index: 0 })
  })
})

describe('PostFilter', () => {
  it('fails when another plugin has ended PreFilter before this one, as the real plugin does', () => {
    const earlier = definePlugin({
      name: 'Earlier',
      reads: [],
      compile: () => ({}),
      screen: () => ({ reject: unresolvable('no node will do') }),
    })
    const cluster = buildCluster({
      registry: new Map([...plugins, ['Earlier', () => earlier]]),
      configuration: {
        profiles: [
          {
            plugins: {
              preFilter: {
                disabled: [{ name: 'DynamicResources' }],
                enabled: [{ name: 'Earlier' }, { name: 'DynamicResources' }],
              },
            },
          },
        ],
      },
    })
    cluster.api.nodes.create(node('node-1', { cpu: '8', memory: '8Gi' }))
    const said: string[] = []
    cluster.scheduler.observe((decision) => said.push(decision.message()))
    createPod(cluster.api, 'p', { cpu: '1' })
    cluster.sim.run(0)
    expect(said).toEqual(['0/1 nodes are available: no node will do. not found'])
  })
})
