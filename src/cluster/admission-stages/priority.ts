import type { PodTemplate } from '../../api/pod-template.ts'
import type { PriorityClass } from '../../api/types.generated.ts'
import type { AdmissionStage } from '../admission.ts'
import type { ApiServer } from '../api-server.ts'

/** Classes that every cluster has (Kubernetes v1.37, apis/scheduling). */
const SYSTEM_CLASSES: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
])

/**
 * Sets `spec.priority` and the preemption policy from the pod's priority class, or from the global default class.
 *
 * A pod without a class that names a priority keeps it, as rows of traces do: the real plugin would refuse it.
 * Source: kube-apiserver v1.37, plugin/admission/priority.
 */
export const priority: AdmissionStage = {
  name: 'Priority',
  mutate(template, api): PodTemplate {
    const { spec } = template
    const name = spec.priorityClassName ?? ''
    if (name === '' && spec.priority !== undefined) return template
    const system = SYSTEM_CLASSES.get(name)
    if (system !== undefined) return { ...template, spec: { ...spec, priority: system } }
    const found = name === '' ? globalDefault(api) : api.priorityClasses.get(name)
    if (found === undefined) return { ...template, spec: { ...spec, priority: spec.priority ?? 0 } }
    const preemptionPolicy = spec.preemptionPolicy ?? found.preemptionPolicy ?? 'PreemptLowerPriority'
    const priorityClassName = name === '' ? (found.metadata?.name ?? '') : name
    return { ...template, spec: { ...spec, priority: found.value ?? 0, preemptionPolicy, priorityClassName } }
  },
  validate(template, api) {
    const name = template.spec.priorityClassName ?? ''
    if (name === '' || SYSTEM_CLASSES.has(name) || api.priorityClasses.get(name) !== undefined) return undefined
    return `no PriorityClass with name ${name} was found`
  },
}

/** The class with `globalDefault`: the one with the lowest value, if there are several. */
function globalDefault(api: ApiServer): PriorityClass | undefined {
  let found: PriorityClass | undefined
  for (const one of api.priorityClasses.list()) {
    if (one.globalDefault === true && (found === undefined || (one.value ?? 0) < (found.value ?? 0))) found = one
  }
  return found
}
