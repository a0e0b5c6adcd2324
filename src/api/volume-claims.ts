import type { ObjectMeta } from './types.generated.ts'

/** Marks a claim whose binding to its volume is complete. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** Tells the provisioner on which node the first consumer of a claim will be. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** Name of the storage class of a claim or a volume: the old annotation first; undefined where nothing says one. */
export function classNameOf(object: {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly storageClassName?: string }
}): string | undefined {
  return object.metadata?.annotations?.[STORAGE_CLASS] ?? object.spec?.storageClassName
}
