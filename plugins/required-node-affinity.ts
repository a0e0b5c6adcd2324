import { compileLabelMap, compileNodeSelector } from '../src/api/selectors.ts'
import type { NodePredicate } from '../src/api/selectors.ts'
import type { PodSpec } from '../src/api/types.generated.ts'

/**
 * What a pod asks of its node by nodeSelector and required node affinity; undefined when it asks for nothing.
 *
 * Source: Kubernetes v1.37, component-helpers/scheduling/corev1/nodeaffinity `GetRequiredNodeAffinity`.
 */
export function requiredNodeAffinity(spec: PodSpec): NodePredicate | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const selects = spec.nodeSelector === undefined ? undefined : compileLabelMap(spec.nodeSelector)
  const requires = required === undefined ? undefined : compileNodeSelector(required)
  if (selects === undefined) return requires
  return (labels, name) => selects(labels) && (requires?.(labels, name) ?? true)
}
