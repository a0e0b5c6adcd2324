/** What a client hears of a pod that an admission plugin refuses. */
export function podForbidden(name: string, reason: string): string {
  return `pods "${name}" is forbidden: ${reason}`
}
