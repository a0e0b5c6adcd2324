import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../src/api/types.generated.ts'
import { definePlugin, PASS, signVolumes, unresolvable } from '../src/scheduler/framework/index.ts'
import type { ClusterView, NodeColumns, NodeIndex, Rejection } from '../src/scheduler/framework/index.ts'
import { haveLabelsChanged } from './volume-binding-hint.ts'
import { claimNotFound, findClaim, findVolume, storageClassOf } from './volume-claims.ts'

const NO_ZONE = unresolvable('node(s) had no available volume zone')

/** Labels of volumes and nodes that name a zone or a region, the old ones first. */
const TOPOLOGY_LABELS = [
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
] as const
const CURRENT_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
}
/** Stands between the zones of a volume that is in several. */
const ZONE_DELIMITER = '__'
const FIRST_CONSUMER = 'WaitForFirstConsumer'

/** Where a volume is: its node must have one of the values under the key. */
interface VolumeTopology {
  readonly key: string
  readonly values: ReadonlySet<string>
}

/**
 * Keeps pods in the zones and regions that the labels of their bound volumes name.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumezone.
 */
export const volumeZone = definePlugin({
  name: 'VolumeZone',
  reads: ['labels'],
  sized: false,
  sign: signVolumes,

  compile: (pod) => ({
    namespace: pod.namespace,
    claims: (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [claim.claimName],
    ),
  }),

  screen: (term) => (term.claims.length === 0 ? { skip: true } : undefined),

  prepare(term, cluster) {
    const topologies: VolumeTopology[] = []
    for (const name of term.claims) {
      const found = volumeOf(cluster, term.namespace, name)
      if (found === undefined) continue
      if ('code' in found) return { reject: found }
      topologies.push(...topologiesOf(found))
    }
    return topologies.length === 0 ? { skip: true } : { state: topologies }
  },

  filter(_term, node: NodeIndex, nodes: Pick<NodeColumns, 'labels'>, state: readonly VolumeTopology[]) {
    const labels = nodes.labels(node)
    if (TOPOLOGY_LABELS.every((label) => labels[label] === undefined)) return PASS
    for (const { key, values } of state) {
      const value = labels[key] ?? labels[CURRENT_LABELS[key] ?? key]
      if (value === undefined || !values.has(value)) return NO_ZONE
    }
    return PASS
  },

  hint(term, change) {
    if (change.type === 'node-added') return true
    if (change.type === 'node-updated') return haveLabelsChanged(change)
    if (change.type !== 'object-changed' || change.verb === 'DELETED') return false
    const { old, object } = change
    switch (change.kind) {
      case 'StorageClass':
        return old === undefined && (object as StorageClass).volumeBindingMode === FIRST_CONSUMER
      case 'PersistentVolumeClaim': {
        const { metadata } = object as PersistentVolumeClaim
        return metadata?.namespace === term.namespace && term.claims.includes(metadata.name ?? '')
      }
      case 'PersistentVolume':
        return old === undefined || haveMoved(old as PersistentVolume, object as PersistentVolume)
      default:
        return false
    }
  },
})

/** The volume that a claim is bound to; undefined while it waits for its first consumer. */
function volumeOf(
  cluster: ClusterView,
  namespace: string,
  name: string,
): PersistentVolume | Rejection | undefined {
  if (name === '') return unresolvable('PersistentVolumeClaim had no name')
  const claim = findClaim(cluster, namespace, name)
  if (claim === undefined) return unresolvable(claimNotFound(name))
  const volumeName = claim.spec?.volumeName ?? ''
  if (volumeName !== '') {
    return findVolume(cluster, volumeName) ?? unresolvable(`persistentvolume "${volumeName}" not found`)
  }
  const className = storageClassOf(claim)
  if (className === '') return unresolvable('PersistentVolumeClaim had no pv name and storageClass name')
  const storageClass = cluster.object('StorageClass', className) as StorageClass | undefined
  if (storageClass === undefined) return unresolvable(`storageclass.storage.k8s.io "${className}" not found`)
  if (storageClass.volumeBindingMode === FIRST_CONSUMER) return undefined
  return unresolvable('PersistentVolume had no name')
}

function topologiesOf(volume: PersistentVolume): VolumeTopology[] {
  return TOPOLOGY_LABELS.flatMap((key) => {
    const label = volume.metadata?.labels?.[key]
    if (label === undefined) return []
    const values = label.split(ZONE_DELIMITER).map((value) => value.trim())
    return values.includes('') ? [] : [{ key, values: new Set(values) }]
  })
}

/** Whether the labels that say where a volume is were changed. */
function haveMoved(old: PersistentVolume, now: PersistentVolume): boolean {
  const before = topologiesOf(old)
  const after = topologiesOf(now)
  return (
    before.length !== after.length ||
    after.some(({ key, values }, place) => {
      const other = before[place]
      if (other?.key !== key || other.values.size !== values.size) return true
      return [...values].some((value) => !other.values.has(value))
    })
  )
}
