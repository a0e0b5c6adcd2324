import type { NodeIndex } from './framework/node-columns.ts'
import type { NodePicker } from './node-picker.ts'
import { namingPod } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { Foresight } from './queue-options.ts'
import type { QueuedPod } from './queued-pod.ts'
import { NO_OTHERS, fits } from './resource-kernel.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** The last failure of a class of pods. */
interface Failure {
  /** State of the view that it holds for. */
  epoch: number
  /** Changes of other objects until then. */
  readonly objectChanges: number
  /** Nodes had grown so often by then. */
  grown: number
  rejectedBy: readonly string[]
  /** State of the view that these are of. */
  rejectedAt: number
  /** Nodes that its search looks at: all. */
  evaluated: number
}

/** What a pod that fails again fails with. */
export type KnownFailure = Pick<Failure, 'rejectedBy' | 'evaluated'>

/**
 * Remembers which classes of pods fit nowhere. A class that failed fails again until a node that has grown since, by a
 * pod that left or a change of the node, takes it: only those nodes are looked at.
 */
export class Failures implements Foresight {
  readonly #cluster: SchedulerCluster
  readonly #picker: NodePicker
  readonly #byClass = new WeakMap<PodClass, Failure>()
  /** Changes of other objects that the scheduler heard of: they may change any verdict. */
  #objectChanges = 0

  constructor(cluster: SchedulerCluster, picker: NodePicker) {
    this.#cluster = cluster
    this.#picker = picker
  }

  /** How often that was. */
  get objectChanges(): number {
    return this.#objectChanges
  }

  /** Whether the pod would fail again. */
  readonly isHopeless = (pod: QueuedPod): boolean => this.known(pod) !== undefined

  /** An object other than a node changed, or a nomination ended: nothing that is remembered holds any more. */
  objectChanged(): void {
    this.#objectChanges += 1
  }

  /** Whether PostFilter has nothing to offer: nobody of lower priority is there to make room. */
  canPreempt({ profile, priority, kin }: Pick<QueuedPod, 'profile' | 'priority' | 'kin'>): boolean {
    const isNeedless = profile.postFilter.every((index) => {
      const plugin = profile.plugins[index]
      const isIdle = plugin?.isPostFilterIdle?.(kin.terms[index])
      return plugin?.postFilterNeedsLowerPriority === true || isIdle === true
    })
    return !isNeedless || this.#cluster.nodes.hasPodsBelow(priority)
  }

  /** The pod's class has just failed, by the fast path. */
  remember(podClass: PodClass, known: KnownFailure): void {
    const { nodes } = this.#cluster
    this.#byClass.set(podClass, {
      epoch: nodes.epoch,
      objectChanges: this.#objectChanges,
      grown: nodes.grown.count,
      rejectedBy: known.rejectedBy,
      rejectedAt: nodes.epoch,
      evaluated: known.evaluated,
    })
  }

  /** What the pod fails with again, if it is known to; undefined when it has to be tried. */
  known(pod: QueuedPod): KnownFailure | undefined {
    const failure = this.#byClass.get(pod.podClass)
    const { nodes, nominations } = this.#cluster
    if (failure?.objectChanges !== this.#objectChanges || nominations.size > 0) return undefined
    if (failure.epoch === nodes.epoch) return failure
    if (this.canPreempt(pod)) return undefined
    const { grown } = nodes
    if (!grown.covers(failure.grown)) return undefined
    const { fit } = pod.podClass
    for (let count = grown.count - 1; count >= failure.grown; count--) {
      const node = grown.at(count)
      // Most have not grown enough: that is seen without asking anybody.
      if (fit !== undefined && !fits(fit, NO_OTHERS, node, nodes)) continue
      if (this.#admits(pod, node)) return undefined
    }
    failure.epoch = nodes.epoch
    failure.grown = grown.count
    // The search for it looks at every node, also at those that came since.
    failure.evaluated = this.#cluster.order.length
    return failure
  }

  /** The plugins that reject a pod that is known to fail again: they may be others than last time. */
  readonly rejectedBy = (pod: QueuedPod): readonly string[] => {
    const failure = this.#byClass.get(pod.podClass)
    if (failure === undefined) return pod.rejectedBy
    const { epoch } = this.#cluster.nodes
    if (failure.rejectedAt !== epoch) {
      failure.rejectedAt = epoch
      failure.rejectedBy = this.#rejectingNow(pod)
    }
    return failure.rejectedBy
  }

  /** Changes are told to these plugins alone: an old list would miss one that the pod waits for. */
  #rejectingNow({ row, profile, podClass }: QueuedPod): readonly string[] {
    const { shapes } = this.#cluster
    return namingPod(
      () => shapes.keyOf(row),
      () =>
        this.#picker.rejectingPlugins(profile, podClass) ??
        this.#picker.rejectingByDefinition(profile, podClass, row),
    )
  }

  #admits(pod: QueuedPod, node: NodeIndex): boolean {
    const { shapes } = this.#cluster
    return namingPod(
      () => shapes.keyOf(pod.row),
      () => this.#picker.admits(pod.profile, pod.podClass, node),
    )
  }
}
