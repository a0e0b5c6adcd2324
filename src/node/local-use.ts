import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { POD_DELETED, POD_FINISHED, POD_RUNNING } from '../cluster/pod-event.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** What is used of a node besides cpu and memory. */
export interface LocalAmounts {
  /** Bytes on its disk: writable layers of containers. */
  readonly disk: number
  readonly inodes: number
  readonly processes: number
}

/** What a pod comes to use at its start, drawn for each; what is left out is none. */
export interface LocalUseOptions {
  readonly disk?: Sampler | undefined
  readonly inodes?: Sampler | undefined
  readonly processes?: Sampler | undefined
}

/** Nothing in use. */
export const NO_LOCAL_USE: LocalAmounts = Object.freeze({ disk: 0, inodes: 0, processes: 0 })

/**
 * Disk, inodes and processes that the pods of each node use: a view of the store, kept only where somebody asks for it. A
 * pod uses them from its first start until it has ended.
 */
export class LocalUse {
  readonly #api: ApiServer
  readonly #options: LocalUseOptions
  readonly #stream: RandomStream
  readonly #byPod = new Map<PodRow, LocalAmounts>()
  readonly #byNode = new Map<NodeRow, LocalAmounts>()
  readonly #listeners: ((node: NodeRow) => void)[] = []
  #isFollowing = false

  constructor(api: ApiServer, options: LocalUseOptions, stream: RandomStream) {
    this.#api = api
    this.#options = options
    this.#stream = stream
    if (Object.values(options).some((sampler) => sampler !== undefined)) this.#follow()
  }

  /** What a pod uses now. */
  of(pod: PodRow): LocalAmounts {
    return this.#byPod.get(pod) ?? NO_LOCAL_USE
  }

  /** What the pods of a node use now. */
  onNode(node: NodeRow): LocalAmounts {
    return this.#byNode.get(node) ?? NO_LOCAL_USE
  }

  /** Registers who wants to know when the use on a node changes. */
  onChange(listener: (node: NodeRow) => void): void {
    this.#listeners.push(listener)
  }

  /** Sets how much of its node's disk a pod uses from now on. */
  setDisk(pod: PodRow, disk: number): void {
    const before = this.of(pod)
    if (before.disk === disk) return
    this.#follow()
    this.#set(pod, { ...before, disk })
  }

  /** Hears of pods that start and end, from the first use on that there may be. */
  #follow(): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    this.#api.pods.observe((event, pod) => {
      if (event === POD_RUNNING) this.#start(pod)
      else if (event === POD_FINISHED || event === POD_DELETED) this.#release(pod)
    })
  }

  /** What a pod was said to use before it ran is not drawn. */
  #start(pod: PodRow): void {
    const drawn = this.#draw()
    const { disk } = this.of(pod)
    this.#set(pod, disk > 0 ? { ...drawn, disk } : drawn)
  }

  #set(pod: PodRow, amounts: LocalAmounts): void {
    const before = this.of(pod)
    if (isEqual(before, amounts)) return
    this.#byPod.set(pod, amounts)
    this.#add(this.#api.pods.table.node(pod), before, amounts)
  }

  #release(pod: PodRow): void {
    const before = this.#byPod.get(pod)
    if (before === undefined) return
    this.#byPod.delete(pod)
    this.#add(this.#api.pods.table.node(pod), before, NO_LOCAL_USE)
  }

  #add(node: NodeRow, before: LocalAmounts, after: LocalAmounts): void {
    if (node === NO_NODE) return
    const sum = this.onNode(node)
    this.#byNode.set(node, {
      disk: sum.disk + after.disk - before.disk,
      inodes: sum.inodes + after.inodes - before.inodes,
      processes: sum.processes + after.processes - before.processes,
    })
    for (const listener of this.#listeners) listener(node)
  }

  #draw(): LocalAmounts {
    const { disk, inodes, processes } = this.#options
    const draw = (sampler: Sampler | undefined): number =>
      sampler === undefined ? 0 : Math.max(0, Math.round(sampler(this.#stream)))
    return { disk: draw(disk), inodes: draw(inodes), processes: draw(processes) }
  }
}

function isEqual(one: LocalAmounts, other: LocalAmounts): boolean {
  return one.disk === other.disk && one.inodes === other.inodes && one.processes === other.processes
}
