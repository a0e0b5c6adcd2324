import type { Node } from '../api/types.generated.ts'

/** Whether the condition Ready of a node is True. */
export function isNodeReady(status: Node['status']): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}
