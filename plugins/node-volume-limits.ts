import type {
  CSIDriver,
  CSINode,
  PersistentVolumeClaim,
  StorageClass,
  Volume,
  VolumeAttachment,
} from '../src/api/types.generated.ts'
import {
  definePlugin,
  PASS,
  schedulingError,
  signVolumes,
  unresolvable,
  unschedulable,
} from '../src/scheduler/framework/index.ts'
import type {
  ClusterChange,
  ClusterView,
  PlacedPod,
  PluginFactory,
  PodIdentity,
  Rejection,
} from '../src/scheduler/framework/index.ts'
import {
  attachableVolume,
  driverOfProvisioner,
  inlineDriver,
  isMigratable,
  migratedInlineVolume,
} from './csi-migration.ts'
import type { AttachableVolume } from './csi-migration.ts'
import {
  claimNotFound,
  claimOf,
  findClaim,
  findVolume,
  foreignClaim,
  isClaimOf,
  storageClassOf,
} from './volume-claims.ts'
import { counted, fits, fitsWhichever, limitsOf, volumeRoom } from './volume-room.ts'
import type { CountedVolumes, DriversOfNode, VolumeRoom } from './volume-room.ts'

const TOO_MANY = unschedulable('node(s) exceed max volume count')

/** Volumes of a pod. */
interface LimitTerm {
  readonly namespace: string
  readonly volumes: readonly Volume[]
}

/** A pod's volumes, and whom they belong to. */
interface VolumeOwner extends LimitTerm {
  readonly pod: PodIdentity
}

const NO_VOLUMES: CountedVolumes = counted(new Map())
/** Kinds that a pod's attachable volumes follow from. */
const CLAIM_KINDS = ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass']

/** What the filter needs of the cluster in one cycle. */
interface LimitState {
  readonly cluster: ClusterView
  readonly pod: PodIdentity
  /** The pod's volumes, or why it cannot have them, by what in-tree plugins nodes leave to CSI drivers; undefined: no CSI. */
  readonly wanted: Map<string | undefined, CountedVolumes | Rejection>
  /** State of what the volumes of claims follow from. */
  readonly revision: number
  /** State of those and of what is attached, and of the CSINode objects. */
  readonly roomRevision: number
  readonly driverRevision: number
  readonly attachments: ReadonlyMap<string, CountedVolumes>
  readonly room: VolumeRoom
}

/**
 * Keeps a node from holding more volumes of a CSI driver than the driver can attach there; and, where the driver says so
 * and the gate VolumeLimitScaling is on, keeps pods off nodes without it.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodevolumelimits.
 */
export const nodeVolumeLimits: PluginFactory = (_args, { gates }) => {
  const looksForDrivers = gates.get('VolumeLimitScaling') === true
  return definePlugin<LimitTerm, 'name' | 'pods', LimitState>({
    name: 'NodeVolumeLimits',
    reads: ['name', 'pods'],
    sized: false,
    sign: signVolumes,

    compile: (pod) => ({ namespace: pod.namespace, volumes: pod.spec.volumes ?? [] }),

    screen: (term) => (term.volumes.some(mayBeAttached) ? undefined : { skip: true }),

    prepare: (_term, cluster, pod) => ({
      state: {
        cluster,
        pod,
        wanted: new Map(),
        revision: revisionOf(cluster, CLAIM_KINDS),
        roomRevision: revisionOf(cluster, [...CLAIM_KINDS, 'VolumeAttachment']),
        driverRevision: cluster.revisionOf('CSINode'),
        attachments: attachmentsByNode(cluster),
        room: volumeRoom(cluster),
      },
    }),

    filter(term, node, nodes, state) {
      const { room, cluster, roomRevision } = state
      const drivers = room.driversOf(node, nodes, cluster, state.driverRevision)
      const wanted = wantedOn(drivers, term, state)
      if ('code' in wanted) return wanted
      if (wanted.volumes.size === 0) return PASS
      const missing = looksForDrivers
        ? missingDriver(wanted.counts.keys(), drivers.csiNode, cluster)
        : undefined
      if (missing !== undefined) return missing
      if (!hasLimit(wanted.counts.keys(), drivers.limits)) return PASS
      const pods = nodes.pods(node)
      const key = { node, drivers, pods, revision: roomRevision }
      const known = room.knownLeft(key)
      if (known !== undefined && fitsWhichever(wanted, known)) return PASS
      const used = usedBy(pods, drivers.csiNode, state)
      if (used.error !== undefined) return used.error
      const attached = state.attachments.get(nodes.name(node)) ?? NO_VOLUMES
      const volumes = { used, attached, limits: drivers.limits }
      const left = known ?? room.findLeft(key, volumes)
      return fitsWhichever(wanted, left) || fits(wanted, volumes) ? PASS : TOO_MANY
    },

    hint: (term, change, _cluster, pod) => limitHint(term, change, pod),
  })
}

/**
 * Whether a change may let in a pod whose volumes could not be attached. Any detached volume counts for a pod with claims.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodevolumelimits `EventsToRegister`.
 */
function limitHint(term: LimitTerm, change: ClusterChange, pod: PodIdentity): boolean {
  if (change.type === 'assigned-pod-deleted') return (change.pod.spec.volumes ?? []).some(mayBeAttached)
  if (change.type !== 'object-changed') return false
  const { kind, verb, old, object } = change
  switch (kind) {
    case 'CSINode':
      return verb === 'ADDED' || (verb === 'MODIFIED' && hasHigherLimit(old as CSINode, object as CSINode))
    case 'PersistentVolumeClaim':
      return verb === 'ADDED' && isClaimOf(term, pod, object as PersistentVolumeClaim)
    case 'VolumeAttachment': {
      const attacher = (old as VolumeAttachment | undefined)?.spec?.attacher
      return verb === 'DELETED' && term.volumes.some((volume) => mayBeDetachedBy(volume, attacher))
    }
    default:
      return false
  }
}

function mayBeAttached(volume: Volume): boolean {
  return volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined || isMigratable(volume)
}

function mayBeDetachedBy(volume: Volume, attacher: string | undefined): boolean {
  return (
    volume.persistentVolumeClaim !== undefined ||
    (attacher !== undefined && inlineDriver(volume) === attacher)
  )
}

function hasHigherLimit(old: CSINode, now: CSINode): boolean {
  const before = limitsOf(old)
  return [...limitsOf(now)].some(([driver, limit]) => limit > (before.get(driver) ?? 0))
}

/** The volumes of the pod on a node. */
function wantedOn(
  { csiNode, migration }: DriversOfNode,
  term: LimitTerm,
  { cluster, pod, wanted }: LimitState,
): CountedVolumes | Rejection {
  const known = wanted.get(migration)
  if (known !== undefined) return known
  const volumes = new Map<string, string>()
  const refusal = collect({ ...term, pod }, csiNode, cluster, { isNew: true, into: volumes })
  const found = refusal ?? counted(volumes)
  wanted.set(migration, found)
  return found
}

/**
 * Adds the attachable volumes of a pod by unique name; the rejection when the pod is new and a claim is missing, or when
 * a claim is not the pod's own.
 */
function collect(
  { namespace, volumes, pod }: VolumeOwner,
  csiNode: CSINode | undefined,
  cluster: ClusterView,
  options: { readonly isNew: boolean; readonly into: Map<string, string> },
): Rejection | undefined {
  for (const volume of volumes) {
    const claimed = claimOf(volume, pod)
    let found: AttachableVolume | undefined
    if (claimed === undefined) found = migratedInlineVolume(volume, csiNode)
    else {
      const claim = findClaim(cluster, namespace, claimed.name)
      if (claim === undefined) {
        if (!options.isNew) continue
        return unresolvable(`looking up PVC ${namespace}/${claimed.name}: ${claimNotFound(claimed.name)}`)
      }
      if (claimed.isEphemeral) {
        const foreign = foreignClaim(claim, pod, namespace)
        if (foreign !== undefined) return schedulingError(foreign)
      }
      found = volumeOfClaim(claim, namespace, csiNode, cluster)
    }
    if (found !== undefined) options.into.set(`${found.driver}/${found.handle}`, found.driver)
  }
  return undefined
}

/** The volume behind a claim; of a claim without one, a volume of its own by the storage class. */
function volumeOfClaim(
  claim: PersistentVolumeClaim,
  namespace: string,
  csiNode: CSINode | undefined,
  cluster: ClusterView,
): AttachableVolume | undefined {
  const volumeName = claim.spec?.volumeName ?? ''
  const volume = volumeName === '' ? undefined : findVolume(cluster, volumeName)
  if (volume !== undefined) return attachableVolume(volume, csiNode)
  const className = storageClassOf(claim)
  const storageClass =
    className === '' ? undefined : (cluster.object('StorageClass', className) as StorageClass | undefined)
  if (storageClass === undefined) return undefined
  const driver = driverOfProvisioner(storageClass.provisioner, csiNode)
  return driver === undefined
    ? undefined
    : { driver, handle: `unbound-${namespace}/${claim.metadata?.name ?? ''}` }
}

/** Whether any of the drivers has a limit on the node. */
function hasLimit(drivers: Iterable<string>, limits: ReadonlyMap<string, number>): boolean {
  for (const driver of drivers) if (limits.has(driver)) return true
  return false
}

/** A driver that must be on the node and is not. */
function missingDriver(
  drivers: Iterable<string>,
  csiNode: CSINode | undefined,
  cluster: ClusterView,
): Rejection | undefined {
  for (const name of drivers) {
    const driver = cluster.object('CSIDriver', name) as CSIDriver | undefined
    if (driver?.spec?.preventPodSchedulingIfMissing !== true) continue
    if ((csiNode?.spec?.drivers ?? []).some((installed) => installed.name === name)) continue
    return unschedulable(`${name} CSI driver is not installed on the node`)
  }
  return undefined
}

/** Something that was made from the cluster, and the state of the cluster that it holds for. */
interface Remembered<Value> {
  readonly revision: number
  readonly value: Value
}

/** Volumes of a node's pods. */
interface UsedVolumes extends CountedVolumes {
  /** Something is wrong with a pod of the node: nothing can be said of others there. */
  readonly error: Rejection | undefined
}

const usedVolumes = new WeakMap<
  readonly PlacedPod[],
  Remembered<UsedVolumes> & { readonly csiNode: CSINode | undefined }
>()

/** Volumes of the pods of a node; kept as long as pods, claims, volumes, classes and the node's drivers stay as they are. */
function usedBy(
  pods: readonly PlacedPod[],
  csiNode: CSINode | undefined,
  { cluster, revision }: LimitState,
): UsedVolumes {
  const known = usedVolumes.get(pods)
  if (known?.revision === revision && known.csiNode === csiNode) return known.value
  const volumes = new Map<string, string>()
  let error: Rejection | undefined
  for (const pod of pods) {
    const { namespace, spec } = pod.shape
    if (spec.volumes === undefined) continue
    const owner = { namespace, volumes: spec.volumes, pod }
    error ??= collect(owner, csiNode, cluster, { isNew: false, into: volumes })
  }
  const value = { ...counted(volumes), error }
  usedVolumes.set(pods, { revision, value, csiNode })
  return value
}

const attachments = new WeakMap<ClusterView, Remembered<ReadonlyMap<string, CountedVolumes>>>()

/** Volumes that VolumeAttachment objects say are attached, by node. */
function attachmentsByNode(cluster: ClusterView): ReadonlyMap<string, CountedVolumes> {
  const revision = revisionOf(cluster, ['VolumeAttachment', 'PersistentVolume'])
  const known = attachments.get(cluster)
  if (known?.revision === revision) return known.value
  const byNode = new Map<string, Map<string, string>>()
  for (const { spec } of cluster.objects('VolumeAttachment') as Iterable<VolumeAttachment>) {
    const volume = findVolume(cluster, spec?.source?.persistentVolumeName ?? '')
    const { volumeHandle = '' } = volume?.spec?.csi ?? {}
    if (spec === undefined || spec.attacher === '' || volumeHandle === '') continue
    const ofNode = byNode.get(spec.nodeName) ?? new Map<string, string>()
    byNode.set(spec.nodeName, ofNode)
    ofNode.set(`${spec.attacher}/${volumeHandle}`, spec.attacher)
  }
  const value = new Map([...byNode].map(([name, volumes]) => [name, counted(volumes)]))
  attachments.set(cluster, { revision, value })
  return value
}

/** Changes whenever an object of one of the kinds does: each part only grows. */
function revisionOf(cluster: ClusterView, kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + cluster.revisionOf(kind), 0)
}
