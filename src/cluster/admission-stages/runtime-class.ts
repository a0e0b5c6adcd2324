import { mergeTolerations } from '../../api/merge-tolerations.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { compareQuantities } from '../../api/quantity.ts'
import { resourceList } from '../../api/resource-list.ts'
import type { Quantity, RuntimeClass } from '../../api/types.generated.ts'
import type { AdmissionStage } from '../admission.ts'
import type { ApiServer } from '../api-server.ts'

type Amounts = Readonly<Record<string, Quantity>>

/**
 * Gives a pod what its RuntimeClass brings: the overhead of its sandbox, the labels of nodes that have the runtime, and
 * tolerations; refuses pods of an unknown class, and pods that say otherwise.
 *
 * Source: kube-apiserver v1.37, plugin/admission/runtimeclass.
 */
export const runtimeClass: AdmissionStage = {
  name: 'RuntimeClass',
  mutate(template, api) {
    const found = classOf(template, api)
    if (found === undefined || refusalOf(template, found) !== undefined) return template
    const overhead = found.overhead?.podFixed
    const { nodeSelector, tolerations } = found.scheduling ?? {}
    const { spec } = template
    return {
      ...template,
      spec: {
        ...spec,
        ...(overhead === undefined ? {} : { overhead }),
        ...(nodeSelector === undefined ? {} : { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
        ...(tolerations === undefined
          ? {}
          : { tolerations: mergeTolerations(spec.tolerations ?? [], tolerations) }),
      },
    }
  },
  validate(template, api) {
    return refusalOf(template, classOf(template, api))
  },
}

function classOf({ spec }: PodTemplate, api: ApiServer): RuntimeClass | undefined {
  const name = spec.runtimeClassName ?? ''
  return name === '' ? undefined : api.collection<RuntimeClass>('RuntimeClass').get(name)
}

function refusalOf({ spec }: PodTemplate, found: RuntimeClass | undefined): string | undefined {
  const name = spec.runtimeClassName ?? ''
  if (name !== '' && found === undefined) return `pod rejected: RuntimeClass "${name}" not found`
  const overhead = found?.overhead?.podFixed
  if (spec.overhead !== undefined && !isSame(spec.overhead, overhead)) {
    if (overhead === undefined) {
      return 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
    }
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
  }
  for (const [key, value] of Object.entries(found?.scheduling?.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own === undefined || own === value) continue
    const conflict = `runtimeClass.Scheduling.NodeSelector[${key}] = ${value}; pod.Spec.NodeSelector[${key}] = ${own}`
    return `pod rejected: conflict: ${conflict}`
  }
  return undefined
}

/** Whether both name the same amounts; an overhead without any is none. */
function isSame(one: Amounts, other: Amounts | undefined): boolean {
  const [ours, theirs] = [resourceList(one), resourceList(other)]
  if (ours.size !== theirs.size) return false
  return [...ours].every(([resource, amount]) => {
    const their = theirs.get(resource)
    return their !== undefined && compareQuantities(amount, their) === 0
  })
}
