import fc from 'fast-check'
import { expect, it } from 'vitest'

import { nodeVolumeLimits } from '../../plugins/node-volume-limits.ts'
import { VolumeRoom, counted, fits, fitsWhichever, volumeRoom } from '../../plugins/volume-room.ts'
import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { ClusterView } from '../../src/scheduler/framework/index.ts'
import type { SchedulerCluster } from '../../src/scheduler/scheduler-cluster.ts'
import { buildCluster, node } from '../scheduler/cluster-builder.ts'
import type { TestCluster } from '../scheduler/cluster-builder.ts'
import { MIGRATED_PLUGINS, claim, claimed, csiNode, shapeWith } from './volume-objects.ts'

const DRIVERS = ['ebs.csi.aws.com', 'b.example.com']
const NODES = 6
const CLAIMS = 12

/** The same cluster to which nothing was ever asked: whatever plugins keep by cluster they find out anew. */
function forgetful(cluster: SchedulerCluster): ClusterView {
  return {
    nodes: cluster.nodes,
    order: cluster.order,
    groups: cluster.groups,
    nominatedPods: () => cluster.nominatedPods(),
    nodeNamed: (name) => cluster.nodeNamed(name),
    object: (kind, key) => cluster.object(kind, key),
    objects: (kind) => cluster.objects(kind),
    count: (kind) => cluster.count(kind),
    revisionOf: (kind) => cluster.revisionOf(kind),
    follow: (kind) => cluster.follow(kind),
    nodeLabelsRevision: cluster.nodeLabelsRevision,
    namespaceUse: (namespace) => cluster.namespaceUse(namespace),
    mostAllocatable: (resource) => cluster.mostAllocatable(resource),
    topology: (key) => cluster.topology(key),
    podCounts: (matcher) => cluster.podCounts(matcher),
    pairSums: (weigher) => cluster.pairSums(weigher),
    affinityPods: () => cluster.affinityPods(),
    affinityShapeCount: cluster.affinityShapeCount,
    nodesWithImage: (name) => cluster.nodesWithImage(name),
  }
}

/** A cluster with volumes of two drivers, CSI and migrated ones, that changes by chance. */
class VolumeCluster {
  readonly cluster: TestCluster
  readonly #random: RandomStream
  readonly #pods: PodRow[] = []
  #made = 0

  constructor(seed: number) {
    this.#random = new RandomStreams(seed).stream('test')
    this.cluster = buildCluster()
    const { api } = this.cluster
    for (let i = 0; i < NODES; i++) {
      api.nodes.create(node(`n${i}`, { cpu: '64', memory: '64Gi' }))
      api.collection('CSINode').create(this.#csiNode(`n${i}`))
    }
    for (let i = 0; i < CLAIMS; i++) {
      const spec =
        i % 3 === 0
          ? { awsElasticBlockStore: { volumeID: `vol-${i % 6}` } }
          : { csi: { driver: DRIVERS[i % 2] ?? '', volumeHandle: `vol-${i % 6}` } }
      api.collection('PersistentVolume').create({ metadata: { name: `v${i}` }, ...{ spec } })
      api.collection<StoredObject>('PersistentVolumeClaim').create(claim(`c${i}`, { volumeName: `v${i}` }))
    }
    this.#settle()
  }

  /** Something changes; the volumes of the pod that is looked at next. */
  change(): readonly string[] {
    const { api } = this.cluster
    const draw = this.#random.uniform()
    const name = `n${this.#random.integer(NODES)}`
    const attachments = api.collection('VolumeAttachment')
    if (draw < 0.1) api.collection('CSINode').update(this.#csiNode(name))
    else if (draw < 0.3) {
      const spec = {
        attacher: this.#one(DRIVERS),
        nodeName: name,
        source: { persistentVolumeName: `v${this.#random.integer(CLAIMS)}` },
      }
      attachments.create({ metadata: { name: `a${this.#made++}` }, ...{ spec } })
    } else if (draw < 0.35) {
      const [first] = attachments.list()
      attachments.delete(first?.metadata?.name ?? '')
    } else if (draw < 0.4) {
      const bound = claim(`c${this.#random.integer(CLAIMS)}`, {
        volumeName: `v${this.#random.integer(CLAIMS)}`,
      })
      api.collection<StoredObject>('PersistentVolumeClaim').update(bound)
    } else if (draw < 0.7) this.#place(name)
    else this.#removePod()
    this.#settle()
    return this.#claims()
  }

  #place(nodeName: string): void {
    const { api } = this.cluster
    const volumes = this.#claims().map(claimed)
    const interned = api.pods.templates.internPod({
      metadata: { name: 'p', namespace: 'default' },
      spec: { nodeName, containers: [{ name: 'main' }], volumes },
    })
    if (!interned.ok) throw new Error(interned.message)
    const row = api.nodeRows.rowOf(nodeName)
    if (row === undefined) return
    const pod = api.pods.create({ template: interned.id, name: `p${this.#made++}`, node: row })
    this.#pods.push(pod)
  }

  #removePod(): void {
    const [pod] = this.#pods.splice(this.#random.integer(Math.max(1, this.#pods.length)), 1)
    if (pod !== undefined) this.cluster.api.pods.remove(pod)
  }

  #claims(): string[] {
    return Array.from({ length: 1 + this.#random.integer(3) }, () => `c${this.#random.integer(CLAIMS)}`)
  }

  #csiNode(name: string): StoredObject {
    const made = csiNode(
      name,
      Object.fromEntries(DRIVERS.map((driver) => [driver, 1 + this.#random.integer(5)])),
    )
    const annotations = { [MIGRATED_PLUGINS]: this.#one(['', 'kubernetes.io/aws-ebs']) }
    return { ...made, metadata: { ...made.metadata, annotations } }
  }

  #settle(): void {
    this.cluster.sim.run(this.cluster.sim.now + 1)
  }

  #one(texts: readonly string[]): string {
    return texts[this.#random.integer(texts.length)] ?? ''
  }
}

const limits = nodeVolumeLimits(undefined, {
  path: 'test',
  gates: new Map([['VolumeLimitScaling', true]]),
  warn: () => undefined,
})
const pod = {
  key: 'default/p',
  name: 'p',
  uid: '',
  ownerReferences: [],
  resourceClaimStatuses: [],
  extendedResourceClaimStatus: undefined,
}

/** Why each node does not take a pod with these claims. */
function verdicts(claims: readonly string[], view: ClusterView): readonly unknown[] {
  const term = limits.compile(shapeWith(...claims.map(claimed)))
  const prepared = limits.prepare?.(term, view, pod)
  if (prepared === undefined || !('state' in prepared)) throw new Error('nothing was prepared')
  return view.order.map((each) => limits.filter?.(term, each, view.nodes, prepared.state)?.reasons)
}

it('limits volumes as if nothing were known of nodes, whatever changes', () => {
  const seen = { known: 0, found: 0, full: 0 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const volumes = new VolumeCluster(seed)
      const { cluster } = volumes.cluster.scheduler
      for (let step = 0; step < 60; step++) {
        const claims = volumes.change()
        const found = verdicts(claims, cluster)
        expect(found).toEqual(verdicts(claims, forgetful(cluster)))
        seen.full += found.filter((reasons) => reasons !== undefined).length
      }
      seen.known += volumeRoom(cluster).answered.known
      seen.found += volumeRoom(cluster).answered.found
    }),
    { seed: 7, numRuns: 40 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(500)
})

it('calls volumes that fit whichever they are only those that fit', () => {
  const seen = { whichever: 0, counted: 0, full: 0 }
  const volumes = fc
    .array(fc.tuple(fc.constantFrom(...DRIVERS), fc.integer({ min: 1, max: 6 })), { maxLength: 5 })
    .map((all) => counted(new Map(all.map(([driver, handle]) => [`${driver}/${handle}`, driver]))))
  const limit = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined })
  fc.assert(
    fc.property(volumes, volumes, volumes, fc.tuple(limit, limit), (wanted, used, attached, counts) => {
      const known = DRIVERS.flatMap((driver, i) => {
        const count = counts[i]
        return count === undefined ? [] : [[driver, count] as const]
      })
      const room = { used, attached, limits: new Map(known) }
      const drivers = { revision: 0, csiNode: undefined, migration: undefined, limits: room.limits }
      const left = new VolumeRoom().findLeft({ node: 0, drivers, pods: [], revision: 0 }, room)
      const isRoomy = fits(wanted, room)
      if (fitsWhichever(wanted, left)) {
        expect(isRoomy).toBe(true)
        seen.whichever += 1
      } else seen[isRoomy ? 'counted' : 'full'] += 1
    }),
    { seed: 9, numRuns: 2000 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
})
