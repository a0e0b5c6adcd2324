import type { TopologySpreadConstraint } from '../src/api/types.generated.ts'
import { InputError } from '../src/base/errors.ts'
import type { PluginContext } from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'

/** Constraints of pods that have none of their own. */
export interface SpreadDefaults {
  readonly constraints: readonly TopologySpreadConstraint[]
  /** Whether they are kube-scheduler's own: then nodes without a topology label are ranked, too. */
  readonly isSystem: boolean
}

/** `defaultingType: System` (Kubernetes v1.37, scheduler plugins/podtopologyspread `systemDefaultConstraints`). */
const SYSTEM_CONSTRAINTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]

/** Reads `PodTopologySpreadArgs`. Throws `InputError` in the words of kube-scheduler's validation. */
export function readSpreadDefaults(args: unknown, context: PluginContext): SpreadDefaults {
  const given = readArguments(args, context, ['defaultConstraints', 'defaultingType'])
  const type = given['defaultingType'] ?? 'System'
  const constraints = (given['defaultConstraints'] ?? []) as readonly TopologySpreadConstraint[]
  if (type === 'List') return { constraints, isSystem: false }
  if (type !== 'System') {
    throw new InputError({
      field: `${context.path}.defaultingType`,
      message: `Unsupported value: ${JSON.stringify(type)}: supported values: "System", "List"`,
    })
  }
  if (constraints.length > 0) {
    throw new InputError({
      field: `${context.path}.defaultingType`,
      message: 'Invalid value: "System": when .defaultConstraints are not empty',
    })
  }
  return { constraints: SYSTEM_CONSTRAINTS, isSystem: true }
}
