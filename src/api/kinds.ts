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
