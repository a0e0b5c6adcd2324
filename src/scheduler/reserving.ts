import type { ClusterView } from './framework/cluster-view.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PodIdentity } from './framework/pod-identity.ts'
import type { ReservedObject } from './framework/plugin.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'

/** What all reserve plugins set aside together, and the first failure that PreBind would meet. */
export interface ReservedParts {
  readonly devices: number
  readonly objects: readonly ReservedObject[]
  readonly failure: string | undefined
}

/** Asks the reserve plugins of a cycle what to set aside for its pod on the chosen node. */
export function reserveOn(
  node: NodeIndex,
  cycle: {
    readonly profile: Profile
    readonly podClass: PodClass
    readonly cluster: ClusterView
    readonly identity: PodIdentity
    readonly states: readonly unknown[]
  },
): ReservedParts {
  const { profile, podClass, cluster, identity, states } = cycle
  let devices = 0
  const objects: ReservedObject[] = []
  let failure: string | undefined
  for (const index of podClass.reservers) {
    const plugin = profile.plugins[index]
    const columns = profile.columns[index]
    if (plugin?.reserve === undefined || columns === undefined) continue
    const context = { state: states[index], cluster, pod: identity }
    const reserved = plugin.reserve(podClass.terms[index], node, columns, context)
    devices |= reserved?.devices ?? 0
    objects.push(...(reserved?.objects ?? []))
    failure ??= reserved?.failure
  }
  return { devices, objects, failure }
}
