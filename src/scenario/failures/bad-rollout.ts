import { parseBehaviourField } from '../../api/container-behaviour.ts'
import type { Sampler } from '../../base/distribution.ts'
import type { Micros } from '../../base/time.ts'
import type { FieldPlace, ScenarioReader, Step } from '../reader.ts'
import { distribution, instant, object } from '../schema-parts.ts'
import type { FailureKind } from './failure-kind.ts'
import { namedAt } from './target.ts'
import type { Named } from './target.ts'

/** Kinds of workloads that roll versions out. */
const ROLLED_OUT = ['Deployment', 'StatefulSet', 'DaemonSet']

/** A version of a workload that crashes or never becomes ready. */
export interface BadRolloutSource {
  readonly kind: 'badRollout'
  readonly workload: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly place: FieldPlace
  }
  /** The container; undefined: the first. */
  readonly container: Named | undefined
  /** Image of the bad version; undefined: that of the good one with a tag of its own. */
  readonly image: string | undefined
  /** Annotations that say how a container of the bad version behaves, without the prefix and the container. */
  readonly behaviour: Readonly<Record<string, string>>
  /** One instant, or times between rollouts. */
  readonly at: Micros | { readonly timeBetween: Sampler }
  readonly probability: number
  readonly undoAfter: Sampler | undefined
}

export const badRollout: FailureKind<BadRolloutSource> = {
  kind: 'badRollout',
  meaning: 'versions of a workload that crash or never become ready',
  schema: object(
    {
      kind: { enum: ROLLED_OUT, description: 'kind of the workload; Deployment by default' },
      namespace: { type: 'string', description: 'its namespace; default by default' },
      name: { type: 'string', description: 'its name' },
      container: {
        type: 'string',
        description: 'the container that gets another image; the first by default',
      },
      image: {
        type: 'string',
        description: 'image of the bad version; that of the good one with a tag of its own by default',
      },
      at: instant,
      timeBetweenRollouts: {
        ...distribution,
        description: 'in place of an instant: from one rollout to the next',
      },
      probability: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description: 'that a version is bad; the others are as the first one; 1 by default',
      },
      crashAfter: { ...distribution, description: 'the bad version ends so long after each start' },
      exitCode: {
        type: 'integer',
        minimum: 0,
        maximum: 255,
        description: 'with this exit code; 1 by default',
      },
      neverReady: {
        type: 'boolean',
        description: 'in place of that: it runs, and its readiness probe never succeeds',
      },
      undoAfter: {
        ...distribution,
        description: 'from a bad rollout until it is undone; it is not by default',
      },
    },
    ['name'],
  ),
  resolve(reader, at) {
    const between = [...at, 'timeBetweenRollouts']
    const isOnce = reader.get([...at, 'at']) !== undefined
    if (isOnce === (reader.get(between) !== undefined)) {
      reader.fail(at, 'expected either at or timeBetweenRollouts')
    }
    const isUndone = reader.get([...at, 'undoAfter']) !== undefined
    return {
      kind: 'badRollout',
      workload: {
        kind: reader.text([...at, 'kind'], 'Deployment'),
        namespace: reader.text([...at, 'namespace'], 'default'),
        name: reader.text([...at, 'name'], ''),
        place: reader.fieldAt([...at, 'name']),
      },
      container: namedAt(reader, [...at, 'container']),
      image: reader.get([...at, 'image']) as string | undefined,
      behaviour: behaviourOf(reader, at),
      at: isOnce ? reader.instant([...at, 'at']) : { timeBetween: reader.periods(between, '1d') },
      probability: reader.number([...at, 'probability'], 1),
      undoAfter: isUndone ? reader.durations([...at, 'undoAfter'], '10m') : undefined,
    }
  },
}

function behaviourOf(reader: ScenarioReader, at: readonly Step[]): BadRolloutSource['behaviour'] {
  const crashAfter = reader.get([...at, 'crashAfter'])
  const isNeverReady = reader.flag([...at, 'neverReady'], false)
  if ((crashAfter !== undefined) === isNeverReady) {
    reader.fail(at, 'expected either crashAfter or neverReady: true')
  }
  if (isNeverReady) return { 'readiness-fails': '0s-' }
  const place = [...at, 'crashAfter']
  reader.placed(place, () => parseBehaviourField('duration', crashAfter, reader.fieldAt(place).field))
  const text = typeof crashAfter === 'object' ? JSON.stringify(crashAfter) : String(crashAfter)
  return { duration: text, 'exit-code': reader.text([...at, 'exitCode'], '1') }
}
