import { NEVER, wholeSpan } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { RandomStream } from '../../base/random.ts'
import type { ControllerOwner } from '../../cluster/controller-owner.ts'
import type { PodStore } from '../../cluster/pod-store.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { ContainerRecord } from './container.ts'

/** Label of the pods of an indexed Job (Kubernetes v1.37, batch `JobCompletionIndexAnnotation`). */
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'

/**
 * Work that containers had left after their last checkpoints, for whoever goes on: the same container when it starts again, or
 * that of the pod that is made in place of its own.
 *
 * Checkpoints are in storage that no machine takes with it. Which pod goes on: of an indexed Job the one with its index, of other
 * owners any one that starts later, of a StatefulSet and without an owner the one with its name.
 */
export class Checkpoints {
  readonly #pods: PodStore
  readonly #stream: RandomStream
  readonly #left = new Map<string, Micros[]>()

  constructor(pods: PodStore, stream: RandomStream) {
    this.#pods = pods
    this.#stream = stream
  }

  /** A run begins that has so much work: less where one before it has left a checkpoint. Draws when it writes its own. */
  begin(pod: PodRow, container: ContainerRecord, work: Micros): void {
    container.workLeft = work
    container.workFrom = work
    container.checkpointInterval = undefined
    const { checkpointInterval } = container.plan.behaviour
    if (checkpointInterval === undefined || work === NEVER) return
    const waiting = this.#left.get(this.#placeOf(pod, container))
    container.workLeft = waiting?.shift() ?? work
    container.workFrom = container.workLeft
    container.checkpointInterval = Math.max(1, wholeSpan(checkpointInterval(this.#stream)))
  }

  /** A run ends, `workLeft` says where: what its last checkpoint holds need not be done again. Returns what is lost. */
  end(pod: PodRow, container: ContainerRecord): Micros {
    const { checkpointInterval: interval, workFrom, workLeft } = container
    container.checkpointInterval = undefined
    if (workLeft === 0 || workLeft === NEVER) return 0
    const done = workFrom - workLeft
    if (interval === undefined) return done
    const left = workFrom - Math.floor(done / interval) * interval
    const place = this.#placeOf(pod, container)
    const waiting = this.#left.get(place)
    if (waiting === undefined) this.#left.set(place, [left])
    else waiting.push(left)
    return left - workLeft
  }

  #placeOf(pod: PodRow, { plan }: ContainerRecord): string {
    const owner = this.#pods.table.owner(pod) as ControllerOwner | undefined
    const { kind = '', uid = '' } = owner ?? {}
    const isNamed = owner === undefined || kind === 'StatefulSet' || uid === ''
    const index = this.#pods.infoOf(pod).template.metadata.labels[COMPLETION_INDEX] ?? ''
    return `${isNamed ? this.#pods.keyOf(pod) : `${uid}/${index}`}/${plan.spec.name}`
  }
}
