import type { Device, Node, V1ResourceClaim as ResourceClaim, ResourceSlice } from '../api/types.generated.ts'
import { MILLISECOND } from '../base/time.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { WorkloadFailure, createObject, startCluster } from './cluster.ts'
import type { BenchmarkCluster } from './cluster.ts'
import { PodFactory } from './pod-factory.ts'
import { ObjectTemplates } from './object-templates.ts'

/** A device driver that only says what devices there are. */
export interface DriverOptions {
  readonly driver: string
  /** Glob of names of nodes that have its devices. */
  readonly nodes: string
  readonly claimsPerNode: number
}

/**
 * Publishes a ResourceSlice for each node whose name matches.
 *
 * Leaves out the binding conditions that the real one puts on its devices behind DRADeviceBindingConditions. Source:
 * Kubernetes v1.36, test/integration/scheduler_perf/dra.go.
 */
export function createResourceDriver(cluster: BenchmarkCluster, options: DriverOptions): void {
  const matches = globPattern(options.nodes)
  for (const node of cluster.api.nodes.list()) {
    const name = node.metadata?.name ?? ''
    if (!matches.test(name)) continue
    const slice: ResourceSlice = {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: { name },
      spec: {
        driver: options.driver,
        nodeName: name,
        pool: { name, generation: 0, resourceSliceCount: 1 },
        devices: Array.from({ length: options.claimsPerNode }, (_, index) => deviceOf(index)),
      },
    }
    createObject(cluster, slice)
  }
}

function deviceOf(index: number): Device {
  return {
    name: `instance-${index}`,
    attributes: {
      model: { string: 'A100' },
      family: { string: 'GPU' },
      driverVersion: { version: '1.2.3' },
      'dra.example.com/numa': { int: index },
    },
    capacity: { memory: { value: '1Gi' } },
  }
}

/** Kinds that the allocation of a claim looks at. */
const DEVICE_KINDS = ['DeviceClass', 'ResourceSlice', 'DeviceTaintRule']

/**
 * Allocates the claims of a namespace, all when it is undefined, each on a node taken by chance, without a pod.
 *
 * A cluster of its own, with the same nodes, devices and claims, lets the DynamicResources plugin choose the devices for
 * one pod a claim, which a node affinity holds to one node after another until it fits; only the allocations come back.
 * So it needs no second allocator, and the measured scheduler sees nothing of those pods. Throws `WorkloadFailure` when a
 * claim cannot be allocated.
 */
export function allocateClaims(cluster: BenchmarkCluster, namespace: string | undefined): void {
  const claims = cluster.api.collection<ResourceClaim>('ResourceClaim')
  const waiting = [...claims.list()].filter(
    ({ metadata, status }) =>
      status?.allocation === undefined && (namespace === undefined || metadata?.namespace === namespace),
  )
  if (waiting.length === 0) return
  const other = startCluster({
    ...cluster.options,
    seed: `${cluster.options.seed}/claims`,
    cycleTime: 0,
    configuration: {},
  })
  copyObjects(cluster, other)
  const pods = new PodFactory(other, new ObjectTemplates())
  const nodes = [...other.api.nodes.list()].map(({ metadata }) => metadata?.name ?? '')
  for (const claim of waiting) {
    const allocation = allocateSomewhere(other, pods, claim, nodes)
    claims.update({ ...claim, status: { ...claim.status, allocation } })
  }
}

type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>

/** Tries one node after another, by chance; `nodes` is put into the order that was tried. */
function allocateSomewhere(
  other: BenchmarkCluster,
  pods: PodFactory,
  claim: ResourceClaim,
  nodes: string[],
): Allocation {
  const chance = other.sim.random.stream('benchmark/claims')
  for (let tried = 0; tried < nodes.length; tried++) {
    const chosen = tried + chance.integer(nodes.length - tried)
    const node = nodes[chosen] ?? ''
    nodes[chosen] = nodes[tried] ?? ''
    nodes[tried] = node
    const allocation = allocateOn(other, pods, claim, node)
    if (allocation !== undefined) return allocation
  }
  const key = objectKey(claim.metadata)
  throw new WorkloadFailure(`resource claim ${key} could not be allocated: no node has free devices for it`)
}

function copyObjects(from: BenchmarkCluster, to: BenchmarkCluster): void {
  const copy = (object: StoredObject): void => {
    const { resourceVersion: _version, ...metadata } = object.metadata ?? {}
    to.api.collection<StoredObject>(object.kind ?? '').create({ ...object, metadata })
  }
  for (const node of from.api.nodes.list()) copy({ ...node, kind: 'Node' } as Node)
  for (const kind of [...DEVICE_KINDS, 'ResourceClaim']) {
    for (const object of from.api.collection<StoredObject>(kind).list()) copy({ ...object, kind })
  }
}

/** Schedules a pod with this claim on the node, and takes it away again with the claim left as it is. */
function allocateOn(
  other: BenchmarkCluster,
  pods: PodFactory,
  claim: ResourceClaim,
  node: string,
): Allocation | undefined {
  const { namespace = 'default', name = '' } = claim.metadata ?? {}
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const row = pods.createPod({
    metadata: { name: `allocates-${name}`, namespace },
    spec: {
      containers: [{ name: 'claims', resources: { claims: [{ name: 'claim' }] } }],
      resourceClaims: [{ name: 'claim', resourceClaimName: name }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
    },
  })
  other.sim.run(other.sim.now + MILLISECOND)
  const isBound = other.api.pods.table.node(row) !== NO_NODE
  const key = objectKey(claim.metadata)
  const allocation = other.api.collection<ResourceClaim>('ResourceClaim').get(key)?.status?.allocation
  other.api.pods.remove(row)
  other.sim.run(other.sim.now + MILLISECOND)
  if (!isBound || allocation !== undefined) return allocation
  throw new WorkloadFailure(
    `resource claim ${key} could not be allocated: the DynamicResources plugin allocated nothing`,
  )
}

/** The regular expression of a shell pattern: `*`, `?` and `[…]`, none of which matches `/`. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${source}$`)
}
