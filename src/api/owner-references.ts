import type { ObjectMeta, OwnerReference } from './types.generated.ts'

/** The reference of an object to its controller; undefined for one that nothing controls, or that is not there. */
export function controllerOf(
  object: { readonly metadata?: ObjectMeta | undefined } | undefined,
): OwnerReference | undefined {
  return controllerAmong(object?.metadata?.ownerReferences ?? [])
}

/** The reference to a controller among an object's references. */
export function controllerAmong(references: readonly OwnerReference[]): OwnerReference | undefined {
  return references.find(({ controller }) => controller === true)
}
