import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Handler, Simulation } from '../../engine/simulation.ts'
import type { Speed } from '../machine-strain.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { ContainerDraws } from './container-run.ts'
import type { ContainerRecord } from './container.ts'
import type { LifecycleObserver } from './lifecycle-observer.ts'
import type { CpuContention } from './cpu-contention.ts'

/** Handlers of the timers of workers: each takes the pod's row, and the container's place where there is one. */
export interface WorkerHandlers {
  readonly sandbox: Handler
  readonly started: Handler
  readonly hookDone: Handler
  readonly end: Handler
  readonly killed: Handler
  /** The second number is the container's place times the number of kinds of probes, plus the kind's. */
  readonly probe: Handler
  readonly usage: Handler
  readonly sync: Handler
  readonly deadline: Handler
}

/** A container that needs its image. */
export interface ImageAsk {
  readonly pod: PodRow
  readonly node: NodeRow
  readonly container: ContainerRecord
}

/** Images of all nodes, as workers see them. */
export interface ImageService {
  /** Whether the image has to be pulled first; `never` when it is not there and may not be pulled. */
  needsPull(ask: ImageAsk): boolean | 'never'
  /** Has it pulled; the worker is told when it is there, or has failed, never at once. */
  pull(ask: ImageAsk): void
  /** A container runs with its image, or does not any more. */
  setUsed(ask: ImageAsk, isUsed: boolean): void
}

/** What all containers of a pod use together. */
export interface PodAmounts {
  /** Millicores asked for by those that run. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Bytes on the disk of the node. */
  readonly disk: number
}

/** What the worker of a pod asks of its node. */
export interface WorkerHost {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly draws: ContainerDraws
  readonly checkpoints: Checkpoints
  readonly cpu: CpuContention
  readonly images: ImageService | undefined
  readonly handlers: WorkerHandlers
  /** Longest wait of a crash loop. */
  readonly crashBackOffMax: Micros
  /** Time to make the sandbox of a pod with a runtime on a node, and to make a container in it. */
  sandboxTime(runtimeHandler: string | undefined, node: NodeRow): Micros
  containerTime(runtimeHandler: string | undefined, node: NodeRow): Micros
  /** What the node's machine gives of what it has. */
  speedOf(node: NodeRow): Speed
  /** Whether the node and the API server hear of each other. */
  reports(node: NodeRow): boolean
  /** Bytes that a container uses that nobody said anything about. */
  memoryOf(pod: PodRow, container: ContainerRecord): number
  /** An instant at which a new probe worker of a node probes. */
  probePhase(node: NodeRow, period: Micros): Micros
  /** What all containers of a pod use now. */
  use(pod: PodRow, node: NodeRow, amounts: PodAmounts): void
  /** Those who measure. */
  readonly observers: readonly LifecycleObserver[]
  /** A container of the pod runs; `isFirst`: it never did before. */
  running(pod: PodRow, isFirst: boolean): void
  stopping(pod: PodRow): void
  /** The pod has ended, and its node cannot say so. */
  ended(pod: PodRow): void
  /** The pod is over: the kubelet forgets it; called before its end is written. `cause`: why work was lost. */
  over(pod: PodRow, cause: string | undefined): void
  /** Writes of the worker itself come between these: it need not hear of them. */
  write(body: () => void): void
}
