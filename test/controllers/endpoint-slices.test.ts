import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Endpoint, EndpointSlice, PodSpec, Service } from '../../src/api/types.generated.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import { podObject } from '../../src/cluster/pod-object.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { startEndpointSliceController } from '../../src/controllers/endpoint-slices.ts'
import type { EndpointSliceOptions } from '../../src/controllers/endpoint-slices.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** A cluster with the controller, two zones, and pods with a label. */
class ServiceCluster extends TestCluster {
  readonly nodes = [this.addNode('a', { zone: 'east' }), this.addNode('b', { zone: 'west' })] as const

  constructor(options: EndpointSliceOptions = {}) {
    super({ kubelet: { stop: () => 5_000_000 } })
    startEndpointSliceController({ sim: this.sim, api: this.api, limits: NO_LIMITS }, options)
  }

  service(spec: Service['spec'] = {}, metadata: Service['metadata'] = {}): void {
    const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }]
    this.api.collection<Service>('Service').create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default', ...metadata },
      spec: { clusterIP: '10.96.1.1', ipFamilies: ['IPv4'], selector: { app: 'web' }, ports, ...spec },
    })
  }

  /** A pod that runs at once on a node; the first by default. */
  pod(name: string, place = 0, app = 'web', spec: Partial<PodSpec> = {}): PodRow {
    const interned = this.api.pods.templates.internPod({
      metadata: { labels: { app } },
      spec: { containers: [{ name: 'c' }], ...spec },
    })
    if (!interned.ok) throw new Error(interned.message)
    const row = this.api.pods.create({ template: interned.id, name })
    this.api.pods.bind(row, this.nodes[place] ?? this.nodes[0], 0)
    return row
  }

  get slices(): readonly EndpointSlice[] {
    return [...this.api.collection<EndpointSlice>('EndpointSlice').list()]
  }

  /** Endpoints by name of the pod. */
  get endpoints(): Readonly<Record<string, Endpoint>> {
    const all = this.slices.flatMap(({ endpoints = [] }) => endpoints)
    return Object.fromEntries(all.map((endpoint) => [endpoint.targetRef?.name ?? '', endpoint]))
  }
}

const READY = { ready: true, serving: true, terminating: false }

describe('the EndpointSlice controller', () => {
  it('lists the pods that a service selects, from when they run until they are gone', () => {
    const cluster = new ServiceCluster()
    cluster.service()
    cluster.runTo(1)
    expect(cluster.slices).toMatchObject([{ endpoints: [], ports: [], addressType: 'IPv4' }])
    const [first] = [cluster.pod('one'), cluster.pod('two', 1), cluster.pod('other', 0, 'db')]
    cluster.runTo(2)
    expect(Object.keys(cluster.endpoints)).toEqual(['one', 'two'])
    expect(cluster.endpoints['two']).toMatchObject({ conditions: READY, zone: 'west', nodeName: 'b' })
    const { status } = podObject(cluster.api, first)
    expect(cluster.endpoints['one']?.addresses).toEqual([status?.podIP])
    expect(status?.podIP).toMatch(/^10\.(1[3-9]|12[89]|2)\d*\.\d+\.\d+$/)

    cluster.api.pods.setReady(first, false)
    cluster.runTo(3)
    expect(cluster.endpoints['one']?.conditions).toMatchObject({ ready: false, serving: false })
    cluster.api.pods.setReady(first, true)
    cluster.api.pods.requestDeletion(first, { grace: 30_000_000, reason: '' })
    cluster.runTo(4)
    expect(cluster.endpoints['one']?.conditions).toEqual({ ready: false, serving: true, terminating: true })
    cluster.runTo(40)
    expect(Object.keys(cluster.endpoints)).toEqual(['two'])
    expect(cluster.slices).toMatchObject([
      {
        metadata: {
          name: expect.stringMatching(/^web-[a-z0-9]{5}$/) as string,
          labels: { 'kubernetes.io/service-name': 'web' },
          ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
        },
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ])
  })

  it('spreads endpoints over slices of a size, and follows changes of labels of the service', () => {
    const cluster = new ServiceCluster({ endpointsMax: 2 })
    cluster.service()
    const rows = [0, 1, 2, 3, 4].map((index) => cluster.pod(`p${index}`))
    cluster.runTo(1)
    expect(cluster.slices.map(({ endpoints = [] }) => endpoints.length)).toEqual([2, 2, 1])
    const services = cluster.api.collection<Service>('Service')
    const service = services.get('default/web')
    services.update({ ...service, metadata: { ...service?.metadata, labels: { team: 'a' } } })
    for (const row of rows.slice(1)) {
      cluster.api.pods.requestDeletion(row, { grace: 0, reason: '' })
    }
    cluster.runTo(2)
    expect(cluster.slices).toMatchObject([{ endpoints: [{}], metadata: { labels: { team: 'a' } } }])
  })

  it('publishes hostnames of headless services, and pods that are not ready where that is asked for', () => {
    const cluster = new ServiceCluster()
    cluster.service({ clusterIP: 'None', publishNotReadyAddresses: true, ports: [] })
    const row = cluster.pod('db-0', 0, 'web', { hostname: 'db-0', subdomain: 'web' })
    cluster.runTo(1)
    cluster.api.pods.setReady(row, false)
    cluster.runTo(2)
    expect(cluster.endpoints['db-0']).toMatchObject({
      hostname: 'db-0',
      conditions: { ready: true, serving: false },
    })
    expect(cluster.slices[0]?.metadata?.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
  })

  it('hints to the zones of endpoints, and shares them among zones when a service asks for that', () => {
    const near = new ServiceCluster()
    near.service({ trafficDistribution: 'PreferSameZone' })
    near.pod('one')
    near.runTo(1)
    expect(near.endpoints['one']?.hints).toEqual({ forZones: [{ name: 'east' }] })

    const shared = new ServiceCluster()
    shared.service({}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } })
    for (const name of ['one', 'two', 'three', 'four']) shared.pod(name)
    shared.runTo(1)
    const zones = Object.values(shared.endpoints).map(({ hints }) => hints?.forZones?.[0]?.name ?? '')
    expect(zones.sort()).toEqual(['east', 'east', 'west', 'west'])
    // A single zone is left: hints are taken away as soon as it is known.
    shared.api.nodes.delete('b')
    shared.runTo(2)
    expect(Object.values(shared.endpoints).every(({ hints }) => hints === undefined)).toBe(true)
  })

  it('mends slices that somebody else changed, a second later', () => {
    const cluster = new ServiceCluster()
    cluster.service()
    cluster.pod('one')
    cluster.runTo(1)
    const store = cluster.api.collection<EndpointSlice>('EndpointSlice')
    const [slice] = cluster.slices
    if (slice === undefined) throw new Error('there is no slice')
    store.update({ ...slice, endpoints: [] })
    cluster.runTo(1.9)
    expect(cluster.endpoints).toEqual({})
    cluster.runTo(2)
    expect(Object.keys(cluster.endpoints)).toEqual(['one'])
    store.delete(`default/${cluster.slices[0]?.metadata?.name ?? ''}`)
    cluster.runTo(3)
    expect(Object.keys(cluster.endpoints)).toEqual(['one'])
  })

  it('leaves out a pod of a node that is gone, and tries again for some hours at most', () => {
    const cluster = new ServiceCluster()
    cluster.service()
    cluster.pod('one')
    cluster.pod('two', 1)
    cluster.runTo(1)
    cluster.api.nodes.delete('b')
    cluster.api.pods.setReady(0 as PodRow, false)
    cluster.runTo(2)
    expect(Object.keys(cluster.endpoints)).toEqual(['one'])
    cluster.sim.run()
    expect(cluster.sim.pending).toBe(0)
  })

  it('holds, whatever happens, each running pod once, in as many slices as it says at most', () => {
    const step = fc.record({ add: fc.nat({ max: 4 }), remove: fc.nat({ max: 4 }), flip: fc.nat({ max: 3 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (steps, endpointsMax) => {
        const cluster = new ServiceCluster({ endpointsMax })
        cluster.service()
        const live = new Map<string, PodRow>()
        let made = 0
        steps.forEach(({ add, remove, flip }, index) => {
          for (const name of [...live.keys()].slice(0, remove)) {
            const row = live.get(name)
            if (row !== undefined) cluster.api.pods.requestDeletion(row, { grace: 0, reason: '' })
            live.delete(name)
          }
          for (let i = 0; i < add; i++) {
            const name = `p${made++}`
            live.set(name, cluster.pod(name, made % 2))
          }
          cluster.runTo(2 * index + 1)
          for (const row of [...live.values()].slice(0, flip)) {
            cluster.api.pods.setReady(row, !cluster.api.pods.table.isReady(row))
          }
          cluster.runTo(2 * index + 2)
          const listed = cluster.slices.flatMap(({ endpoints = [] }) => endpoints)
          expect(listed.map(({ targetRef }) => targetRef?.name ?? '').sort()).toEqual([...live.keys()].sort())
          for (const { targetRef, conditions } of listed) {
            const row = live.get(targetRef?.name ?? '') ?? (0 as PodRow)
            expect(conditions?.ready).toBe(cluster.api.pods.table.isReady(row))
          }
          expect(cluster.slices.every(({ endpoints = [] }) => endpoints.length <= endpointsMax)).toBe(true)
        })
      }),
      { numRuns: 60 },
    )
  })
})
