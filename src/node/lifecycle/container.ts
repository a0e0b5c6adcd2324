import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { Timer } from '../../engine/simulation.ts'
import type { BackOff } from './back-off.ts'
import type { ContainerPlan } from './pod-plan.ts'
import type { ProbeWorker } from './probe.ts'

/** The end of one run of a container. */
export interface ContainerExit {
  readonly exitCode: number
  /** `Completed`, `Error`, `OOMKilled`, ... */
  readonly reason: string
  readonly startedAt: Micros
  readonly finishedAt: Micros
  /** Number of the run, from 0. */
  readonly run: number
  /** Whether a probe had it killed: then it starts again unless the policy is Never. */
  readonly isByProbe: boolean
}

/** How a container will end that was told to. */
export interface ContainerKill {
  readonly at: Micros
  readonly exitCode: number
  readonly isByProbe: boolean
}

/**
 * A container of a pod, as its node knows it.
 *
 *     waiting ─▶ starting ─▶ running ─▶ terminated ─▶ starting ─▶ ...
 */
export interface ContainerRecord {
  plan: ContainerPlan
  state: 'waiting' | 'starting' | 'running' | 'terminated'
  /** Why it waits, beyond what follows from its pod: `CrashLoopBackOff`, `ErrImagePull`, ... */
  waitingReason: string | undefined
  waitingMessage: string | undefined
  /** Runs begun so far. */
  runs: number
  /** Whether it was begun since all containers last started anew. */
  isBegun: boolean
  startedAt: Micros
  /** The end of its last run, and of the one before that. */
  exit: ContainerExit | undefined
  previousExit: ContainerExit | undefined
  /** Whether its hook after the start is over. */
  isHookDone: boolean
  /** Whether its startup probe has succeeded in this run; it has none: from the start. */
  isStarted: boolean
  crashes: BackOff
  probes: readonly (ProbeWorker | undefined)[]
  readonly probeTimers: (Timer | undefined)[]
  /** The result that the probe will have at its timer. */
  readonly probeTurns: ('success' | 'failure' | undefined)[]
  /** Moves it on: its start, its hook. */
  timer: Timer | undefined
  /** Its own end. */
  endTimer: Timer | undefined
  /** Its end by a signal, and what it will be. */
  killTimer: Timer | undefined
  kill: ContainerKill | undefined
  /** Work left of this run, in microseconds at full speed, counted at `workAt`; NEVER without an end. */
  workLeft: Micros
  workAt: Micros
  /** What it had to do at the start of this run. */
  workFrom: Micros
  /** Work between two checkpoints of this run; undefined without. */
  checkpointInterval: Micros | undefined
  /** Share of the full speed at which it works. */
  speed: number
  /** Microseconds of work that it was kept from, all runs together. */
  throttled: number
  /** Millicores that it wants and that it gets now; undefined when nobody said what it wants. */
  cpu: { wanted: number; given: number } | undefined
  /** Bytes in use now; `memoryBase` of them without what leaked. */
  memory: number
  memoryBase: number
  disk: number
  usageTimer: Timer | undefined
}

/** A container that has not run yet. */
export function newContainer(
  plan: ContainerPlan,
  crashes: BackOff,
  probes: readonly (ProbeWorker | undefined)[],
): ContainerRecord {
  return {
    plan,
    state: 'waiting',
    waitingReason: undefined,
    waitingMessage: undefined,
    runs: 0,
    isBegun: false,
    startedAt: 0,
    exit: undefined,
    previousExit: undefined,
    isHookDone: false,
    isStarted: false,
    crashes,
    probes,
    probeTimers: [undefined, undefined, undefined],
    probeTurns: [undefined, undefined, undefined],
    timer: undefined,
    endTimer: undefined,
    killTimer: undefined,
    kill: undefined,
    workLeft: NEVER,
    workAt: 0,
    workFrom: NEVER,
    checkpointInterval: undefined,
    speed: 1,
    throttled: 0,
    cpu: undefined,
    memory: 0,
    memoryBase: 0,
    disk: 0,
    usageTimer: undefined,
  }
}

/** Whether it runs and its pod may count on it (kubelet v1.37, prober `UpdatePodStatus`). */
export function isReady(container: ContainerRecord): boolean {
  if (container.plan.kind === 'init')
    return container.state === 'terminated' && container.exit?.exitCode === 0
  if (container.state !== 'running' || !container.isStarted) return false
  const readiness = container.probes[2]
  return readiness === undefined || readiness.result === 'success'
}
