import type { Failures } from './failures.ts'
import type { QueuedGroup } from './queued-group.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { Tentative } from './tentative.ts'

/** The last rejection of a group. */
interface Rejection {
  readonly epoch: number
  readonly grown: number
  readonly objectChanges: number
  readonly pods: number
  /** Serial of its last pod. */
  readonly newest: number
}

/**
 * Remembers which groups were rejected. One is rejected again as long as it is made of the same pods, no other object
 * changes and no node grows; where its pods look at other pods, as long as nothing changes at all.
 */
export class GroupMemory {
  readonly #tentative: Tentative
  readonly #failures: Failures
  readonly #rejections = new WeakMap<QueuedGroup, Rejection>()

  constructor(tentative: Tentative, failures: Failures) {
    this.#tentative = tentative
    this.#failures = failures
  }

  /** The group was rejected, and is back in the queue. */
  remember(group: QueuedGroup): void {
    this.#rejections.set(group, this.#presentOf(group))
  }

  /** Whether the group would be rejected again. */
  isHopeless(group: QueuedGroup): boolean {
    const before = this.#rejections.get(group)
    if (before === undefined) return false
    const now = this.#presentOf(group)
    if (before.pods !== now.pods || before.newest !== now.newest) return false
    if (before.objectChanges !== now.objectChanges) return false
    if (before.epoch === now.epoch) return true
    return before.grown === now.grown && !looksAtOthers(group)
  }

  #presentOf({ members }: QueuedGroup): Rejection {
    let newest = 0
    for (const { serial } of members) newest = Math.max(newest, serial)
    const { epoch, grown } = this.#tentative
    return { epoch, grown, objectChanges: this.#failures.objectChanges, pods: members.size, newest }
  }
}

/** Whether pods on nodes may help one of the group: by pod affinity, or by what they make of a spread. */
function looksAtOthers({ members }: QueuedGroup): boolean {
  for (const pod of members) if (isSocial(pod)) return true
  return false
}

function isSocial({ podClass: { shape } }: QueuedPod): boolean {
  return shape.hasPodAffinity || (shape.spec.topologySpreadConstraints ?? []).length > 0
}
