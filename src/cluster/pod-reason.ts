/** `status.reason` of pods that had to go because their node ran short. */
export const EVICTED = 'Evicted'
/** Of pods that the kernel of their node killed. */
export const OOM_KILLED = 'OOMKilled'
/** Of pods that the kubelet failed because its node shuts down. */
export const TERMINATED = 'Terminated'
/** Of pods that do not tolerate a taint of their node, or no longer. */
export const EVICTED_BY_TAINT = 'TaintManagerEviction'
/** Of pods that were evicted through the API. */
export const EVICTED_BY_API = 'EvictionByEvictionAPI'
/** Of pods that the scheduler deleted to make room. */
export const PREEMPTED = 'Preempted'

/** Of pods that a controller deletes because it wants fewer of them, or others. */
export const SCALED_DOWN = 'ScaledDown'
/** Of pods that make way for those of another template. */
export const ROLLING_UPDATE = 'RollingUpdate'
/** Of pods that ended without a reason, and are made again. */
export const ENDED = 'Ended'
/** Of pods that somebody deleted by name. */
export const DELETED = 'Deleted'
/** Of pods whose owner is gone. */
export const OWNER_DELETED = 'OwnerDeleted'
/** Of pods of a Job that is suspended, over, or wants fewer of them. */
export const DELETED_BY_JOB = 'DeletedByJob'
/** Of pods of a namespace that is deleted. */
export const NAMESPACE_DELETED = 'NamespaceDeleted'
/** Of pods that a drain deleted without asking for an eviction: they were wanted where they ran. */
export const DELETED_BY_DRAIN = 'DeletedByDrain'

/** Of pods that a restored etcd does not know, or not as they were: nobody asked for their end. */
export const ROLLED_BACK = 'RolledBack'
/** Of pods whose containers were not found when they should have been there. */
export const CONTAINER_STATUS_UNKNOWN = 'ContainerStatusUnknown'

/** Reasons of deletions that whoever made the pod, or its user, wanted: no evictions. */
export const WANTED_DELETIONS: ReadonlySet<string> = new Set([
  SCALED_DOWN,
  ROLLING_UPDATE,
  ENDED,
  DELETED,
  OWNER_DELETED,
  DELETED_BY_JOB,
  NAMESPACE_DELETED,
])
