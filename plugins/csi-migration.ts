import type {
  CSINode,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
  Volume,
} from '../src/api/types.generated.ts'

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins'
const ZONE = 'topology.kubernetes.io/zone'
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone'
const ZONE_DELIMITER = '__'
const UNSPECIFIED = 'UNSPECIFIED'

/** An in-tree volume plugin whose volumes a CSI driver serves. */
interface MigratedPlugin {
  /** Name of the in-tree plugin, as CSINode objects and storage classes name it. */
  readonly inTree: string
  readonly driver: string
  /** Node label of the driver's zones; undefined when it has none. */
  readonly zoneKey: string | undefined
  /** Handle that the driver knows the volume by; undefined when the source is of another plugin. */
  handleOf(source: Volume | PersistentVolumeSpec, zone: string): string | undefined
}

/** Source: Kubernetes v1.37, csi-translation-lib/plugins; those that NodeVolumeLimits takes for migrated. */
const PLUGINS: readonly MigratedPlugin[] = [
  {
    inTree: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    zoneKey: 'topology.ebs.csi.aws.com/zone',
    handleOf: ({ awsElasticBlockStore: disk }) => disk?.volumeID.replace(/^aws:\/\/.*\//, ''),
  },
  {
    inTree: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    zoneKey: 'topology.gke.io/zone',
    handleOf: ({ gcePersistentDisk: disk }, zone) =>
      disk === undefined ? undefined : `projects/${UNSPECIFIED}/zones/${zone}/disks/${disk.pdName}`,
  },
  {
    inTree: 'kubernetes.io/azure-disk',
    driver: 'disk.csi.azure.com',
    zoneKey: 'topology.disk.csi.azure.com/zone',
    handleOf: ({ azureDisk }) => azureDisk?.diskURI,
  },
  {
    inTree: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    zoneKey: 'topology.cinder.csi.openstack.org/zone',
    handleOf: ({ cinder }) => cinder?.volumeID,
  },
  {
    inTree: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    zoneKey: undefined,
    handleOf: ({ portworxVolume }) => portworxVolume?.volumeID,
  },
]

/** A volume as a CSI driver knows it. */
export interface AttachableVolume {
  readonly driver: string
  readonly handle: string
}

/** Whether the node's kubelet leaves an in-tree plugin to its CSI driver. */
function isMigratedOn(csiNode: CSINode | undefined, inTree: string): boolean {
  return (csiNode?.metadata?.annotations?.[MIGRATED_PLUGINS] ?? '').split(',').includes(inTree)
}

/** Whether a volume of a pod is of an in-tree plugin that CSI drivers serve. */
export function isMigratable(volume: Volume): boolean {
  return PLUGINS.some((plugin) => plugin.handleOf(volume, UNSPECIFIED) !== undefined)
}

/** What a pod's own in-tree volume is to its driver on a node; undefined when the node does not migrate it. */
export function migratedInlineVolume(
  volume: Volume,
  csiNode: CSINode | undefined,
): AttachableVolume | undefined {
  for (const { inTree, driver, handleOf } of PLUGINS) {
    const handle = handleOf(volume, UNSPECIFIED)
    if (handle !== undefined) return isMigratedOn(csiNode, inTree) ? { driver, handle } : undefined
  }
  return undefined
}

/** What a persistent volume is to its driver on a node: a CSI volume as it is, an in-tree one where it is migrated. */
export function attachableVolume(
  volume: PersistentVolume,
  csiNode: CSINode | undefined,
): AttachableVolume | undefined {
  const { spec } = volume
  if (spec?.csi !== undefined) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle }
  const plugin = migratedPluginOf(volume, csiNode)
  const handle = spec === undefined ? undefined : plugin?.handleOf(spec, zonesOf(volume)[0] ?? UNSPECIFIED)
  return plugin === undefined || handle === undefined ? undefined : { driver: plugin.driver, handle }
}

/** Driver that provisions for a storage class on a node; undefined when the in-tree plugin is not migrated there. */
export function driverOfProvisioner(provisioner: string, csiNode: CSINode | undefined): string | undefined {
  const plugin = PLUGINS.find(({ inTree }) => inTree === provisioner)
  if (plugin === undefined) return provisioner
  return isMigratedOn(csiNode, provisioner) ? plugin.driver : undefined
}

/**
 * The terms of node affinity that a volume has on a node: an in-tree volume's zones become those of the driver's label where
 * the node migrates it. Source: Kubernetes v1.37, csi-translation-lib/plugins `translateTopologyFromInTreeToCSI`.
 */
export function nodeAffinityTerms(
  volume: PersistentVolume,
  csiNode: CSINode | undefined,
): readonly NodeSelectorTerm[] | undefined {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  const zoneKey = migratedPluginOf(volume, csiNode)?.zoneKey
  if (zoneKey === undefined) return terms
  if (terms?.some(hasZone) === true) return terms.map((term) => withZoneKey(term, zoneKey))
  const zones = zonesOf(volume)
  if (zones.length === 0) return terms
  const requirement = { key: zoneKey, operator: 'In', values: zones }
  return (terms ?? [{}]).map((term) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), requirement],
  }))
}

function migratedPluginOf(volume: PersistentVolume, csiNode: CSINode | undefined): MigratedPlugin | undefined {
  const { spec } = volume
  if (spec === undefined) return undefined
  return PLUGINS.find(
    ({ inTree, handleOf }) => handleOf(spec, UNSPECIFIED) !== undefined && isMigratedOn(csiNode, inTree),
  )
}

function zonesOf(volume: PersistentVolume): readonly string[] {
  const labels = volume.metadata?.labels ?? {}
  return (labels[ZONE] ?? labels[OLD_ZONE] ?? '').split(ZONE_DELIMITER).filter((zone) => zone !== '')
}

function isZone({ key }: NodeSelectorRequirement): boolean {
  return key === ZONE || key === OLD_ZONE
}

function hasZone(term: NodeSelectorTerm): boolean {
  return (term.matchExpressions ?? []).some(isZone)
}

function withZoneKey(term: NodeSelectorTerm, key: string): NodeSelectorTerm {
  return {
    ...term,
    matchExpressions: (term.matchExpressions ?? []).map((one) => (isZone(one) ? { ...one, key } : one)),
  }
}
