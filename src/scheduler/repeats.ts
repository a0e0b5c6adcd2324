import { NO_NODE } from '../cluster/rows.ts'
import type { Extenders } from './extenders.ts'
import type { Failures } from './failures.ts'
import type { PostFilterResult } from './framework/post-filter.ts'
import { LastingFailures } from './lasting-failures.ts'
import type { LastingFailure } from './lasting-failures.ts'
import type { NodePicker } from './node-picker.ts'
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

/** The state of the cluster that a failure holds for, whatever it follows from. */
interface Moment {
  readonly epoch: number
  readonly objectChanges: number
}

interface Remembered {
  /** Undefined where the failure follows from more than the class and the cluster, but for what `lasting` says. */
  readonly moment: Moment | undefined
  /** What it follows from, where that is room alone. */
  readonly lasting: LastingFailure | undefined
  /** Whether there was anybody to preempt: else PostFilter drew nothing. */
  readonly couldPreempt: boolean
  readonly repeat: Repeat
}

/**
 * Remembers classes of pods for which no node was found and PostFilter found nobody to preempt: another pod of the class gets
 * the same answer, without a search and without trials, until something changes. Where only room keeps a class off the
 * nodes, until one changes so that there may be room: many pods that wait cost what has changed, not what waits.
 *
 * Holds for pods of which no plugin looks at more than the class, and that no extender is asked about.
 */
export class Repeats {
  readonly #cluster: SchedulerCluster
  readonly #extenders: Extenders
  readonly #failures: Failures
  readonly #lasting: LastingFailures
  readonly #byClass = new WeakMap<PodClass, Remembered>()
  #count = 0

  constructor(cluster: SchedulerCluster, extenders: Extenders, failures: Failures, picker: NodePicker) {
    this.#cluster = cluster
    this.#extenders = extenders
    this.#failures = failures
    this.#lasting = new LastingFailures(cluster, picker)
  }

  /** How often a failure was answered from memory. */
  get count(): number {
    return this.#count
  }

  /** How often the cluster had changed since. */
  get lastingCount(): number {
    return this.#lasting.count
  }

  /** How the pod fails again; undefined when it has to be tried. */
  find(pod: QueuedPod): Repeat | undefined {
    const known = this.#byClass.get(pod.podClass)
    if (known === undefined || !(this.#isOfNow(known) || this.#lasts(pod, known))) return undefined
    this.#count += 1
    return known.repeat
  }

  /** No node was found for the pod, and PostFilter said this; `wasNominated`: the pod, to a node, before. */
  remember(
    pod: QueuedPod,
    result: PostFilterResult | undefined,
    { repeat, wasNominated }: { readonly repeat: Repeat; readonly wasNominated: boolean },
  ): void {
    if (this.#extenders.isInterestedIn(pod.podClass.shape.spec)) return
    if (result !== undefined && !isInVain(result)) return
    const { nodes, nominations } = this.#cluster
    const isOfClass = nominations.size === 0 && this.#followsFromClass(pod)
    const moment = { epoch: nodes.epoch, objectChanges: this.#failures.objectChanges }
    const lasting = wasNominated ? undefined : this.#lasting.of(pod)
    if (!isOfClass && lasting === undefined) return
    const couldPreempt = this.#failures.canPreempt(pod)
    this.#byClass.set(pod.podClass, { moment: isOfClass ? moment : undefined, lasting, couldPreempt, repeat })
  }

  /** Whether nothing at all has changed since, and nobody is nominated. */
  #isOfNow({ moment }: Remembered): boolean {
    const { nodes, nominations } = this.#cluster
    if (moment?.epoch !== nodes.epoch || nominations.size > 0) return false
    return moment.objectChanges === this.#failures.objectChanges
  }

  /** Whether nothing has changed that the failure of a pod follows from that PostFilter would be asked about. */
  #lasts(pod: QueuedPod, { lasting, couldPreempt }: Remembered): boolean {
    const { nominations } = this.#cluster
    if (lasting === undefined || nominations.nodeOf(pod.row) !== NO_NODE) return false
    const canPreempt = this.#failures.canPreempt(pod)
    if (canPreempt !== couldPreempt || (!canPreempt && nominations.size === 0)) return false
    return this.#lasting.holds(lasting, pod)
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
