import type { PodSpec } from '../api/types.generated.ts'

/** A field of a pod that nothing acts on, and how to see that it is set. */
const FIELDS: readonly {
  readonly field: string
  /** What would act on it. */
  readonly part: string
  readonly isSet: (spec: PodSpec) => boolean
}[] = [
  {
    field: 'volumes[].ephemeral',
    part: 'the controller that makes their claims',
    isSet: (spec) => (spec.volumes ?? []).some((volume) => volume.ephemeral !== undefined),
  },
]

/** A line for each field that pods of the run set and that has no meaning yet. */
export function unsupportedFields(specs: Iterable<PodSpec>): readonly string[] {
  const counts = new Map<string, number>()
  for (const spec of specs) {
    for (const { field, isSet } of FIELDS) if (isSet(spec)) counts.set(field, (counts.get(field) ?? 0) + 1)
  }
  return FIELDS.flatMap(({ field, part }) => {
    const count = counts.get(field)
    if (count === undefined) return []
    return [`spec.${field} of ${count} kinds of pods has no effect: ${part} is not simulated yet`]
  })
}
