import type { PersistentVolumeClaim, Volume } from '../src/api/types.generated.ts'
import {
  definePlugin,
  PASS,
  signVolumes,
  unresolvable,
  unschedulable,
} from '../src/scheduler/framework/index.ts'
import type { ClusterView, PodMatcher, PodShape } from '../src/scheduler/framework/index.ts'
import { claimNotFound, findClaim } from './volume-claims.ts'

const DISK_CONFLICT = unschedulable('node(s) had no available disk')
const CLAIM_IN_USE = unschedulable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
)
const ONE_POD = 'ReadWriteOncePod'
/** Pool of a Ceph volume that names none. */
const DEFAULT_POOL = 'rbd'

/** Volumes of a pod that other pods may be in the way of. */
interface RestrictionTerm {
  readonly namespace: string
  readonly claims: readonly { readonly name: string; readonly users: PodMatcher }[]
  /** Disks of in-tree kinds that one node cannot mount for two writers. */
  readonly disks: readonly Volume[]
}

interface RestrictionState {
  /** Claims of the pod that one pod at a time may use. */
  readonly onePodClaims: ReadonlySet<string>
  /** Uses of them by pods on nodes. */
  uses: number
}

/**
 * Keeps pods off nodes where another pod has the same disk for writing, and off the cluster while another pod uses a
 * claim that is for one pod.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumerestrictions.
 */
export const volumeRestrictions = definePlugin<RestrictionTerm, 'pods', RestrictionState>({
  name: 'VolumeRestrictions',
  reads: ['pods'],
  sized: false,
  sign: signVolumes,

  compile(pod) {
    const volumes = pod.spec.volumes ?? []
    return {
      namespace: pod.namespace,
      claims: claimNamesOf(pod).map((name) => ({ name, users: usersOf(pod.namespace, name) })),
      disks: volumes.filter(
        ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }) =>
          gcePersistentDisk !== undefined ||
          awsElasticBlockStore !== undefined ||
          rbd !== undefined ||
          iscsi !== undefined,
      ),
    }
  },

  screen: (term) => (term.claims.length === 0 && term.disks.length === 0 ? { skip: true } : undefined),

  prepare(term, cluster) {
    const onePodClaims = new Set<string>()
    let uses = 0
    for (const { name, users } of term.claims) {
      const claim = findClaim(cluster, term.namespace, name)
      if (claim === undefined) return { reject: unresolvable(claimNotFound(name)) }
      if (!(claim.spec?.accessModes ?? []).includes(ONE_POD) || onePodClaims.has(name)) continue
      onePodClaims.add(name)
      if (isUsed(cluster, users)) uses += 1
    }
    if (term.disks.length === 0 && uses === 0) return { skip: true }
    return { state: { onePodClaims, uses } }
  },

  update(_term, state, { pod, sign }) {
    const used = claimNamesOf(pod.shape).filter((name) => state.onePodClaims.has(name))
    state.uses += sign * used.length
  },

  filter(term, node, nodes, state) {
    if (term.disks.length > 0) {
      for (const { shape } of nodes.pods(node)) {
        if ((shape.spec.volumes ?? []).some((taken) => term.disks.some((disk) => conflicts(disk, taken)))) {
          return DISK_CONFLICT
        }
      }
    }
    return state.uses > 0 ? CLAIM_IN_USE : PASS
  },

  hint(term, change) {
    if (change.type === 'node-added') return true
    if (change.type === 'assigned-pod-deleted') return freesVolume(term, change.pod)
    return change.type === 'object-changed' && change.verb === 'ADDED' && isOwnClaim(term, change)
  },
})

/** Claims that the pod's volumes name; those of ephemeral volumes are nobody else's. */
function claimNamesOf(pod: PodShape): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  )
}

function usersOf(namespace: string, claim: string): PodMatcher {
  return {
    countsTerminating: true,
    matches: (pod) => pod.namespace === namespace && claimNamesOf(pod).includes(claim),
  }
}

function isUsed(cluster: ClusterView, users: PodMatcher): boolean {
  const counts = cluster.podCounts(users)
  return cluster.order.some((node) => (counts[node] ?? 0) > 0)
}

/** Whether two pods on a node cannot have these volumes: the same disk, unless both only read what may be shared so. */
function conflicts(one: Volume, other: Volume): boolean {
  const bothRead = (a: { readonly readOnly?: boolean }, b: { readonly readOnly?: boolean }): boolean =>
    a.readOnly === true && b.readOnly === true
  const [gce, otherGce] = [one.gcePersistentDisk, other.gcePersistentDisk]
  if (gce !== undefined && otherGce !== undefined && gce.pdName === otherGce.pdName) {
    if (!bothRead(gce, otherGce)) return true
  }
  const [ebs, otherEbs] = [one.awsElasticBlockStore, other.awsElasticBlockStore]
  if (ebs !== undefined && otherEbs !== undefined && ebs.volumeID === otherEbs.volumeID) return true
  const [iscsi, otherIscsi] = [one.iscsi, other.iscsi]
  if (iscsi !== undefined && otherIscsi !== undefined && iscsi.iqn === otherIscsi.iqn) {
    if (!bothRead(iscsi, otherIscsi)) return true
  }
  const [rbd, otherRbd] = [one.rbd, other.rbd]
  if (rbd === undefined || otherRbd === undefined) return false
  return (
    rbd.monitors.some((monitor) => otherRbd.monitors.includes(monitor)) &&
    (rbd.pool ?? DEFAULT_POOL) === (otherRbd.pool ?? DEFAULT_POOL) &&
    rbd.image === otherRbd.image &&
    !bothRead(rbd, otherRbd)
  )
}

/** Whether a pod of the same namespace held a disk or a claim of the pod; whether the claim is for one pod is not asked. */
function freesVolume(term: RestrictionTerm, pod: PodShape): boolean {
  if (pod.namespace !== term.namespace) return false
  const claims = claimNamesOf(pod)
  return (
    term.claims.some(({ name }) => claims.includes(name)) ||
    (pod.spec.volumes ?? []).some((taken) => term.disks.some((disk) => conflicts(disk, taken)))
  )
}

function isOwnClaim(
  term: RestrictionTerm,
  change: { readonly kind: string; readonly object: unknown },
): boolean {
  if (change.kind !== 'PersistentVolumeClaim') return false
  const { metadata } = change.object as PersistentVolumeClaim
  return metadata?.namespace === term.namespace && term.claims.some(({ name }) => name === metadata.name)
}
