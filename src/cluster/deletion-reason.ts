/** `status.reason` of pods that a controller deletes because it wants fewer of them, or others. */
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
