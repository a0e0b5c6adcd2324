import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { ReservedObject } from './framework/plugin.ts'
import type { ReservedParts } from './reserving.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** A state of the view that it can be taken back to. */
export type TentativeMark = number & { readonly brand: 'TentativeMark' }

/**
 * Changes of the scheduler's view that are undone again, the last one first: pods of a group that are given nodes before
 * it is known whether the group can be, and pods that are taken away on trial.
 *
 * Keeps count of what it did to the view, so that `epoch` and `grown` tell what really happened.
 */
export class Tentative {
  readonly #cluster: SchedulerCluster
  readonly #undo: (() => void)[] = []
  #ownEpochs = 0
  #ownGrowth = 0

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** As the view's own, without what was done and undone here. */
  get epoch(): number {
    return this.#cluster.nodes.epoch - this.#ownEpochs
  }

  /** Times that a node has grown, without those. */
  get grown(): number {
    return this.#cluster.nodes.grown.count - this.#ownGrowth
  }

  mark(): TentativeMark {
    return this.#undo.length as TentativeMark
  }

  /** Undoes everything since the mark was made. */
  revertTo(mark: TentativeMark): void {
    while (this.#undo.length > mark) {
      const undo = this.#undo.pop()
      if (undo !== undefined) this.#counted(undo)
    }
  }

  /** Gives a pod a node, with what was reserved for it; a nomination of the pod does not count meanwhile. */
  place(pod: PodRow, node: NodeRow, reserved: ReservedParts | undefined): void {
    const { nodes, nominations } = this.#cluster
    const nominated = nominations.nodeOf(pod)
    this.#do(
      () => {
        nodes.addPod(pod, node, reserved?.devices ?? 0)
        nominations.remove(pod)
      },
      () => {
        nodes.removePod(pod)
        if (nominated !== NO_NODE) nominations.add(pod, nominated)
      },
    )
    if (reserved !== undefined && reserved.objects.length > 0) this.#assume(reserved.objects)
  }

  /** Takes a pod off its node. */
  remove(pod: PodRow): void {
    const { nodes } = this.#cluster
    const node = nodes.placementOf(pod)
    const devices = nodes.devicesOf(pod)
    this.#do(
      () => {
        nodes.removePod(pod)
      },
      () => {
        nodes.addPod(pod, node, devices)
      },
    )
  }

  /** Puts a pod back on the node that it was taken off. */
  restore(pod: PodRow, node: NodeRow, devices: number): void {
    const { nodes } = this.#cluster
    this.#do(
      () => {
        nodes.addPod(pod, node, devices)
      },
      () => {
        nodes.removePod(pod)
      },
    )
  }

  #assume(objects: readonly ReservedObject[]): void {
    const { assumed } = this.#cluster
    const before = objects.flatMap(({ kind, metadata }) => {
      const known = assumed.get(kind, objectKey(metadata))
      return known === undefined ? [] : [known as ReservedObject]
    })
    this.#do(
      () => {
        assumed.assume(objects)
      },
      () => {
        assumed.forget(objects)
        assumed.assume(before)
      },
    )
  }

  #do(change: () => void, undo: () => void): void {
    this.#counted(change)
    this.#undo.push(undo)
  }

  #counted(change: () => void): void {
    const { nodes } = this.#cluster
    const [epoch, grown] = [nodes.epoch, nodes.grown.count]
    change()
    this.#ownEpochs += nodes.epoch - epoch
    this.#ownGrowth += nodes.grown.count - grown
  }
}
