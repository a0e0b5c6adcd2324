import type { Lease } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'

/** What works only while its process leads: a controller, a scheduler. */
export interface Led {
  setPaused(isPaused: boolean): void
  /**
   * Its process cannot write for now, or can again, and keeps all that it has in memory; where this is left out it is paused instead. A
   * pause ends it.
   */
  setStalled?(isStalled: boolean): void
  /** The process that leads from now on is another one: what the former had in memory is forgotten. Called while it is paused. */
  restart?(): void
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
  /** When it first tries to take a lease that has run out; undefined while it has not seen the lease, or somebody leads. */
  triesAt: Micros | undefined
  /** How many reasons of its own it has for not reaching the API server. */
  cuts: number
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
  | { readonly do: 'connect'; readonly candidate: number }
  | { readonly do: 'give up'; readonly term: number }
  | { readonly do: 'take'; readonly term: number; readonly candidate: number }

/**
 * Elects the leader among the processes of a component by a Lease in `kube-system`, and lets its work rest while there is none.
 *
 * The leader renews its lease every 2 s; that is computed, and no event. The others look at it every 2 to 4.4 s; one that has seen no renewal
 * for 15 s takes it. A process that starts again is another one, and waits for as long even after itself. One that cannot renew for 10 s ends.
 *
 * ```
 *                lose, or cut off for long              take
 *      leads ─────────────────────────────────▶ vacant ───────▶ leads (another, or a new process)
 *        ▲ └─────── cut off ────────┘
 *        └──── reached in time ──┘
 * ```
 *
 * Source: client-go v1.37, tools/leaderelection `LeaderElector`. Departs from it in that a new leader knows the cluster at once.
 */
export class LeaderElection {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #led: Led[]
  readonly #name: string
  readonly #leaseDuration: Micros
  readonly #renewDeadline: Micros
  readonly #retryPeriod: Micros
  readonly #stream: RandomStream
  readonly #step: PayloadHandler<Step>
  readonly #candidates: readonly Candidate[]
  readonly #observers: ((leader: string | undefined) => void)[] = []
  #leader: Leader | undefined
  /** Changes of who leads, or may: steps of an earlier term are void. */
  #term = 0
  /** Since when no candidate reaches the API server. */
  #outageAt: Micros | undefined

  /** The first candidate leads at once. */
  constructor(
    { sim, api }: { readonly sim: Simulation; readonly api: ApiServer },
    led: readonly Led[],
    options: LeaderElectionOptions,
  ) {
    this.#sim = sim
    this.#api = api
    this.#led = [...led]
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
      triesAt: undefined,
      cuts: 0,
    }))
    this.#take(0)
  }

  /** More that works while its process leads, as somebody does now. */
  lead(led: readonly Led[]): void {
    this.#led.push(...led)
  }

  /** `spec.holderIdentity` of the leader; undefined while there is none. */
  get leader(): string | undefined {
    return this.#leader === undefined ? undefined : identityOf(this.#leader.candidate)
  }

  /** When the leader renewed its lease last. */
  get renewedAt(): Micros | undefined {
    return this.#leader === undefined ? undefined : this.#lastRenewal(this.#leader)
  }

  /** Number of the candidate that leads, from 0. */
  get leadingCandidate(): number | undefined {
    return this.#leader?.candidate.number
  }

  /** Tells of each change of who leads: its identity, undefined for nobody. */
  onChange(observer: (leader: string | undefined) => void): void {
    this.#observers.push(observer)
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

  /** A candidate cannot reach the API server from now on, for one reason more, or for one less. */
  setCutOff(number: number, isCutOff: boolean): void {
    const candidate = this.#candidates[number]
    if (candidate === undefined) return
    candidate.cuts += isCutOff ? 1 : -1
    if (isCutOff) this.#contactLost()
    else this.#reachedAgain([candidate])
  }

  /** No candidate reaches the API server from now on, or all do again: it takes no writes, or does. */
  setOutage(isOutage: boolean): void {
    if (isOutage === (this.#outageAt !== undefined)) return
    this.#outageAt = isOutage ? this.#sim.now : undefined
    if (isOutage) this.#contactLost()
    else this.#reachedAgain(this.#candidates)
  }

  #onStep(step: Step): void {
    switch (step.do) {
      case 'take':
        if (step.term === this.#term) this.#take(step.candidate)
        break
      case 'give up':
        if (step.term === this.#term) this.#giveUp()
        break
      case 'connect':
        this.setCutOff(step.candidate, false)
        break
      case 'disconnect': {
        const candidate = this.#leader?.candidate.number
        if (candidate === undefined) break
        this.#sim.atWith(this.#sim.now + step.lasts, this.#step, { do: 'connect', candidate })
        this.setCutOff(candidate, true)
        break
      }
      case 'lose':
        if (this.#leader === undefined) break
        this.#giveUp(step.downFor)
        break
    }
  }

  #reaches(candidate: Candidate): boolean {
    return candidate.cuts === 0 && this.#outageAt === undefined
  }

  /** A candidate, or all, reaches the API server no longer. */
  #contactLost(): void {
    const leader = this.#leader
    if (leader === undefined) {
      this.#elect()
      return
    }
    if (leader.cutOffAt !== undefined || this.#reaches(leader.candidate)) return
    this.#leader = { ...leader, cutOffAt: this.#sim.now }
    this.#term += 1
    this.#setStalled(true)
    this.#sim.atWith(this.#givesUpAt(this.#leader), this.#step, { do: 'give up', term: this.#term })
  }

  #reachedAgain(candidates: readonly Candidate[]): void {
    const reaching = candidates.filter((candidate) => this.#reaches(candidate))
    const leader = this.#leader
    if (leader === undefined) {
      for (const candidate of reaching) this.#seesLease(candidate)
      this.#elect()
    } else if (leader.cutOffAt !== undefined && reaching.includes(leader.candidate)) this.#renew(leader)
  }

  /** A candidate reaches the server again while nobody leads: one that had not seen the lease before waits for it to run out. */
  #seesLease(candidate: Candidate): void {
    const { now } = this.#sim
    const hasSeen = candidate.triesAt !== undefined
    if (!hasSeen && candidate.startedAt <= now) candidate.startedAt = now + this.#untilNextTry()
    if (!hasSeen) candidate.triesAt = this.#triesFrom(candidate.startedAt)
    else if ((candidate.triesAt ?? now) < now) candidate.triesAt = now + this.#untilNextTry()
  }

  /** Tries to renew go on every retry period; the first that reaches the server counts, unless it comes too late. */
  #renew(leader: Leader): void {
    const renewedBefore = this.#lastRenewal(leader)
    const tries = Math.max(1, Math.ceil((this.#sim.now - renewedBefore) / this.#retryPeriod))
    const renewsFrom = renewedBefore + tries * this.#retryPeriod
    if (renewsFrom >= this.#givesUpAt(leader)) return
    this.#term += 1
    this.#leader = { candidate: leader.candidate, renewsFrom, renewedBefore }
    this.#setStalled(false)
  }

  /** When a leader that is cut off ends: it tries for the renew deadline from the first renewal that failed. */
  #givesUpAt(leader: Leader): Micros {
    return this.#lastRenewal(leader) + this.#retryPeriod + this.#renewDeadline
  }

  /** The process that leads ends, and starts again after a while. */
  #giveUp(downFor = 0): void {
    const leader = this.#leader
    if (leader === undefined) return
    this.#setPaused(true)
    this.#vacate({ cutOffAt: this.#sim.now, ...leader }, this.#sim.now + downFor)
  }

  /** The lease is left to run out; the former leader is a candidate again when it sees it, under another identity. */
  #vacate(leader: Leader, startsAt: Micros): void {
    const renewedAt = this.#lastRenewal(leader)
    this.#leader = undefined
    this.#write({ renewTime: this.#api.calendar.formatMicros(renewedAt) })
    leader.candidate.processes += 1
    leader.candidate.startedAt = startsAt
    for (const candidate of this.#candidates) {
      const { startedAt } = candidate
      const hasSeen = startedAt <= renewedAt
      const seenAt = hasSeen ? renewedAt + this.#untilNextTry() : startedAt
      candidate.triesAt = hasSeen || this.#reaches(candidate) ? this.#triesFrom(seenAt) : undefined
    }
    for (const observer of this.#observers) observer(undefined)
    this.#elect()
  }

  /** The lease goes to the first that tries and reaches the server; to nobody for now if none does. */
  #elect(): void {
    this.#term += 1
    let first = { at: Number.POSITIVE_INFINITY, number: 0 }
    for (const candidate of this.#candidates) {
      const at = candidate.triesAt ?? Number.POSITIVE_INFINITY
      if (at < first.at && this.#reaches(candidate)) first = { at, number: candidate.number }
    }
    if (first.at === Number.POSITIVE_INFINITY) return
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
    const isFirst = this.#term === 0
    this.#leader = { candidate, renewsFrom: this.#sim.now, renewedBefore: this.#sim.now }
    for (const one of this.#candidates) one.triesAt = undefined
    const now = this.#api.calendar.formatMicros(this.#sim.now)
    this.#write({ holderIdentity: identityOf(candidate), acquireTime: now, renewTime: now })
    if (!isFirst) for (const one of this.#led) one.restart?.()
    this.#setPaused(false)
    for (const observer of this.#observers) observer(identityOf(candidate))
  }

  #setPaused(isPaused: boolean): void {
    for (const one of this.#led) one.setPaused(isPaused)
  }

  #setStalled(isStalled: boolean): void {
    for (const one of this.#led) {
      if (one.setStalled === undefined) one.setPaused(isStalled)
      else one.setStalled(isStalled)
    }
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
