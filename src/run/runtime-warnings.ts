import { speaksCriV1 } from '../api/container-runtime.ts'
import type { Node } from '../api/types.generated.ts'

/** A line for each container runtime of nodes that a kubelet of the simulated versions does not work with. */
export function runtimeWarnings(nodes: readonly Node[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { status } of nodes) {
    const version = status?.nodeInfo?.containerRuntimeVersion ?? ''
    if (!speaksCriV1(version)) counts.set(version, (counts.get(version) ?? 0) + 1)
  }
  return [...counts].map(
    ([version, count]) =>
      `${count} nodes run ${version}, without CRI v1: a kubelet since v1.26 does not register them`,
  )
}

/** Says how often the API server gave no answer to those who submit tasks; nothing when it always did. */
export function unansweredWarning({ unanswered }: { readonly unanswered: number }): readonly string[] {
  if (unanswered === 0) return []
  return [`${unanswered} creations of pods got no answer from the API server, and were tried again`]
}
