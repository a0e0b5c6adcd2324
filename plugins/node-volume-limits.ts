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
  migratedPlugins,
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

/** Drivers of volumes by the volumes' unique names. */
type AttachableVolumes = ReadonlyMap<string, string>

const NO_VOLUMES: AttachableVolumes = new Map()
const NO_LIMITS: ReadonlyMap<string, number> = new Map()
/** Kinds that a pod's attachable volumes follow from. */
const CLAIM_KINDS = ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass']

/** What the filter needs of the cluster in one cycle. */
interface LimitState {
  readonly cluster: ClusterView
  readonly pod: PodIdentity
  /** The pod's volumes, or why it cannot have them, by what in-tree plugins nodes leave to CSI drivers; undefined: no CSI. */
  readonly wanted: Map<string | undefined, AttachableVolumes | Rejection>
  /** State of what the volumes of claims follow from. */
  readonly revision: number
  readonly attachments: ReadonlyMap<string, AttachableVolumes>
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
        attachments: attachmentsByNode(cluster),
      },
    }),

    filter(term, node, nodes, state) {
      const name = nodes.name(node)
      const csiNode = state.cluster.object('CSINode', name) as CSINode | undefined
      const wanted = wantedOn(csiNode, term, state)
      if ('code' in wanted) return wanted
      if (wanted.size === 0) return PASS
      const missing = looksForDrivers ? missingDriver(wanted.values(), csiNode, state.cluster) : undefined
      if (missing !== undefined) return missing
      const limits = limitsOf(csiNode)
      if ([...wanted.values()].every((driver) => !limits.has(driver))) return PASS
      const used = usedBy(nodes.pods(node), csiNode, state)
      if (used.error !== undefined) return used.error
      const attached = state.attachments.get(name) ?? NO_VOLUMES
      return fits({ wanted, attached }, used, limits) ? PASS : TOO_MANY
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
  csiNode: CSINode | undefined,
  term: LimitTerm,
  { cluster, pod, wanted }: LimitState,
): AttachableVolumes | Rejection {
  const migration = csiNode === undefined ? undefined : migratedPlugins(csiNode)
  const known = wanted.get(migration)
  if (known !== undefined) return known
  const volumes = new Map<string, string>()
  const refusal = collect({ ...term, pod }, csiNode, cluster, { isNew: true, into: volumes })
  wanted.set(migration, refusal ?? volumes)
  return refusal ?? volumes
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

const nodeLimits = new WeakMap<CSINode, ReadonlyMap<string, number>>()

/** How many volumes each driver of a node can attach, where it says so. */
function limitsOf(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  if (csiNode === undefined) return NO_LIMITS
  const known = nodeLimits.get(csiNode)
  if (known !== undefined) return known
  const limits = new Map<string, number>()
  nodeLimits.set(csiNode, limits)
  for (const { name, allocatable } of csiNode.spec?.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count)
  }
  return limits
}

/** Something that was made from the cluster, and the state of the cluster that it holds for. */
interface Remembered<Value> {
  readonly revision: number
  readonly value: Value
}

/** Volumes of a node's pods, and how many there are of each driver. */
interface UsedVolumes {
  readonly volumes: AttachableVolumes
  readonly counts: ReadonlyMap<string, number>
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
  const counts = new Map<string, number>()
  for (const driver of volumes.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1)
  const value = { volumes, counts, error }
  usedVolumes.set(pods, { revision, value, csiNode })
  return value
}

const attachments = new WeakMap<ClusterView, Remembered<ReadonlyMap<string, AttachableVolumes>>>()

/** Volumes that VolumeAttachment objects say are attached, by node. */
function attachmentsByNode(cluster: ClusterView): ReadonlyMap<string, AttachableVolumes> {
  const revision = revisionOf(cluster, ['VolumeAttachment', 'PersistentVolume'])
  const known = attachments.get(cluster)
  if (known?.revision === revision) return known.value
  const value = new Map<string, Map<string, string>>()
  for (const { spec } of cluster.objects('VolumeAttachment') as Iterable<VolumeAttachment>) {
    const volume = findVolume(cluster, spec?.source?.persistentVolumeName ?? '')
    const { volumeHandle = '' } = volume?.spec?.csi ?? {}
    if (spec === undefined || spec.attacher === '' || volumeHandle === '') continue
    const ofNode = value.get(spec.nodeName) ?? new Map<string, string>()
    value.set(spec.nodeName, ofNode)
    ofNode.set(`${spec.attacher}/${volumeHandle}`, spec.attacher)
  }
  attachments.set(cluster, { revision, value })
  return value
}

/** Changes whenever an object of one of the kinds does: each part only grows. */
function revisionOf(cluster: ClusterView, kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + cluster.revisionOf(kind), 0)
}

/**
 * Whether the volumes that no pod of the node uses yet stay within the limits. One that is attached, but that no pod uses,
 * counts as attached and as wanted, as in kube-scheduler.
 */
function fits(
  { wanted, attached }: Readonly<Record<'wanted' | 'attached', AttachableVolumes>>,
  used: UsedVolumes,
  limits: ReadonlyMap<string, number>,
): boolean {
  for (const driver of wanted.values()) {
    const limit = limits.get(driver)
    if (limit === undefined) continue
    const added = countUnused(wanted, driver, used)
    const taken = (used.counts.get(driver) ?? 0) + countUnused(attached, driver, used)
    if (added > 0 && taken + added > limit) return false
  }
  return true
}

/** Volumes of a driver that no pod of the node uses. */
function countUnused(volumes: AttachableVolumes, driver: string, used: UsedVolumes): number {
  let count = 0
  for (const [name, owner] of volumes) if (owner === driver && !used.volumes.has(name)) count += 1
  return count
}
