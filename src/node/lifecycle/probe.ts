import type { Probe } from '../../api/types.generated.ts'
import type { RunSpan } from '../../api/container-behaviour.ts'
import { NEVER, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'

/** What a probe is for. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness'

/** The kinds, in the order in which containers keep them. */
export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']

/** What the kubelet holds of a container by a probe. */
export type ProbeResult = 'success' | 'failure' | 'unknown'

/** The result before a container has been probed (kubelet v1.37, prober `newWorker`). */
const INITIAL: Readonly<Record<ProbeKind, ProbeResult>> = {
  startup: 'unknown',
  liveness: 'success',
  readiness: 'failure',
}

/** A probe's settings, defaulted (Kubernetes v1.37, apis/core/v1/defaults.go `SetDefaults_Probe`). */
export interface ProbePlan {
  readonly kind: ProbeKind
  readonly initialDelay: Micros
  readonly period: Micros
  readonly timeout: Micros
  readonly successThreshold: number
  readonly failureThreshold: number
  /** In place of the pod's when the probe kills the container. */
  readonly terminationGrace: Micros | undefined
}

/** The settings of a probe with their defaults. */
export function planProbe(kind: ProbeKind, probe: Probe): ProbePlan {
  const grace = probe.terminationGracePeriodSeconds
  return {
    kind,
    initialDelay: (probe.initialDelaySeconds ?? 0) * SECOND,
    period: Math.max(1, probe.periodSeconds ?? 10) * SECOND,
    timeout: Math.max(1, probe.timeoutSeconds ?? 1) * SECOND,
    successThreshold: Math.max(1, probe.successThreshold ?? 1),
    failureThreshold: Math.max(1, probe.failureThreshold ?? 3),
    terminationGrace: grace === undefined ? undefined : grace * SECOND,
  }
}

/** A probe of one container over its runs. Source: kubelet v1.37, prober/worker.go. */
export class ProbeWorker {
  readonly plan: ProbePlan
  /** An instant at which it probes; the others are whole periods away. */
  readonly #phase: Micros
  #last: 'success' | 'failure' | undefined
  #run = 0
  #result: ProbeResult
  #isOnHold = true
  #startedAt: Micros = 0
  #fails: readonly RunSpan[] = []
  /** Whether no probe is answered in time. */
  #isLate = false

  constructor(plan: ProbePlan, phase: Micros) {
    this.plan = plan
    this.#phase = phase
    this.#result = INITIAL[plan.kind]
  }

  get result(): ProbeResult {
    return this.#result
  }

  /** A run of the container starts; its probes fail in these spans of it, ascending and apart. */
  containerStarted(at: Micros, fails: readonly RunSpan[]): void {
    this.#startedAt = at
    this.#fails = fails
    this.#result = INITIAL[this.plan.kind]
    this.#isOnHold = false
  }

  /** Whether its probes are answered too late from now on, and fail. */
  setLate(isLate: boolean): void {
    this.#isLate = isLate
  }

  /** What takes its place as the kubelet starts again: it counts anew, and holds the same where `keepsResult` says so. */
  restarted(phase: Micros, keepsResult: boolean): ProbeWorker {
    const next = new ProbeWorker(this.plan, phase)
    next.#isOnHold = this.#isOnHold
    next.#startedAt = this.#startedAt
    next.#fails = this.#fails
    next.#isLate = this.#isLate
    if (keepsResult) next.#result = this.#result
    return next
  }

  /** The container ended, or is told to: no probe until the next run. */
  hold(): void {
    this.#isOnHold = true
    if (this.plan.kind === 'readiness') this.#result = 'failure'
  }

  /**
   * When the result will change, and to what, if the container runs on: probes that change nothing are counted and not
   * waited for. `isAsked`: it probes now as well, whatever its period (kubelet v1.37, prober `UpdatePodStatus`).
   */
  nextChange(
    now: Micros,
    isAsked: boolean,
  ): { readonly at: Micros; readonly to: 'success' | 'failure' } | undefined {
    if (this.#isOnHold) return undefined
    const allowedAt = this.#startedAt + this.plan.initialDelay
    // A tick in the very instant of the start finds a container that it does not know yet.
    const ticksFrom = Math.max(now, allowedAt, this.#startedAt + 1)
    let at = isAsked && now >= allowedAt ? now : this.#tickFrom(ticksFrom)
    while (at < NEVER) {
      const { outcome, until } = this.#outcomeAt(at - this.#startedAt)
      const end = until + this.#startedAt
      const isExtra = isAsked && at === now
      const second = this.#tickFrom(at + 1)
      const before = outcome === this.#last ? this.#run : 0
      const missing = Math.max(1, this.#thresholdOf(outcome) - before)
      const decidedAt =
        isExtra && missing > 1 ? second + (missing - 2) * this.plan.period : this.#after(at, missing - 1)
      if (this.#result !== outcome && decidedAt < end) return { at: decidedAt, to: outcome }
      if (end === NEVER) return undefined
      const next = this.#tickFrom(Math.max(end, at + 1))
      const probes = isExtra
        ? 1 + Math.max(0, (next - second) / this.plan.period)
        : (next - at) / this.plan.period
      this.#run = before + probes
      this.#last = outcome
      at = next
    }
    return undefined
  }

  /** The result is as `nextChange` said; returns whether the container is to be killed for it. */
  change(to: 'success' | 'failure'): boolean {
    this.#result = to
    this.#last = to
    this.#run = this.#thresholdOf(to)
    const kills = to === 'failure' && this.plan.kind !== 'readiness'
    if (kills) {
      this.#isOnHold = true
      this.#run = 0
    }
    return kills
  }

  #after(tick: Micros, periods: number): Micros {
    return tick + periods * this.plan.period
  }

  #thresholdOf(outcome: 'success' | 'failure'): number {
    return outcome === 'success' ? this.plan.successThreshold : this.plan.failureThreshold
  }

  /** The first instant from `at` on at which it probes. */
  #tickFrom(at: Micros): Micros {
    const { period } = this.plan
    return at + ((((this.#phase - at) % period) + period) % period)
  }

  /** What a probe at this point of the run says, and until when it says so. */
  #outcomeAt(since: Micros): { readonly outcome: 'success' | 'failure'; readonly until: Micros } {
    if (this.#isLate) return { outcome: 'failure', until: NEVER }
    for (const { from, to } of this.#fails) {
      if (since < from) return { outcome: 'success', until: from }
      if (since < to) return { outcome: 'failure', until: to }
    }
    return { outcome: 'success', until: NEVER }
  }
}

/** The spans in which at least one of several lists has one: ascending and apart. */
export function mergedSpans(...lists: readonly (readonly RunSpan[])[]): readonly RunSpan[] {
  const merged: { from: Micros; to: Micros }[] = []
  for (const { from, to } of lists.flat().toSorted((one, other) => one.from - other.from)) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}
