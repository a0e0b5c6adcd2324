import type { Container, PodSpec } from '../src/api/types.generated.ts'
import { PASS, definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'

const FEATURES_MISSING = unresolvable("node(s) didn't match Pod's required features")

/**
 * Features that a pod needs of its node, by the name that nodes declare them with. Others that Kubernetes knows concern
 * the update of pods only.
 *
 * Source: Kubernetes v1.37, component-helpers/nodedeclaredfeatures/features, `InferForScheduling` of each.
 */
const NEEDED_BY: Readonly<Record<string, (spec: PodSpec) => boolean>> = {
  RestartAllContainersOnContainerExits: (spec) =>
    containersOf(spec).some(({ restartPolicyRules }) =>
      (restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers'),
    ),
  UserNamespacesHostNetworkSupport: (spec) => spec.hostNetwork === true && spec.hostUsers === false,
  VolumeBindMountOptions: (spec) =>
    containersOf(spec).some(({ volumeMounts }) =>
      (volumeMounts ?? []).some(({ bindMountOptions }) => (bindMountOptions ?? []).length > 0),
    ),
}

/**
 * Keeps pods off nodes that do not declare a feature which they need.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodedeclaredfeatures.
 */
export const nodeDeclaredFeatures = definePlugin({
  name: 'NodeDeclaredFeatures',
  reads: ['object'],
  sized: false,

  compile: (pod) => ({ needed: neededBy(pod.spec) }),

  sign: (pod) => ({ declaredFeatures: neededBy(pod.spec) }),

  screen: (term) => (term.needed.length === 0 ? { skip: true } : undefined),

  filter(term, node, nodes) {
    const declared = nodes.object(node).status?.declaredFeatures ?? []
    return term.needed.every((feature) => declared.includes(feature)) ? PASS : FEATURES_MISSING
  },

  hint(_term, change) {
    switch (change.type) {
      case 'node-added':
        return true
      case 'node-updated':
        return textOf(change.old.status?.declaredFeatures) !== textOf(change.node.status?.declaredFeatures)
      case 'pending-pod-updated':
        return change.itself && textOf(neededBy(change.old.spec)) !== textOf(neededBy(change.pod.spec))
      default:
        return false
    }
  },
})

function neededBy(spec: PodSpec): readonly string[] {
  return Object.keys(NEEDED_BY).filter((feature) => NEEDED_BY[feature]?.(spec) === true)
}

function containersOf(spec: PodSpec): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? [])]
}

function textOf(features: readonly string[] | undefined): string {
  return (features ?? []).join()
}
