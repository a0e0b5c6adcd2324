import type { StoredObject } from '../../src/cluster/object-store.ts'
import type { Pod, PodSpec } from '../../src/api/types.generated.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { oneOf } from './random-cluster.ts'

const HOSTNAME = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
const DISKS = 'disks.example.com'
const DRIVER = 'gpu.example.com'
const ZONES = ['a', 'b', 'c'] as const
/** Extended resource that a device class stands for. */
const DEVICE_RESOURCE = 'example.com/gpu'

/** Namespaces of random pods: one that pods of the other look for by its label. */
export const NAMESPACES = ['default', 'team'] as const

const requirement = (key: string, values: readonly string[]): object => ({ key, operator: 'In', values })

/** What a cluster has before any pod comes: classes, drivers, services, namespaces, volumes, devices, budgets. */
export function firstObjects(random: RandomStream, nodeCount: number): StoredObject[] {
  const nodes = Array.from({ length: nodeCount }, (_, index) => `n${index}`)
  return [
    ...NAMESPACES.map((name) => object('Namespace', name, { labels: { tier: name } })),
    ...['local', 'fast', 'now'].map((name) => storageClass(name)),
    { ...object('CSIDriver', DISKS), spec: { storageCapacity: true } } as StoredObject,
    ...nodes.filter(() => random.uniform() < 0.8).map((name) => csiNode(random, name)),
    ...ZONES.map((zone) => storageCapacity(random, zone)),
    ...Array.from({ length: 8 }, (_, index) => volume(random, `pv${index}`, nodes)),
    ...nodes.filter(() => random.uniform() < 0.6).map((name) => slice(random, name)),
    {
      ...object('DeviceClass', 'gpu'),
      spec: {
        selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }],
        extendedResourceName: DEVICE_RESOURCE,
      },
    } as StoredObject,
    service('web'),
    {
      ...object('PodDisruptionBudget', 'web', { namespace: 'default' }),
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed: 1 },
    } as StoredObject,
  ]
}

/** A change of an object other than pods and nodes: of storage, devices, services or namespaces. */
export function randomChange(random: RandomStream, nodeCount: number): StoredObject {
  const node = `n${random.integer(nodeCount)}`
  switch (random.integer(6)) {
    case 0:
      return csiNode(random, node)
    case 1:
      return storageCapacity(random, oneOf(random, ZONES))
    case 2:
      return slice(random, node)
    case 3:
      return object('Namespace', 'team', { labels: { tier: oneOf(random, ['team', 'other']) } })
    case 4:
      return service(oneOf(random, ['web', 'db']))
    default:
      return volume(random, `pv${8 + random.integer(4)}`, [node])
  }
}

/** Gives a pod, by chance, what needs other objects; the objects that have to be there first come with it. */
export function withObjects(
  random: RandomStream,
  pod: Pod,
  name: string,
): { pod: Pod; objects: StoredObject[] } {
  const namespace = oneOf(random, NAMESPACES)
  const objects: StoredObject[] = []
  let spec: Partial<PodSpec> = {}
  const draw = random.uniform()
  if (draw < 0.25) {
    objects.push(claim(random, name, namespace))
    spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] }
  } else if (draw < 0.45) {
    const isShared = random.uniform() < 0.3
    const claimName = isShared ? 'shared' : name
    objects.push(deviceClaim(random, claimName, namespace))
    spec = { resourceClaims: [{ name: 'gpu', resourceClaimName: claimName }] }
  } else if (draw < 0.55) spec = { containers: withDevice(pod) }
  else if (draw < 0.65) spec = { affinity: affinityToNamespaces(random) }
  return {
    pod: {
      ...pod,
      metadata: { ...pod.metadata, name, namespace },
      spec: { containers: [], ...pod.spec, ...spec },
    },
    objects,
  }
}

function withDevice(pod: Pod): PodSpec['containers'] {
  return (pod.spec?.containers ?? []).map((container) => ({
    ...container,
    resources: { requests: { ...container.resources?.requests, [DEVICE_RESOURCE]: '1' } },
  }))
}

function affinityToNamespaces(random: RandomStream): NonNullable<PodSpec['affinity']> {
  const term = {
    topologyKey: oneOf(random, [ZONE, HOSTNAME]),
    labelSelector: { matchLabels: { app: 'db' } },
    namespaceSelector: oneOf(random, [{}, { matchLabels: { tier: 'team' } }]),
  }
  const terms = { requiredDuringSchedulingIgnoredDuringExecution: [term] }
  return random.uniform() < 0.5 ? { podAffinity: terms } : { podAntiAffinity: terms }
}

function object(kind: string, name: string, metadata: object = {}): StoredObject {
  return { kind, metadata: { name, ...metadata } }
}

function storageClass(name: string): StoredObject {
  const isLocal = name === 'local'
  return {
    ...object('StorageClass', name),
    provisioner: isLocal ? 'kubernetes.io/no-provisioner' : DISKS,
    volumeBindingMode: name === 'now' ? 'Immediate' : 'WaitForFirstConsumer',
    ...(name === 'fast'
      ? { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['a', 'b'] }] }] }
      : {}),
  } as StoredObject
}

function csiNode(random: RandomStream, name: string): StoredObject {
  const drivers = [{ name: DISKS, nodeID: name, allocatable: { count: 1 + random.integer(3) } }]
  return { ...object('CSINode', name), spec: { drivers } } as StoredObject
}

function storageCapacity(random: RandomStream, zone: string): StoredObject {
  return {
    ...object('CSIStorageCapacity', `in-${zone}`, { namespace: 'default' }),
    storageClassName: 'fast',
    nodeTopology: { matchLabels: { [ZONE]: zone } },
    capacity: `${1 + random.integer(30)}Gi`,
  } as StoredObject
}

function volume(random: RandomStream, name: string, nodes: readonly string[]): StoredObject {
  const place =
    random.uniform() < 0.5
      ? requirement(HOSTNAME, [oneOf(random, nodes)])
      : requirement(ZONE, [oneOf(random, ZONES)])
  return {
    ...object('PersistentVolume', name, { labels: { [ZONE]: oneOf(random, ZONES) } }),
    spec: {
      capacity: { storage: `${1 + random.integer(10)}Gi` },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      csi: { driver: DISKS, volumeHandle: name },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [place] }] } },
    },
    status: { phase: 'Available' },
  } as StoredObject
}

function claim(random: RandomStream, name: string, namespace: string): StoredObject {
  return {
    ...object('PersistentVolumeClaim', name, { namespace, uid: `claim-${name}` }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: oneOf(random, ['local', 'local', 'fast', 'fast', 'now']),
      resources: { requests: { storage: `${1 + random.integer(8)}Gi` } },
    },
    status: { phase: 'Pending' },
  } as StoredObject
}

function slice(random: RandomStream, node: string): StoredObject {
  const devices = Array.from({ length: random.integer(4) }, (_, index) => ({
    name: `d${index}`,
    attributes: { model: { string: oneOf(random, ['x', 'y']) } },
    ...(random.uniform() < 0.1 ? { taints: [{ key: 'broken', effect: 'NoSchedule' }] } : {}),
  }))
  return {
    ...object('ResourceSlice', `slice-${node}`),
    spec: {
      driver: DRIVER,
      nodeName: node,
      pool: { name: node, generation: 1, resourceSliceCount: 1 },
      devices,
    },
  } as StoredObject
}

function deviceClaim(random: RandomStream, name: string, namespace: string): StoredObject {
  const model = oneOf(random, ['x', 'y'])
  const selectors = [{ cel: { expression: `device.attributes["${DRIVER}"].model == "${model}"` } }]
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 + random.integer(2) }
  const request = oneOf<object>(random, [
    { name: 'r', exactly },
    { name: 'r', exactly: { ...exactly, selectors } },
    {
      name: 'r',
      firstAvailable: [
        { ...exactly, name: 'best', count: 2 },
        { ...exactly, name: 'least', count: 1 },
      ],
    },
  ])
  return {
    ...object('ResourceClaim', name, { namespace, uid: `claim-${namespace}-${name}` }),
    spec: { devices: { requests: [request] } },
  } as StoredObject
}

function service(app: string): StoredObject {
  return { ...object('Service', app, { namespace: 'default' }), spec: { selector: { app } } } as StoredObject
}
