import type { PodTemplate } from '../../api/pod-template.ts'
import type { PodGroup, PriorityClass } from '../../api/types.generated.ts'
import type { AdmissionStage } from '../admission.ts'
import type { ApiServer } from '../api-server.ts'

/** Classes that every cluster has (Kubernetes v1.37, apis/scheduling). */
const SYSTEM_CLASSES: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
])

/** What a priority class makes of a pod. */
interface ComputedPriority {
  readonly className: string
  readonly priority: number
  /** Undefined leaves the pod's own. */
  readonly preemptionPolicy: string | undefined
}

/**
 * Sets `spec.priority`, the class name and the preemption policy from the pod's priority class, or from the
 * global default class; refuses pods of an unknown class, and pods that say another priority or policy than
 * their class.
 *
 * Source: kube-apiserver v1.37, plugin/admission/priority.
 */
export const priority: AdmissionStage = {
  name: 'Priority',
  reads: ['PriorityClass'],
  mutate(template, api) {
    if (keepsItsOwn(template)) return template
    const computed = computePriority(template.spec, api)
    if (computed === undefined || conflictOf('pod', template.spec, computed) !== undefined) return template
    const { className, preemptionPolicy } = computed
    return {
      ...template,
      spec: {
        ...template.spec,
        priority: computed.priority,
        ...(className === '' ? {} : { priorityClassName: className }),
        ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
      },
    }
  },
  validate(template, api) {
    if (keepsItsOwn(template)) return undefined
    const computed = computePriority(template.spec, api)
    if (computed === undefined) {
      return `no PriorityClass with name ${template.spec.priorityClassName ?? ''} was found`
    }
    return conflictOf('pod', template.spec, computed)
  },
}

/**
 * Departs from Kubernetes: rows of traces have a priority of their own and no class. Manifests are held to
 * the rule.
 */
function keepsItsOwn({ spec, sizing }: PodTemplate): boolean {
  return sizing !== 'template' && (spec.priorityClassName ?? '') === '' && spec.priority !== undefined
}

/**
 * The PodGroup with what its priority class, or the global default class, says of its priority and preemption policy; or why
 * it may not be created.
 */
export function admitPodGroup(
  group: PodGroup,
  api: ApiServer,
): { readonly group: PodGroup } | { readonly refusal: string } {
  const { spec } = group
  const computed = computePriority(spec, api)
  if (computed === undefined) {
    return { refusal: `no PriorityClass with name ${spec.priorityClassName ?? ''} was found` }
  }
  const refusal = conflictOf('pod group', spec, computed)
  if (refusal !== undefined) return { refusal }
  const { className, priority: value, preemptionPolicy } = computed
  const named = className === '' ? {} : { priorityClassName: className }
  const policy = preemptionPolicy === undefined ? {} : { preemptionPolicy }
  return { group: { ...group, spec: { ...spec, priority: value, ...named, ...policy } } }
}

/** What a pod, or a group of pods, says of its priority itself. */
interface OwnPriority {
  readonly priorityClassName?: string
  readonly priority?: number
  readonly preemptionPolicy?: string
}

/** What the class, or the global default, says; undefined when there is no such class. */
function computePriority(spec: OwnPriority, api: ApiServer): ComputedPriority | undefined {
  const name = spec.priorityClassName ?? ''
  const found = name === '' ? globalDefault(api) : api.priorityClasses.get(name)
  if (found !== undefined) {
    const className = found.metadata?.name ?? ''
    return { className, priority: found.value ?? 0, preemptionPolicy: found.preemptionPolicy }
  }
  if (name === '') return { className: '', priority: 0, preemptionPolicy: 'PreemptLowerPriority' }
  const system = SYSTEM_CLASSES.get(name)
  if (system === undefined) return undefined
  return { className: name, priority: system, preemptionPolicy: 'PreemptLowerPriority' }
}

/** What the pod or group says itself and its class says otherwise, as the API server words it. */
function conflictOf(
  kind: 'pod' | 'pod group',
  spec: OwnPriority,
  computed: ComputedPriority,
): string | undefined {
  const rule = `must not be provided in ${kind} spec; priority admission controller computed`
  if (spec.priority !== undefined && spec.priority !== computed.priority) {
    const found = `the integer value of priority (${spec.priority})`
    return `${found} ${rule} ${computed.priority} from the given PriorityClass name`
  }
  const policy = computed.preemptionPolicy
  if (policy === undefined || spec.preemptionPolicy === undefined || spec.preemptionPolicy === policy) {
    return undefined
  }
  const found = `the string value of PreemptionPolicy (${spec.preemptionPolicy})`
  return `${found} ${rule} ${policy} from the given PriorityClass name`
}

/** The class with `globalDefault`: the one with the lowest value, if there are several. */
function globalDefault(api: ApiServer): PriorityClass | undefined {
  let found: PriorityClass | undefined
  for (const one of api.priorityClasses.list()) {
    if (one.globalDefault !== true) continue
    if (found === undefined || (one.value ?? 0) < (found.value ?? 0)) found = one
  }
  return found
}
