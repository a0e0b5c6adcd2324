import type { Namespace, Pod, PriorityClass } from '../../api/types.generated.ts'
import { defaultTolerationSeconds } from '../../cluster/admission-stages/default-toleration-seconds.ts'
import { priority } from '../../cluster/admission-stages/priority.ts'
import type { AdmissionStage } from '../../cluster/admission.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import type { TemplateVerdict } from '../../cluster/template-registry.ts'
import { Simulation } from '../../engine/simulation.ts'
import { podForbidden } from '../../policy/forbidden.ts'
import { selectNodes, selectorRefusal } from '../../policy/pod-node-selector.ts'
import type { PodNodeSelectorConfig, SelectorRefusal } from '../../policy/pod-node-selector.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly namespace: Namespace
  readonly pod: Pod
  readonly podNodeSelectorConfig?: PodNodeSelectorConfig
  readonly priorityClasses: readonly PriorityClass[]
}

/** Three admission plugins, each alone on one pod. */
export const admissionPlugins = logicFamily('admission-plugins', (input: Input) => ({
  DefaultTolerationSeconds: withTolerations(input),
  Priority: withPriority(input),
  PodNodeSelector: withNodeSelector(input),
}))

/** The recorded plugin had not been given its settings: the tolerations that it adds are empty. */
function withTolerations({ pod }: Input): object {
  const { spec } = admit(defaultTolerationSeconds, pod, [])
  const own = pod.spec?.tolerations ?? []
  const tolerations = (spec?.tolerations ?? []).map((one, index) => (index < own.length ? one : {}))
  return { allowed: true, tolerations }
}

function withPriority({ pod, priorityClasses }: Input): object {
  const { verdict, spec } = admit(priority, pod, priorityClasses)
  if (!verdict.ok) return { allowed: false, message: podForbidden(pod.metadata?.name ?? '', verdict.message) }
  return {
    allowed: true,
    priority: spec?.priority,
    priorityClassName: spec?.priorityClassName ?? '',
    preemptionPolicy: spec?.preemptionPolicy,
  }
}

function withNodeSelector({ pod, namespace, podNodeSelectorConfig: config = {} }: Input): object {
  const judged = (refusal: SelectorRefusal | undefined): object => {
    if (refusal === undefined) return { allowed: true }
    const { reason, isForbidden } = refusal
    return { allowed: false, message: isForbidden ? podForbidden(pod.metadata?.name ?? '', reason) : reason }
  }
  const verdict = selectNodes({ namespace, nodeSelector: pod.spec?.nodeSelector ?? {} }, config)
  if (!verdict.ok) return judged(verdict.refusal)
  const { nodeSelector } = verdict
  return {
    allowed: true,
    nodeSelector,
    validate: judged(selectorRefusal({ namespace, nodeSelector }, config)),
  }
}

interface Admitted {
  readonly verdict: TemplateVerdict
  readonly spec: Pod['spec']
}

/** The pod as it is after one stage. */
function admit(stage: AdmissionStage, pod: Pod, classes: readonly PriorityClass[]): Admitted {
  const api = new ApiServer(new Simulation({ seed: 'conformance' }), [stage])
  for (const one of classes) api.priorityClasses.create(one)
  const verdict = api.pods.templates.internPod(pod)
  return { verdict, spec: verdict.ok ? api.pods.templates.get(verdict.id).template.spec : undefined }
}
