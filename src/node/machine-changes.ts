import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Ghosts } from './ghosts.ts'
import type { KubeletModeChange } from './kubelet-modes.ts'
import { ABSENT, ENDED, LOST, RUNNING, STARTING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import { letGo } from './let-go.ts'
import type { LostTime } from './lost-time.ts'
import { cancelTimers } from './pod-timers.ts'
import type { SplitBrains } from './split-brain.ts'
import type { UnsaidEnds } from './unsaid-ends.ts'

/** What a kubelet does to one pod. */
export interface PodAfterMachine {
  /** Starts the pod, or refuses it. */
  readonly accept: (pod: PodRow) => void
  readonly launch: (pod: PodRow) => void
  readonly forget: (pod: PodRow) => void
  /** The kubelet hears that the deletion of a pod was asked for. */
  readonly deleting: (pod: PodRow) => void
  /** The kubelet hears of what was written of a pod. */
  readonly updated: (pod: PodRow) => void
}

/** What a kubelet does with its pods when its machine changes. */
export interface AfterMachine extends PodAfterMachine {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly pods: KubeletPods
  readonly workers: PodWorkers
  readonly lostTime: LostTime
  readonly ghosts: Ghosts
  readonly splits: SplitBrains
  readonly unsaid: UnsaidEnds
  /** The pods of a node, in order of arrival. */
  readonly on: (node: NodeRow) => readonly PodRow[]
  /** What the pod used is free. */
  readonly rest: (pod: PodRow) => void
}

/**
 * A kubelet is in another mode. One that is cut off goes on as it was; all that it may not say or hear follows from its machine.
 */
export function kubeletChanged(after: AfterMachine, { row, mode, before }: KubeletModeChange): void {
  const on = after.on(row)
  if (mode === 'down') {
    machineDown(after, on)
    after.ghosts.endOn(row)
  } else if (mode === 'idle') kubeletGone(after, row, on)
  else if (mode === 'connected') {
    after.workers.connected(row)
    after.ghosts.stopOn(row)
    if (before === 'down') machineUp(after, row, on)
    else {
      if (before === 'idle') kubeletBack(after, row, on)
      for (const pod of on) heardAgain(after, pod)
    }
  }
}

/** The machine is down: nothing of its pods runs any more, and nobody says so. */
function machineDown(after: AfterMachine, on: readonly PodRow[]): void {
  const { pods, workers, lostTime } = after
  for (const pod of on) {
    if (pods.state(pod) === LOST || pods.state(pod) === ENDED) continue
    lostTime.tell(pod, 'MachineDown')
    cancelTimers(after.sim, pods, pod)
    workers.workerOf(pod)?.machineDown()
    after.splits.ended(pod)
    after.rest(pod)
    pods.setState(pod, LOST)
  }
}

/**
 * The kubelet is back and finds that nothing runs. Source: kubelet v1.37: pods are synced from scratch
 * after a boot.
 */
function machineUp(after: AfterMachine, node: NodeRow, on: readonly PodRow[]): void {
  const { pods } = after.api
  after.workers.nodeUp(node)
  for (const pod of on) {
    if (pods.isRemoved(pod) || pods.isFinished(pod)) continue
    if (after.pods.state(pod) === ENDED) after.unsaid.say(pod)
    else if (after.pods.state(pod) === LOST) begin(after, pod)
  }
}

/** Begins a pod of which nothing runs, for the first time or anew, or finds that it may not. */
function begin(after: AfterMachine, pod: PodRow): void {
  const { pods } = after.api
  const worker = after.workers.workerOf(pod)
  if (pods.table.deletingAt(pod) !== NO_TIME) {
    after.forget(pod)
    letGo(pods, pod)
  } else if (worker !== undefined) {
    after.pods.setState(pod, STARTING)
    worker.machineUp()
  } else if (pods.table.phase(pod) === PHASE_PENDING) {
    after.accept(pod)
  } else if (pods.infoOf(pod).restartPolicy === 'Never') {
    after.forget(pod)
    pods.finish(pod, { succeeded: false, reason: 'ContainerStatusUnknown' })
  } else {
    pods.setReady(pod, false)
    after.launch(pod)
  }
}

/** The kubelet does nothing any more: what it had begun to start does not start. */
function kubeletGone(after: AfterMachine, node: NodeRow, on: readonly PodRow[]): void {
  after.workers.kubeletGone(node)
  for (const pod of on) {
    const worker = after.workers.workerOf(pod)
    if (worker !== undefined) worker.kubeletGone()
    else if (after.pods.state(pod) === STARTING) cancelTimers(after.sim, after.pods, pod)
  }
}

/** The kubelet starts and finds what runs. Source: kubelet v1.37, kubelet.go `HandlePodAdditions`, for all pods. */
function kubeletBack(after: AfterMachine, node: NodeRow, on: readonly PodRow[]): void {
  const { pods } = after.api
  after.workers.kubeletBack(node)
  for (const pod of on) {
    if (pods.isRemoved(pod) || pods.isFinished(pod)) continue
    const mayStart = pods.table.deletingAt(pod) === NO_TIME
    const worker = after.workers.workerOf(pod)
    if (worker !== undefined) worker.kubeletBack(mayStart)
    else if (after.pods.state(pod) === STARTING && mayStart) after.launch(pod)
  }
}

/** The kubelet hears what has become of a pod meanwhile, and says what it has become. */
function heardAgain(after: AfterMachine, pod: PodRow): void {
  const { pods } = after.api
  const state = after.pods.state(pod)
  if (state === ABSENT || pods.isRemoved(pod)) return
  if (pods.isFinished(pod)) {
    after.lostTime.tellEnd(pod)
    after.forget(pod)
    return
  }
  if (state === ENDED) after.unsaid.say(pod)
  else if (state === LOST) begin(after, pod)
  else {
    say(after, pod)
    after.updated(pod)
    if (after.pods.state(pod) !== ABSENT && pods.table.deletingAt(pod) !== NO_TIME) after.deleting(pod)
  }
}

/** Reports a pod as it is. */
function say({ api: { pods }, ...after }: AfterMachine, pod: PodRow): void {
  const worker = after.workers.workerOf(pod)
  const startedAt = after.pods.startedAt(pod)
  if (worker !== undefined) worker.say()
  else if (startedAt === NO_TIME) return
  else if (pods.table.phase(pod) === PHASE_PENDING) pods.markRunning(pod, true, startedAt)
  else if (after.pods.state(pod) === RUNNING) pods.setReady(pod, true)
}
