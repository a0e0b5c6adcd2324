import type { HeapEntry } from './entry-heap.ts'
import { isEarlierBackoff } from './queue-order.ts'
import type { QueuedPod } from './queued-pod.ts'
import type { Foresight } from './queue-options.ts'
import { askedRoom, freeCpu, freeMemory } from './resource-kernel.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'
import { WaitingAsks } from './waiting-asks.ts'

type PodEntry = HeapEntry<QueuedPod>

/**
 * Finds the first pod that backs off and is not known to fail again, where others in front of it are.
 *
 * Pods that were found without hope have none until a node grows, another object changes, or the first pod of a priority
 * comes: after the first, those are looked at that ask for no more than the node has left, and after the others all.
 */
export class EarlyPods {
  readonly #cluster: SchedulerCluster
  /** Entries of all that back off, by what they ask for. */
  readonly #asks = new WaitingAsks<PodEntry>()
  /** Entries that nobody has looked at yet. */
  #added: PodEntry[] = []
  /** Entries of pods that had hope when they were looked at, in order. */
  #hopeful: PodEntry[] = []
  /** Nodes had grown so often when all were looked at. */
  #grown = 0
  /** The other changes until then. */
  #changes = Number.NaN

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** A pod backs off. */
  add(entry: PodEntry): void {
    const { fit } = entry.owner.podClass
    this.#asks.add(entry, askedRoom(fit?.cpu), askedRoom(fit?.memory))
    this.#added.push(entry)
    // Nobody has asked for long: then all are looked at.
    if (this.#added.length <= this.#asks.size) return
    this.#added = []
    this.#changes = Number.NaN
  }

  /** A pod that backs off asks for something else. */
  change(entry: PodEntry): void {
    this.remove(entry)
    this.add(entry)
  }

  /** A pod that backed off does not any more. */
  remove(entry: PodEntry): void {
    this.#asks.remove(entry)
  }

  /** The first pod that is not known to fail again; undefined when all are. It goes on backing off. */
  first(foresight: Foresight): QueuedPod | undefined {
    this.#look(foresight)
    // Until the next change, hope is only lost.
    const place = this.#hopeful.findIndex((entry) => isHopeful(entry, foresight))
    this.#hopeful.splice(0, place < 0 ? this.#hopeful.length : place)
    return this.#hopeful[0]?.owner
  }

  #look(foresight: Foresight): void {
    const entries = this.#outdated(foresight)
    if (entries.size === 0) return
    for (const entry of this.#hopeful) entries.delete(entry)
    const hopeful = [...entries].filter((entry) => isHopeful(entry, foresight))
    if (hopeful.length === 0) return
    this.#hopeful.push(...hopeful)
    this.#hopeful.sort((one, other) => (isEarlierBackoff(one, other) ? -1 : 1))
  }

  /** Those of which something may have changed since the last look. */
  #outdated({ objectChanges }: Foresight): Set<PodEntry> {
    const { nodes } = this.#cluster
    const changes = objectChanges + nodes.newPriorities
    const since = this.#grown
    const hasChanged = changes !== this.#changes || !nodes.grown.covers(since)
    const entries = new Set(hasChanged ? this.#asks.within(Infinity, Infinity) : this.#added)
    this.#changes = changes
    this.#grown = nodes.grown.count
    this.#added = []
    if (hasChanged) return entries
    for (let count = since; count < nodes.grown.count; count++) {
      const node = nodes.grown.at(count)
      for (const entry of this.#asks.within(freeCpu(nodes, node), freeMemory(nodes, node))) entries.add(entry)
    }
    return entries
  }
}

function isHopeful(entry: PodEntry, foresight: Foresight): boolean {
  return entry.owner.entry === entry && !foresight.isHopeless(entry.owner)
}
