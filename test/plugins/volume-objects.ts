import type {
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  Volume,
} from '../../src/api/types.generated.ts'
import type { ClusterChange, PodShape } from '../../src/scheduler/framework/index.ts'

/** Annotation by which a node says what in-tree plugins it leaves to CSI drivers. */
export const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins'

/** A pod of namespace `default` with these volumes. */
export function shapeWith(...volumes: readonly Volume[]): PodShape {
  return {
    namespace: 'default',
    labels: {},
    annotations: {},
    spec: { containers: [{ name: 'main' }], volumes },
    priority: 0,
    requests: { cpu: 0, memory: 0, ephemeralStorage: 0, scalars: new Map() },
    scored: { cpu: 100, memory: 0 },
  }
}

/** A volume that stands for a claim. */
export function claimed(claimName: string): Volume {
  return { name: claimName, persistentVolumeClaim: { claimName } }
}

/** A generic ephemeral volume. */
export function ephemeral(name: string): Volume {
  return { name, ephemeral: { volumeClaimTemplate: { spec: {} } } }
}

/** A claim of namespace `default`. */
export function claim(
  name: string,
  spec: NonNullable<PersistentVolumeClaim['spec']> = {},
  namespace = 'default',
): PersistentVolumeClaim {
  return { kind: 'PersistentVolumeClaim', metadata: { name, namespace, uid: `uid-${name}` }, spec }
}

/** A free volume of a storage class that can be used where nodes have this host name; anywhere without one. */
export function volume(
  name: string,
  size: string,
  more: { readonly storageClass?: string; readonly host?: string } = {},
): PersistentVolume {
  const { storageClass = 'local', host } = more
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host ?? ''] }]
  return {
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass,
      ...(host === undefined
        ? {}
        : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }),
    },
    status: { phase: 'Available' },
  }
}

/** A storage class whose claims wait for their first consumer. */
export function waitingClass(name: string, provisioner = 'kubernetes.io/no-provisioner'): StorageClass {
  return {
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  }
}

/** What a node's drivers can attach. */
export function csiNode(name: string, counts: Readonly<Record<string, number>>): CSINode {
  const drivers = Object.entries(counts).map(([driver, count]) => ({
    name: driver,
    nodeID: name,
    allocatable: { count },
  }))
  return { kind: 'CSINode', metadata: { name }, spec: { drivers } }
}

/** An object of a kind that was created, changed or deleted. */
export function objectChange(kind: string, old: unknown, object: unknown): ClusterChange {
  const verb = old === undefined ? 'ADDED' : object === undefined ? 'DELETED' : 'MODIFIED'
  return { type: 'object-changed', kind, verb, old, object }
}
