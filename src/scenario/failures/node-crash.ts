import type { Sampler } from '../../base/distribution.ts'
import type { Micros } from '../../base/time.ts'
import { distribution, duration, labels, object } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'

/** Nodes that crash and come back, each on its own. */
export interface NodeCrashSource {
  readonly kind: 'nodeCrash'
  readonly timeBetweenFailures: Sampler
  /** Undefined: those that crash are gone. */
  readonly repair: Sampler | undefined
  /** How long the nodes have run at the start. */
  readonly age: Micros
  readonly selector: NodeLabels | undefined
  /** Time until a node takes the place of one that is gone; undefined: none does. */
  readonly replacement: Sampler | undefined
}

/** Time until a node takes the place of one that is gone. */
export const replacement: JsonSchema = {
  ...distribution,
  description:
    'time until a new node of the same kind takes the place of one that is gone, besides the call that makes its instance; none does by default',
}

export const nodeCrash: FailureKind<NodeCrashSource> = {
  kind: 'nodeCrash',
  meaning: 'single nodes that crash and come back, or are gone',
  schema: object(
    {
      timeBetweenFailures: { ...distribution, description: 'of one node, from repair to crash' },
      repair: {
        ...distribution,
        description: 'time that a node stays down; without it the node is gone for good',
      },
      age: {
        ...duration,
        description: 'how long the nodes have run at the start; 0 by default: all are new',
      },
      selector: { ...labels, description: 'labels of the nodes that crash; all by default' },
      replacement,
    },
    ['timeBetweenFailures'],
  ),
  resolve(reader, at) {
    const isRepaired = reader.get([...at, 'repair']) !== undefined
    const isReplaced = reader.get([...at, 'replacement']) !== undefined
    if (isRepaired && isReplaced) {
      reader.fail([...at, 'replacement'], 'repair and replacement exclude each other')
    }
    return {
      kind: 'nodeCrash',
      timeBetweenFailures: reader.periods([...at, 'timeBetweenFailures'], '30d'),
      repair: isRepaired ? reader.durations([...at, 'repair'], '10m') : undefined,
      age: reader.duration([...at, 'age'], 0),
      selector: reader.get([...at, 'selector']) as NodeLabels | undefined,
      replacement: isReplaced ? reader.durations([...at, 'replacement'], '5m') : undefined,
    }
  },
}
