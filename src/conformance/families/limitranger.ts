import { defaultObject } from '../../api/defaults/index.ts'
import type { LimitRange, Pod } from '../../api/types.generated.ts'
import { applyLimitRange, limitRangeViolations, violationsText } from '../../policy/limit-ranger.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly limitRange: LimitRange
  readonly pod: Pod
}

/** What a LimitRange sets in a pod, and what of it it refuses. */
export const limitranger = logicFamily('limitranger', (input: Input) => {
  const limitRange = defaultObject({ ...input.limitRange, kind: 'LimitRange' })
  const pod = defaultObject({ ...input.pod, kind: 'Pod' })
  const { spec, annotation } = applyLimitRange(limitRange, pod.spec ?? { containers: [] })
  const violations = limitRangeViolations(limitRange, spec)
  const text = violationsText(violations).replace(/^\[|\]$/g, '')
  return {
    allowed: violations.length === 0,
    annotation,
    containers: [...(spec.initContainers ?? []), ...spec.containers].map(({ name, resources }) => ({
      name,
      resources,
    })),
    podResources: spec.resources,
    ...(text === '' ? {} : { messages: text.split(', ').sort() }),
  }
})
