import { COSCHEDULED_GROUP } from '../api/kinds.ts'

/** Kinds other than Pod whose changes may make a rejected pod schedulable. */
export const WATCHED_KINDS: readonly string[] = [
  'Node',
  'PodDisruptionBudget',
  'Namespace',
  'Service',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
  'ResourceClaim',
  'ResourceSlice',
  'DeviceClass',
  'DeviceTaintRule',
  'PodGroup',
  COSCHEDULED_GROUP,
  'ElasticQuota',
]
