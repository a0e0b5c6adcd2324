import type { Extenders } from './extenders.ts'
import type { Failures } from './failures.ts'
import type { PostFilterResult } from './framework/post-filter.ts'
import type { PodClass } from './pod-class.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** How a pod failed: the next one of its class fails alike. */
export interface Repeat {
  readonly rejectedBy: readonly string[]
  readonly evaluated: number
  /** Bounds of the random offsets that PostFilter drew: they are drawn again, so that later draws stay the same. */
  readonly offsetBounds: readonly number[]
}

interface Remembered {
  readonly epoch: number
  readonly objectChanges: number
  readonly repeat: Repeat
}

/**
 * Remembers classes of pods for which the definition found no node and PostFilter nobody to preempt. Until something
 * changes, a node, a pod on one or any object, another pod of the class gets the same answer: many equal pods that
 * wait cost one run of the definition a change, not one an attempt.
 *
 * Holds for pods of which no plugin looks at more than the class, and that no extender is asked about.
 */
export class Repeats {
  readonly #cluster: SchedulerCluster
  readonly #extenders: Extenders
  readonly #failures: Failures
  readonly #byClass = new WeakMap<PodClass, Remembered>()
  #count = 0

  constructor(cluster: SchedulerCluster, extenders: Extenders, failures: Failures) {
    this.#cluster = cluster
    this.#extenders = extenders
    this.#failures = failures
  }

  /** How often a failure was answered from memory. */
  get count(): number {
    return this.#count
  }

  /** How the pod fails again; undefined when it has to be tried. */
  find(pod: QueuedPod): Repeat | undefined {
    const known = this.#byClass.get(pod.podClass)
    const { nodes, nominations } = this.#cluster
    if (known === undefined || known.epoch !== nodes.epoch || nominations.size > 0) return undefined
    if (known.objectChanges !== this.#failures.objectChanges) return undefined
    this.#count += 1
    return known.repeat
  }

  /** The definition has just found no node for the pod, and PostFilter said this. */
  remember(pod: QueuedPod, result: PostFilterResult | undefined, repeat: Repeat): void {
    if (this.#cluster.nominations.size > 0 || this.#extenders.isInterestedIn(pod.podClass.shape.spec)) return
    if (result !== undefined && !isInVain(result)) return
    if (!this.#followsFromClass(pod)) return
    const { epoch } = this.#cluster.nodes
    this.#byClass.set(pod.podClass, { epoch, objectChanges: this.#failures.objectChanges, repeat })
  }

  /** Whether all plugins that may look at the pod itself say that they do not. */
  #followsFromClass({ profile, podClass }: QueuedPod): boolean {
    return [...profile.preFilter, ...profile.postFilter].every((index) => {
      const plugin = profile.plugins[index]
      if (plugin?.prepare === undefined && plugin?.postFilter === undefined) return true
      const term = podClass.terms[index]
      const screening = podClass.screenings[index]
      if (screening !== undefined && 'skip' in screening && plugin.postFilter === undefined) return true
      const isQuiet = plugin.isIdle?.(term, this.#cluster) ?? plugin.isStateless?.(term, this.#cluster)
      return isQuiet === true || plugin.ignoresIdentity?.(term) === true
    })
  }
}

/** Whether PostFilter tried all that might help, and none did: whatever the offset, it would say the same. */
function isInVain({ code, candidates, updated = [], deleted = [] }: PostFilterResult): boolean {
  return code === 'Unschedulable' && candidates.length + updated.length + deleted.length === 0
}
