import type { UsageSteps } from '../../api/container-behaviour.ts'
import type { Sampler } from '../../base/distribution.ts'
import type { RandomStream, RandomStreams } from '../../base/random.ts'
import { NEVER, SECOND, wholeSpan } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ContainerRecord } from './container.ts'
import { hookSleep } from './pod-plan.ts'
import { mergedSpans } from './probe.ts'
import type { ProbeKind } from './probe.ts'
import { EXIT_SIGTERM } from './termination.ts'
import type { EndingContainer } from './termination.ts'

/** How long an init container runs that nobody said anything about. */
const INIT_DURATION: Micros = SECOND
/** How often a leak is looked at: as often as the eviction manager looks (kubelet v1.37, `evictionMonitoringPeriod`). */
const LEAK_STEP: Micros = 10 * SECOND

/** Draws what a run of a container will be like: a stream for each question. */
export class ContainerDraws {
  readonly #streams: RandomStreams
  readonly #stop: Sampler

  constructor(streams: RandomStreams, stop: Sampler) {
    this.#streams = streams
    this.#stop = stop
  }

  /** How long the run takes at full speed; `own` is what the pod itself brings. */
  work({ plan }: ContainerRecord, own: Micros): Micros {
    const { duration } = plan.behaviour
    if (duration !== undefined) return wholeSpan(duration(this.#stream('duration')))
    if (plan.kind === 'init') return INIT_DURATION
    return plan.kind === 'regular' ? own : NEVER
  }

  /** Time of the hook after the start; 0 without one. */
  postStart({ plan }: ContainerRecord): Micros {
    const hook = plan.spec.lifecycle?.postStart
    if (hook === undefined) return 0
    return hookSleep(hook) ?? wholeSpan(plan.behaviour.postStart?.(this.#stream('post-start')) ?? 0)
  }

  /** When which probes of the run fail that are answered in time. */
  failures({ plan }: ContainerRecord): Readonly<Record<ProbeKind, ReturnType<typeof mergedSpans>>> {
    const { behaviour } = plan
    const readyAt = wholeSpan(behaviour.timeToReady?.(this.#stream('time-to-ready')) ?? 0)
    const warming = readyAt > 0 ? [{ from: 0, to: readyAt }] : []
    const failing = (kind: ProbeKind): ReturnType<typeof mergedSpans> =>
      mergedSpans(warming, behaviour[`${kind}Fails`] ?? [])
    return { startup: failing('startup'), liveness: failing('liveness'), readiness: failing('readiness') }
  }

  /** How a container ends that is told to. */
  ending(container: ContainerRecord, endsAt: Micros): EndingContainer {
    const { behaviour, kind, spec } = container.plan
    const hook = spec.lifecycle?.preStop
    const preStop =
      hook === undefined ? 0 : (hookSleep(hook) ?? behaviour.preStop?.(this.#stream('pre-stop')) ?? 0)
    const stop = behaviour.terminationTime?.(this.#stream('termination')) ?? this.#stop(this.#stream('stop'))
    return {
      kind,
      preStop: wholeSpan(preStop),
      stop: wholeSpan(stop),
      exitCode: behaviour.terminationExitCode ?? EXIT_SIGTERM,
      endsAt,
    }
  }

  /** A use at a point of the run, and when it is another one: at the next step, or when it is drawn anew. */
  use(
    name: 'cpu' | 'memory' | 'disk',
    steps: UsageSteps,
    run: { readonly since: Micros; readonly resample: Micros | undefined },
  ): { readonly amount: number; readonly until: Micros } {
    const index = steps.findLastIndex(({ at }) => at <= run.since)
    const step = steps[index]
    const next = steps[index + 1]?.at ?? NEVER
    const again = run.resample === undefined ? NEVER : run.since + run.resample
    const amount = Math.max(0, Math.round(step?.value(this.#stream(name)) ?? 0))
    return { amount, until: Math.min(next, again) }
  }

  #stream(name: string): RandomStream {
    return this.#streams.stream(`lifecycle/${name}`)
  }
}

/** How long a probe of a container takes to be answered on a machine with so much of its CPU. */
export function probeLatency({ plan }: ContainerRecord, cpuSpeed: number): Micros {
  return Math.ceil((plan.behaviour.probeLatency ?? 0) / cpuSpeed)
}

/** Exit code of a run that ends on its own. */
export function exitCodeOf({ plan, runs }: ContainerRecord): number {
  const codes = plan.behaviour.exitCode ?? []
  return codes[Math.min(runs, codes.length) - 1] ?? 0
}

/** Runs after which a container that fails each time is not waited for: more than a Job has patience for by default. */
const HOPEFUL_RUNS = 10

/** Whether a container has failed often, and will each time that it is started again. */
export function isHopeless({ plan, runs }: ContainerRecord): boolean {
  const codes = plan.behaviour.exitCode ?? []
  return runs > Math.max(HOPEFUL_RUNS, codes.length) && (codes.at(-1) ?? 0) !== 0
}

/** When the run will end on its own, at the present speed. */
export function endOfWork({ workLeft, workAt, speed }: ContainerRecord): Micros {
  if (workLeft === 0) return workAt
  return workLeft === NEVER || speed <= 0 ? NEVER : workAt + Math.ceil(workLeft / speed)
}

/** Counts the work done up to now, and goes on at another speed. */
export function changeSpeed(container: ContainerRecord, now: Micros, speed: number): void {
  const span = now - container.workAt
  if (container.workLeft !== NEVER) {
    container.workLeft = Math.max(0, Math.round(container.workLeft - span * container.speed))
  }
  container.throttled += span * (1 - container.speed)
  container.workAt = now
  container.speed = speed
}

/** Bytes in use at a point of the run, and when to look again at what leaks: at its limit, or after a while. */
export function leaked(
  container: ContainerRecord,
  since: Micros,
): { readonly bytes: number; readonly until: Micros } {
  const { behaviour, memoryLimit } = container.plan
  const { memoryLeak = 0 } = behaviour
  const bytes = Math.round(container.memoryBase + (memoryLeak * since) / SECOND)
  if (memoryLeak === 0) return { bytes, until: NEVER }
  const missing = memoryLimit === undefined ? NEVER : memoryLimit - container.memoryBase
  const limitAt = Math.ceil((missing * SECOND) / memoryLeak)
  return { bytes, until: limitAt > since ? Math.min(limitAt, since + LEAK_STEP) : since + LEAK_STEP }
}
