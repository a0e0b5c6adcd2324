import type {
  CSINode,
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
  Volume,
} from '../src/api/types.generated.ts'

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins'
const ZONE = 'topology.kubernetes.io/zone'
const REGION = 'topology.kubernetes.io/region'
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone'
const OLD_REGION = 'failure-domain.beta.kubernetes.io/region'
const ZONE_DELIMITER = '__'
const UNSPECIFIED = 'UNSPECIFIED'
const EBS_URL = 'aws://'

/** A volume of a pod, or what a persistent volume is of. */
type VolumeSource = Volume | PersistentVolumeSpec

/** An in-tree volume plugin whose volumes a CSI driver serves. */
interface MigratedPlugin {
  /** Name of the in-tree plugin, as CSINode objects and storage classes name it. */
  readonly inTree: string
  readonly driver: string
  /** Node label of the driver's zones; undefined when zones are not translated for it. */
  readonly zoneKey: string | undefined
  /** Whether NodeVolumeLimits takes every node with a CSINode object for migrated, whatever its annotation says. */
  readonly isMigratedEverywhere: boolean
  /** Whether the volume is of this plugin. */
  isOf(source: VolumeSource): boolean
  /** Handle that the driver knows the volume by; undefined when it cannot be told. `zones` are of the volume's label. */
  handleOf(source: VolumeSource, zones: readonly string[]): string | undefined
}

/** Source: Kubernetes v1.37, csi-translation-lib/plugins; those that the scheduler takes for migrated. */
const PLUGINS: readonly MigratedPlugin[] = [
  {
    inTree: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    zoneKey: 'topology.ebs.csi.aws.com/zone',
    isMigratedEverywhere: true,
    isOf: ({ awsElasticBlockStore }) => awsElasticBlockStore !== undefined,
    handleOf: ({ awsElasticBlockStore }) => elasticBlockStoreHandle(awsElasticBlockStore?.volumeID ?? ''),
  },
  {
    inTree: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    zoneKey: 'topology.gke.io/zone',
    isMigratedEverywhere: true,
    isOf: ({ gcePersistentDisk }) => gcePersistentDisk !== undefined,
    handleOf: ({ gcePersistentDisk }, zones) => persistentDiskHandle(gcePersistentDisk?.pdName ?? '', zones),
  },
  {
    inTree: 'kubernetes.io/azure-disk',
    driver: 'disk.csi.azure.com',
    zoneKey: undefined,
    isMigratedEverywhere: true,
    isOf: ({ azureDisk }) => azureDisk !== undefined,
    handleOf: ({ azureDisk }) => azureDisk?.diskURI,
  },
  {
    inTree: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    zoneKey: 'topology.cinder.csi.openstack.org/zone',
    isMigratedEverywhere: true,
    isOf: ({ cinder }) => cinder !== undefined,
    handleOf: ({ cinder }) => cinder?.volumeID,
  },
  {
    inTree: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    zoneKey: undefined,
    isMigratedEverywhere: false,
    isOf: ({ portworxVolume }) => portworxVolume !== undefined,
    handleOf: ({ portworxVolume }) => portworxVolume?.volumeID,
  },
]

/** Provisioners that have a CSI driver, but that the scheduler does not take for migrated. */
const UNMIGRATED_PROVISIONERS: ReadonlySet<string> = new Set([
  'kubernetes.io/azure-file',
  'kubernetes.io/vsphere-volume',
])

/** A volume as a CSI driver knows it. */
export interface AttachableVolume {
  readonly driver: string
  readonly handle: string
}

/** Whether a volume of a pod is of an in-tree plugin that has a CSI driver. */
export function isMigratable(volume: Volume): boolean {
  return (
    volume.azureFile !== undefined || volume.vsphereVolume !== undefined || pluginOf(volume) !== undefined
  )
}

/** The driver that serves a pod's own in-tree volume; undefined when none does. */
export function inlineDriver(volume: Volume): string | undefined {
  return pluginOf(volume)?.driver
}

/** What a pod's own in-tree volume is to its driver on a node; undefined when the node does not migrate it. */
export function migratedInlineVolume(
  volume: Volume,
  csiNode: CSINode | undefined,
): AttachableVolume | undefined {
  const plugin = pluginOf(volume)
  if (plugin === undefined || !isCountedOn(csiNode, plugin)) return undefined
  const handle = plugin.handleOf(volume, [])
  return handle === undefined ? undefined : { driver: plugin.driver, handle }
}

/** What a persistent volume is to its driver on a node: a CSI volume as it is, an in-tree one where it is migrated. */
export function attachableVolume(
  volume: PersistentVolume,
  csiNode: CSINode | undefined,
): AttachableVolume | undefined {
  const { spec } = volume
  if (spec === undefined) return undefined
  if (spec.csi !== undefined) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle }
  const plugin = pluginOf(spec)
  if (plugin === undefined || !isCountedOn(csiNode, plugin)) return undefined
  const labels = volume.metadata?.labels ?? {}
  // Departs from the order elsewhere: here the old label goes first, as in `gce_pd.go`.
  const zones = (labels[OLD_ZONE] ?? labels[ZONE] ?? '').split(ZONE_DELIMITER)
  const handle = plugin.handleOf(spec, zones)
  return handle === undefined ? undefined : { driver: plugin.driver, handle }
}

/** Driver that provisions for a storage class on a node; undefined when the in-tree plugin is not migrated there. */
export function driverOfProvisioner(provisioner: string, csiNode: CSINode | undefined): string | undefined {
  if (UNMIGRATED_PROVISIONERS.has(provisioner)) return undefined
  const plugin = PLUGINS.find(({ inTree }) => inTree === provisioner)
  if (plugin === undefined) return provisioner
  return isCountedOn(csiNode, plugin) ? plugin.driver : undefined
}

/**
 * The terms of node affinity that a volume has on a node: an in-tree volume's zones become those of the driver's label where
 * the node migrates it. Source: Kubernetes v1.37, csi-translation-lib/plugins `translateTopologyFromInTreeToCSI`.
 */
export function nodeAffinityTerms(
  volume: PersistentVolume,
  isMigrated: boolean,
): readonly NodeSelectorTerm[] | undefined {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  const zoneKey = isMigrated && volume.spec !== undefined ? pluginOf(volume.spec)?.zoneKey : undefined
  if (zoneKey === undefined) return terms
  const zoneLabel = zoneLabelOf(volume, terms ?? [])
  let translated = terms ?? []
  if (hasValues(translated, zoneLabel)) translated = withKey(translated, zoneLabel, zoneKey)
  else translated = withZones(translated, zoneKey, volume.metadata?.labels?.[zoneLabel])
  if (zoneLabel === OLD_ZONE) translated = withKey(translated, OLD_REGION, REGION)
  return translated.length === 0 ? terms : translated
}

/** Whether the node's kubelet leaves the volume's in-tree plugin to its CSI driver, as the node's annotation says. */
export function isMigratedOn(volume: PersistentVolume, csiNode: CSINode | undefined): boolean {
  const plugin = volume.spec === undefined ? undefined : pluginOf(volume.spec)
  return plugin !== undefined && isAnnotatedOn(csiNode, plugin)
}

/** The in-tree plugins that a node's kubelet leaves to CSI drivers, as its annotation lists them. */
export function migratedPlugins(csiNode: CSINode | undefined): string {
  return csiNode?.metadata?.annotations?.[MIGRATED_PLUGINS] ?? ''
}

function isAnnotatedOn(csiNode: CSINode | undefined, { inTree }: MigratedPlugin): boolean {
  return migratedPlugins(csiNode).split(',').includes(inTree)
}

/** Source: `isCSIMigrationOn` of nodevolumelimits: most plugins need no annotation. */
function isCountedOn(csiNode: CSINode | undefined, plugin: MigratedPlugin): boolean {
  return csiNode !== undefined && (plugin.isMigratedEverywhere || isAnnotatedOn(csiNode, plugin))
}

function pluginOf(source: VolumeSource): MigratedPlugin | undefined {
  return PLUGINS.find((plugin) => plugin.isOf(source))
}

/** `aws://zone/vol-…` is the volume's own name after the last slash; anything else stands as it is. */
function elasticBlockStoreHandle(volumeID: string): string | undefined {
  if (!volumeID.startsWith(EBS_URL)) return volumeID
  const name = /^[^/]*\/+(vol-[^/]*)\/*$/.exec(volumeID.slice(EBS_URL.length))
  return name?.[1]
}

/** A disk in several zones is a regional one; its region is what all its zones start with. */
function persistentDiskHandle(name: string, zones: readonly string[]): string | undefined {
  if (zones.length <= 1) return `projects/${UNSPECIFIED}/zones/${zones[0] || UNSPECIFIED}/disks/${name}`
  const regions = new Set(zones.map((zone) => /^([^-]*-[^-]*)-[^-]*$/.exec(zone)?.[1]))
  const [region] = regions
  if (regions.size !== 1 || region === undefined) return undefined
  return `projects/${UNSPECIFIED}/regions/${region}/disks/${name}`
}

/** The zone label that the volume uses: in its affinity first, then on itself, the present name before the old one. */
function zoneLabelOf(volume: PersistentVolume, terms: readonly NodeSelectorTerm[]): string {
  for (const label of [ZONE, OLD_ZONE]) {
    if (terms.some((term) => (term.matchExpressions ?? []).some(({ key }) => key === label))) return label
  }
  const labels = volume.metadata?.labels ?? {}
  return labels[ZONE] === undefined && labels[OLD_ZONE] !== undefined ? OLD_ZONE : ZONE
}

function hasValues(terms: readonly NodeSelectorTerm[], label: string): boolean {
  return terms.some((term) =>
    (term.matchExpressions ?? []).some(({ key, values }) => key === label && (values ?? []).length > 0),
  )
}

function withKey(terms: readonly NodeSelectorTerm[], from: string, to: string): readonly NodeSelectorTerm[] {
  return terms.map((term) =>
    term.matchExpressions === undefined
      ? term
      : {
          ...term,
          matchExpressions: term.matchExpressions.map((one) =>
            one.key === from ? { ...one, key: to } : one,
          ),
        },
  )
}

/** Adds the zones of the volume's label to every term; to one of its own when there is none. */
function withZones(
  terms: readonly NodeSelectorTerm[],
  key: string,
  label: string | undefined,
): readonly NodeSelectorTerm[] {
  const named = (label ?? '').split(ZONE_DELIMITER).map((zone) => zone.trim())
  const values = [...new Set(named.filter((zone) => zone !== ''))].sort()
  if (values.length === 0) return terms
  const requirement = { key, operator: 'In', values }
  return (terms.length === 0 ? [{}] : terms).map((term: NodeSelectorTerm) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), requirement],
  }))
}
