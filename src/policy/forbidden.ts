import { resourceName } from '../api/resource-name.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/** What a client hears of a pod that an admission plugin refuses. */
export function podForbidden(name: string, reason: string): string {
  return `pods "${name}" is forbidden: ${reason}`
}

/** What a client hears of another object that an admission plugin refuses. */
export function objectForbidden(
  kind: string,
  { apiVersion, metadata }: StoredObject,
  reason: string,
): string {
  return `${resourceName(kind, apiVersion)} "${metadata?.name ?? ''}" is forbidden: ${reason}`
}
