import { toleratesTaint } from '../../api/tolerations.ts'
import type { Taint, Toleration } from '../../api/types.generated.ts'
import type { AdmissionStage } from '../admission.ts'

/** How long a pod stays on a node that is not ready or unreachable (`--default-not-ready-toleration-seconds`). */
const TOLERATION_SECONDS = 300

const TAINTS: readonly Taint[] = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
]

/**
 * Adds the tolerations that keep pods on lost nodes for five minutes, unless the pod tolerates the taint already.
 *
 * Source: kube-apiserver v1.37, plugin/admission/defaulttolerationseconds.
 */
export const defaultTolerationSeconds: AdmissionStage = {
  name: 'DefaultTolerationSeconds',
  mutate(template) {
    const tolerations = template.spec.tolerations ?? []
    const added = TAINTS.filter((taint) => !tolerations.some((toleration) => coversAny(toleration, taint))).map(
      (taint): Toleration => ({
        key: taint.key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: TOLERATION_SECONDS,
      }),
    )
    if (added.length === 0) return template
    return { ...template, spec: { ...template.spec, tolerations: [...tolerations, ...added] } }
  },
}

/** Whether the toleration covers the taint whatever its value. */
function coversAny(toleration: Toleration, taint: Taint): boolean {
  return toleratesTaint({ ...toleration, value: '' }, taint) || toleratesTaint(toleration, taint)
}
