/**
 * Kinds whose objects lie in no namespace: those of Kubernetes v1.37, and of the CustomResourceDefinitions that clusters of this
 * kind have most often. All others are namespaced.
 */
const CLUSTER_SCOPED = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'DeviceClass',
  'DeviceTaintRule',
  'FlowSchema',
  'GatewayClass',
  'IngressClass',
  'IPAddress',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'ServiceCIDR',
  'StorageClass',
  'StorageVersionMigration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
  // kubernetes-csi/external-snapshotter
  'VolumeSnapshotClass',
  'VolumeSnapshotContent',
  // Karpenter
  'NodePool',
  'NodeClaim',
  'EC2NodeClass',
])

/** Whether objects of the kind lie in namespaces. */
export function isNamespaced(kind: string): boolean {
  return !CLUSTER_SCOPED.has(kind)
}

/** Kind under which PodGroups of scheduler-plugins are stored: those of Kubernetes itself may have the same names. */
export const COSCHEDULED_GROUP = 'PodGroup.scheduling.x-k8s.io'

/** The label that names the PodGroup of scheduling.x-k8s.io that a pod is of. */
export const COSCHEDULED_GROUP_LABEL = 'scheduling.x-k8s.io/pod-group'

/** The kind under which an object is stored: its own, with the API group where another group has a kind of that name. */
export function storeKind(object: { readonly apiVersion?: string; readonly kind?: string }): string {
  const { apiVersion = '', kind = '' } = object
  return kind === 'PodGroup' && apiVersion.startsWith('scheduling.x-k8s.io/') ? COSCHEDULED_GROUP : kind
}
