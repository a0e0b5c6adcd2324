import type { Lease } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'

/** What works only while its process leads: a controller, a scheduler. */
export interface Led {
  setPaused(isPaused: boolean): void
}

/** Flags of a component that elects its leader; those of kube-controller-manager and kube-scheduler by default. */
export interface LeaderElectionOptions {
  /** The component, which is the name of its Lease: `kube-controller-manager` or `kube-scheduler`. */
  readonly name: string
  /** Processes of the component, each on a machine of its own; 1 by default. */
  readonly candidates?: number
  /** `--leader-elect-lease-duration`; 15 s by default. */
  readonly leaseDuration?: Micros
  /** `--leader-elect-renew-deadline`; 10 s by default. */
  readonly renewDeadline?: Micros
  /** `--leader-elect-retry-period`; 2 s by default. */
  readonly retryPeriod?: Micros
}

/** A wait between two tries to get a lease is a retry period and up to so many more (client-go `JitterFactor`). */
const JITTER = 1.2

const NAMESPACE = 'kube-system'

interface Candidate {
  /** From 0. */
  readonly number: number
  /** Processes that it has had: each has an identity of its own. */
  processes: number
  /** When its process began to look at the lease. */
  startedAt: Micros
}

/** Who holds the lease. */
interface Leader {
  readonly candidate: Candidate
  /** From when on it renews its lease every retry period, and the renewal before that. */
  readonly renewsFrom: Micros
  readonly renewedBefore: Micros
  /** Since when it does not reach the API server. */
  readonly cutOffAt?: Micros
}

type Step =
  | { readonly do: 'lose'; readonly downFor: Micros }
  | { readonly do: 'disconnect'; readonly lasts: Micros }
  | { readonly do: 'reconnect'; readonly term: number; readonly renewedAt: Micros }
  | { readonly do: 'take'; readonly term: number; readonly candidate: number }

/**
 * Elects the leader among the processes of a component by a Lease in `kube-system`, and lets its work rest while there is none.
 *
 * The leader renews its lease every 2 s; that is computed, and no event. The others look at it every 2 to 4.4 s; one that has seen no renewal
 * for 15 s takes it. A process that starts again is another one, and waits for as long even after itself.
 *
 * ```
 *                lose, or disconnect for long           take
 *      leads ─────────────────────────────────▶ vacant ───────▶ leads (another, or a new process)
 *        ▲ └────── disconnect ──▶ cut off ──┘
 *        └──── reconnect in time ────┘
 * ```
 *
 * Source: client-go v1.37, tools/leaderelection `LeaderElector`. Departs from it in that a new leader goes on with the queues of the old one,
 * and knows the cluster at once.
 */
export class LeaderElection {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #led: readonly Led[]
  readonly #name: string
  readonly #leaseDuration: Micros
  readonly #renewDeadline: Micros
  readonly #retryPeriod: Micros
  readonly #stream: RandomStream
  readonly #step: PayloadHandler<Step>
  readonly #candidates: readonly Candidate[]
  #leader: Leader | undefined
  /** Times that the leader was cut off or lost: steps of an earlier term are void. */
  #term = 0

  /** The first candidate leads at once. */
  constructor(
    { sim, api }: { readonly sim: Simulation; readonly api: ApiServer },
    led: readonly Led[],
    options: LeaderElectionOptions,
  ) {
    this.#sim = sim
    this.#api = api
    this.#led = led
    this.#name = options.name
    this.#leaseDuration = options.leaseDuration ?? 15 * SECOND
    this.#renewDeadline = options.renewDeadline ?? 10 * SECOND
    this.#retryPeriod = options.retryPeriod ?? 2 * SECOND
    this.#stream = sim.random.stream(`leader-election/${options.name}`)
    this.#step = sim.payloadHandler<Step>(`leader-election/${options.name}`, (step) => this.#onStep(step))
    this.#candidates = Array.from({ length: options.candidates ?? 1 }, (_, number) => ({
      number,
      processes: 1,
      startedAt: sim.now,
    }))
    this.#take(0)
  }

  /** `spec.holderIdentity` of the leader; undefined while there is none, or it is cut off for too long. */
  get leader(): string | undefined {
    return this.#leader === undefined ? undefined : identityOf(this.#leader.candidate)
  }

  /** When the leader renewed its lease last. */
  get renewedAt(): Micros | undefined {
    return this.#leader === undefined ? undefined : this.#lastRenewal(this.#leader)
  }

  /** The process that leads then ends without giving up its lease, and starts again after a while. Nothing happens if none leads. */
  lose(at: Micros, downFor: Micros): void {
    this.#sim.atWith(at, this.#step, { do: 'lose', downFor })
  }

  /**
   * The process that leads then cannot reach the API server for a while. If it cannot renew its lease within the renew deadline it ends, and
   * starts again at once. Nothing happens if none leads.
   */
  disconnect(at: Micros, lasts: Micros): void {
    this.#sim.atWith(at, this.#step, { do: 'disconnect', lasts })
  }

  #onStep(step: Step): void {
    if (step.do === 'take') {
      if (step.term === this.#term) this.#take(step.candidate)
    } else if (step.do === 'reconnect') {
      if (step.term === this.#term) this.#reconnect(step.renewedAt)
    } else if (this.#leader !== undefined) {
      const leader = { cutOffAt: this.#sim.now, ...this.#leader }
      this.#leader = leader
      this.#term += 1
      this.#setPaused(true)
      if (step.do === 'lose') this.#vacate(leader, this.#sim.now + step.downFor)
      else this.#cutOff(leader, this.#sim.now + step.lasts)
    }
  }

  #cutOff(leader: Leader, backAt: Micros): void {
    const firstMiss = this.#lastRenewal(leader) + this.#retryPeriod
    const givesUpAt = firstMiss + this.#renewDeadline
    // Tries to renew go on every retry period; the first that reaches the server counts.
    const missed = Math.max(0, Math.ceil((backAt - firstMiss) / this.#retryPeriod))
    const renewedAt = firstMiss + missed * this.#retryPeriod
    if (renewedAt < givesUpAt) {
      this.#sim.atWith(backAt, this.#step, { do: 'reconnect', term: this.#term, renewedAt })
      return
    }
    let seesLeaseAt = givesUpAt
    while (seesLeaseAt < backAt) seesLeaseAt += this.#gap()
    this.#vacate(leader, seesLeaseAt)
  }

  #reconnect(renewedAt: Micros): void {
    if (this.#leader === undefined) return
    const renewedBefore = this.#lastRenewal(this.#leader)
    this.#leader = { candidate: this.#leader.candidate, renewsFrom: renewedAt, renewedBefore }
    this.#setPaused(false)
  }

  /** The lease is left to run out; the former leader is a candidate again when it sees it, under another identity. */
  #vacate(leader: Leader, seesLeaseAt: Micros): void {
    const renewedAt = this.#lastRenewal(leader)
    const { candidate } = leader
    this.#leader = undefined
    this.#write({ renewTime: this.#api.calendar.formatMicros(renewedAt) })
    candidate.processes += 1
    candidate.startedAt = seesLeaseAt
    let first = { at: Number.POSITIVE_INFINITY, number: 0 }
    for (const { number, startedAt } of this.#candidates) {
      const seenAt = startedAt > renewedAt ? startedAt : renewedAt + this.#untilNextTry()
      const at = this.#triesFrom(seenAt)
      if (at < first.at) first = { at, number }
    }
    this.#sim.atWith(first.at, this.#step, { do: 'take', term: this.#term, candidate: first.number })
  }

  /** When a candidate takes the lease that saw the last renewal then: at its first try after the lease has run out. */
  #triesFrom(seenAt: Micros): Micros {
    let at = seenAt
    while (at < seenAt + this.#leaseDuration) at += this.#gap()
    return at
  }

  #take(number: number): void {
    const candidate = this.#candidates[number]
    if (candidate === undefined) return
    this.#leader = { candidate, renewsFrom: this.#sim.now, renewedBefore: this.#sim.now }
    const now = this.#api.calendar.formatMicros(this.#sim.now)
    this.#write({ holderIdentity: identityOf(candidate), acquireTime: now, renewTime: now })
    this.#setPaused(false)
  }

  #setPaused(isPaused: boolean): void {
    for (const one of this.#led) one.setPaused(isPaused)
  }

  #lastRenewal({ renewsFrom, renewedBefore, cutOffAt = this.#sim.now }: Leader): Micros {
    if (cutOffAt < renewsFrom) return renewedBefore
    return renewsFrom + Math.floor((cutOffAt - renewsFrom) / this.#retryPeriod) * this.#retryPeriod
  }

  /** Time between two tries of a candidate. */
  #gap(): Micros {
    return Math.round(this.#retryPeriod * (1 + JITTER * this.#stream.uniform()))
  }

  /**
   * Time from some instant to the next try of a candidate that tries all the time: a place in a wait, of which long ones are met more often,
   * by their length.
   */
  #untilNextTry(): Micros {
    const share = this.#stream.uniform()
    const longest = (1 + JITTER) ** 2
    const wait = this.#retryPeriod * Math.sqrt(1 + share * (longest - 1))
    return Math.round(wait * this.#stream.uniform())
  }

  #write(spec: NonNullable<Lease['spec']>): void {
    const leases = this.#api.collection<Lease>('Lease')
    const stored = leases.get(`${NAMESPACE}/${this.#name}`)
    if (stored === undefined) {
      leases.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: this.#name, namespace: NAMESPACE },
        spec: { leaseDurationSeconds: this.#leaseDuration / SECOND, leaseTransitions: 0, ...spec },
      })
      return
    }
    const before = stored.spec ?? {}
    const isTransition = spec.holderIdentity !== undefined && spec.holderIdentity !== before.holderIdentity
    const leaseTransitions = (before.leaseTransitions ?? 0) + (isTransition ? 1 : 0)
    leases.update({ ...stored, spec: { ...before, ...spec, leaseTransitions } })
  }
}

function identityOf({ number, processes }: Candidate): string {
  return `control-plane-${number + 1}_${processes}`
}
