import { compileLabelMap } from '../api/selectors.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_UPDATED } from '../cluster/pod-event.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'

/** Which pods of a namespace count, and how far they must be. */
export interface PodGoal {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Bound to a node, or tried at least once. */
  readonly stage: 'Scheduled' | 'Attempted'
  readonly wanted: number
}

/** Pods of a goal that are as far as it asks; kept up to date until it is closed. */
interface OpenGoal {
  readonly goal: PodGoal
  readonly matches: (row: PodRow) => boolean
  readonly counted: Set<PodRow>
}

/**
 * Counts pods that are bound, or were tried, by namespace and labels: what the operations of a workload wait for.
 *
 * A measuring instrument of the pod store and the scheduler. A pod with scheduling gates counts as tried: the API server
 * says so in its PodScheduled condition. Source: Kubernetes v1.37, test/integration/scheduler_perf/util.go.
 */
export class PodCounter {
  readonly #pods: PodStore
  readonly #open = new Set<OpenGoal>()
  /** 1 for rows whose pod was tried. */
  #tried = new Uint8Array(1024)
  #bound = 0
  #reached: () => void = () => undefined

  constructor(pods: PodStore, scheduler: Scheduler) {
    this.#pods = pods
    pods.observe((event, row) => {
      if (event === POD_CREATED) this.#setTried(row, this.#isGated(row))
      if (event === POD_BOUND) this.#bound += 1
      if ((event & (POD_CREATED | POD_BOUND | POD_DELETED | POD_UPDATED)) !== 0) this.#changed(row)
    })
    scheduler.observe((decision) => {
      if (this.#tried[decision.pod] === 1) return
      this.#setTried(decision.pod, true)
      this.#changed(decision.pod)
    })
  }

  /** Bindings so far. */
  get bound(): number {
    return this.#bound
  }

  /** Begins to count; `reached` is called in the write that brings the wanted number, if it was not there already. */
  open(goal: PodGoal, reached: () => void): { readonly count: () => number; readonly close: () => void } {
    const entry: OpenGoal = { goal, matches: this.#matcher(goal), counted: new Set() }
    for (const row of this.#pods.table.stored()) this.#count(entry, row)
    this.#open.add(entry)
    this.#reached = reached
    return {
      count: () => entry.counted.size,
      close: () => {
        this.#open.delete(entry)
      },
    }
  }

  #matcher({ namespace, labels }: PodGoal): (row: PodRow) => boolean {
    const hasLabels = compileLabelMap(labels ?? {})
    return (row) => {
      const { metadata } = this.#pods.infoOf(row).template
      return metadata.namespace === namespace && hasLabels(metadata.labels)
    }
  }

  #changed(row: PodRow): void {
    for (const entry of this.#open) {
      const before = entry.counted.size
      this.#count(entry, row)
      const { wanted } = entry.goal
      if (before < wanted && entry.counted.size >= wanted) this.#reached()
    }
  }

  #count(entry: OpenGoal, row: PodRow): void {
    const isFar = this.#pods.table.node(row) !== NO_NODE || this.#isTriedEnough(entry, row)
    if (isFar && !this.#pods.isRemoved(row) && entry.matches(row)) entry.counted.add(row)
    else entry.counted.delete(row)
  }

  #isTriedEnough({ goal }: OpenGoal, row: PodRow): boolean {
    return goal.stage === 'Attempted' && this.#tried[row] === 1
  }

  #isGated(row: PodRow): boolean {
    return (this.#pods.infoOf(row).template.spec.schedulingGates ?? []).length > 0
  }

  #setTried(row: PodRow, isTried: boolean): void {
    if (row >= this.#tried.length) {
      const grown = new Uint8Array(Math.max(this.#tried.length * 2, row + 1))
      grown.set(this.#tried)
      this.#tried = grown
    }
    this.#tried[row] = isTried ? 1 : 0
  }
}
