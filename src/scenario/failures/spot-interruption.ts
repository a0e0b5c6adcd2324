import type { Sampler } from '../../base/distribution.ts'
import { MINUTE } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { distribution, duration, instant, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { replacement } from './node-crash.ts'
import { targetFields, targetOf } from './target.ts'
import type { TargetSource } from './target.ts'

/** Spot instances that are taken back. */
export interface SpotInterruptionSource {
  readonly kind: 'spotInterruption'
  readonly target: TargetSource
  /** One instant, or times between that are drawn for each node, or each pool. */
  readonly at: Micros | { readonly timeBetween: Sampler }
  /** Label whose values are pools; undefined: each node on its own. */
  readonly pool: string | undefined
  readonly notice: Micros
  /** Whether something cordons and drains a node as its notice comes. */
  readonly drains: boolean
  readonly replacement: Sampler | undefined
}

export const spotInterruption: FailureKind<SpotInterruptionSource> = {
  kind: 'spotInterruption',
  meaning: 'nodes that the cloud takes back for good, after a notice',
  schema: object({
    at: instant,
    timeBetweenInterruptions: {
      ...distribution,
      description:
        'in place of an instant: of one node from the start on, or of one pool from one to the next',
    },
    pool: {
      type: 'string',
      description: 'label whose values are pools that lose nodes together; each node on its own by default',
    },
    ...targetFields,
    share: {
      ...targetFields['share'],
      description: 'share of the nodes, of a pool those there, that are taken; 1 by default',
    },
    notice: { ...duration, description: 'from the notice until the node is gone; 2m, as at AWS, by default' },
    drain: {
      type: 'boolean',
      description:
        'whether a node is cordoned and drained at its notice, by a node termination handler; true by default',
    },
    replacement,
  }),
  resolve(reader, at) {
    const between = [...at, 'timeBetweenInterruptions']
    const isOnce = reader.get([...at, 'at']) !== undefined
    if (isOnce === (reader.get(between) !== undefined)) {
      reader.fail(at, 'expected either at or timeBetweenInterruptions')
    }
    const pool = reader.get([...at, 'pool']) as string | undefined
    if (pool !== undefined && isOnce) {
      reader.fail([...at, 'pool'], 'pools are for timeBetweenInterruptions', 'give a zone or a selector')
    }
    const isReplaced = reader.get([...at, 'replacement']) !== undefined
    return {
      kind: 'spotInterruption',
      target: targetOf(reader, at),
      at: isOnce ? reader.instant([...at, 'at']) : { timeBetween: reader.periods(between, '1d') },
      pool,
      notice: reader.duration([...at, 'notice'], 2 * MINUTE),
      drains: reader.flag([...at, 'drain'], true),
      replacement: isReplaced ? reader.durations([...at, 'replacement'], '5m') : undefined,
    }
  },
}
