import type { IntOrString } from '../api/types.generated.ts'
import type { Sampler } from '../base/distribution.ts'
import { MINUTE } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'
import { distribution, duration, labels, object } from './schema-parts.ts'
import type { JsonSchema } from './schema-parts.ts'

/** How machines are repaired that stay unhealthy; fields of a MachineHealthCheck of Cluster API. */
export interface RepairSetting {
  readonly selector: Readonly<Record<string, string>>
  /** Undefined: Ready Unknown or False for 5 min. */
  readonly unhealthyConditions:
    | readonly { readonly type: string; readonly status: string; readonly timeout: Micros }[]
    | undefined
  readonly maxUnhealthy: IntOrString
  readonly nodeStartupTimeout: Micros
  /** Undefined: a drain takes as long as it takes. */
  readonly drainTimeout: Micros | undefined
  /** Time from the deletion of a machine until the node joins that takes its place. */
  readonly joinTime: Sampler
}

/** `spec.repair`. */
export const repairSettings: JsonSchema = {
  ...object({
    selector: { ...labels, description: 'labels of the nodes that are looked after; all by default' },
    unhealthyConditions: {
      type: 'array',
      minItems: 1,
      description: 'what makes a node unhealthy; Ready Unknown or False for 5m by default',
      items: object(
        {
          type: { type: 'string', description: 'type of a condition: Ready' },
          status: { enum: ['True', 'False', 'Unknown'], description: 'status of the condition' },
          timeout: { ...duration, description: 'for how long' },
        },
        ['type', 'status', 'timeout'],
      ),
    },
    maxUnhealthy: {
      oneOf: [
        { type: 'integer', minimum: 0 },
        {
          type: 'string',
          pattern: '^(100|[1-9]?[0-9])%$',
          description: 'is a whole number, or a percentage from 0% to 100%',
        },
      ],
      description:
        'nothing is repaired while more nodes are not healthy, or a percentage, rounded down; 100% by default',
    },
    nodeStartupTimeout: {
      ...duration,
      description: 'a replacement that has not joined by then is given up for another; 10m by default',
    },
    drainTimeout: { ...duration, description: 'longest drain of a node that answers; no bound by default' },
    joinTime: {
      ...distribution,
      description: 'time from the end of a machine until the node joins that takes its place; 3m by default',
    },
  }),
  description: 'replaces machines whose nodes stay unhealthy; off without it',
}

/** Reads `spec.repair`; undefined where it says nothing. */
export function repairSetting(reader: ScenarioReader): RepairSetting | undefined {
  const at = ['spec', 'repair']
  if (reader.get(at) === undefined) return undefined
  const conditions = reader.list([...at, 'unhealthyConditions'])
  return {
    selector: (reader.get([...at, 'selector']) ?? {}) as Readonly<Record<string, string>>,
    unhealthyConditions:
      conditions.length === 0
        ? undefined
        : conditions.map((_, index) => {
            const place = [...at, 'unhealthyConditions', index]
            return {
              type: reader.text([...place, 'type'], 'Ready'),
              status: reader.text([...place, 'status'], 'Unknown'),
              timeout: reader.duration([...place, 'timeout'], 5 * MINUTE),
            }
          }),
    maxUnhealthy: (reader.get([...at, 'maxUnhealthy']) ?? '100%') as IntOrString,
    nodeStartupTimeout: reader.duration([...at, 'nodeStartupTimeout'], 10 * MINUTE),
    drainTimeout: reader.maybeDuration([...at, 'drainTimeout']),
    joinTime: reader.durations([...at, 'joinTime'], '3m'),
  }
}
