import type { PodSpec } from '../api/types.generated.ts'

/** A field of a pod that nothing acts on, and how to see that it is set. */
const FIELDS: readonly {
  readonly field: string
  /** Why nothing does. */
  readonly why: string
  /** The feature gate that gives it a meaning. */
  readonly gate?: string
  readonly isSet: (spec: PodSpec) => boolean
}[] = [
  {
    field: 'volumes[].ephemeral',
    why: 'the controller that makes their claims is not simulated yet',
    isSet: (spec) => (spec.volumes ?? []).some((volume) => volume.ephemeral !== undefined),
  },
  {
    field: 'ephemeralContainers',
    why: 'they are for debugging, and are ignored',
    isSet: (spec) => (spec.ephemeralContainers ?? []).length > 0,
  },
  {
    field: 'schedulingGroup',
    why: 'the feature gate GenericWorkload is off',
    gate: 'GenericWorkload',
    isSet: (spec) => spec.schedulingGroup !== undefined,
  },
]

/** A line for each field that pods of the run set and that has no meaning, under these feature gates. */
export function unsupportedFields(
  specs: Iterable<PodSpec>,
  gates: ReadonlyMap<string, boolean>,
): readonly string[] {
  const idle = FIELDS.filter(({ gate }) => gate === undefined || gates.get(gate) !== true)
  const counts = new Map<string, number>()
  for (const spec of specs) {
    for (const { field, isSet } of idle) if (isSet(spec)) counts.set(field, (counts.get(field) ?? 0) + 1)
  }
  return idle.flatMap(({ field, why }) => {
    const count = counts.get(field)
    if (count === undefined) return []
    return [`spec.${field} of ${count} ${count === 1 ? 'kind' : 'kinds'} of pods has no effect: ${why}`]
  })
}
