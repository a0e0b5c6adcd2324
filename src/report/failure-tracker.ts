import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { FailureRecord } from './sources.ts'

/** One time that a machine was down, and what happened to the pods that were on it. */
interface Outage {
  readonly startedAt: Micros
  endedAt: Micros | undefined
  detectedAt: Micros | undefined
  firstEvictedAt: Micros | undefined
  lastEvictedAt: Micros | undefined
  lastRescheduledAt: Micros | undefined
  lastRunningAt: Micros | undefined
  podsAffected: number
  /** Pods affected that do not run again, nor ended otherwise. */
  podsOpen: number
  /** Millicores times microseconds. */
  lostWork: number
}

/** What a failure came to over all its nodes; undefined for what did not happen. */
export interface FailureOutcome {
  readonly record: FailureRecord
  /** When the last of its nodes was marked NotReady; undefined if one never was. */
  readonly detectedAt: Micros | undefined
  readonly firstEvictedAt: Micros | undefined
  readonly lastEvictedAt: Micros | undefined
  readonly lastRescheduledAt: Micros | undefined
  /** When the last affected pod ran again; undefined while one does not. */
  readonly lastRunningAt: Micros | undefined
  readonly podsAffected: number
  readonly podsOpen: number
  /** Millicores times microseconds. */
  readonly lostWork: number
}

/** The outages that a place among an owner's pods, or the pod in it, still has to recover from. */
type Pursuit = readonly Outage[]

/**
 * Follows the pods of machines that went down: evicted, made again, bound, running again.
 *
 * A pod is followed as itself, then as the place (owner and ordinal) that it leaves, then as the pod that
 * fills the place. Only affected pods cost anything; a caller on a hot path asks `isIdle` first.
 */
export class FailureTracker {
  readonly #open = new Map<NodeRow, Outage>()
  readonly #byNode = new Map<NodeRow, Outage[]>()
  readonly #pods = new Map<PodRow, Pursuit>()
  readonly #places = new Map<PodOwner, Map<number, Pursuit>>()

  /** Whether any pod or place is followed: if not, nothing else need be asked. */
  get isIdle(): boolean {
    return this.#pods.size === 0 && this.#places.size === 0
  }

  /** A machine went down with these pods on it. */
  down(
    node: NodeRow,
    at: Micros,
    pods: readonly { readonly row: PodRow; readonly lostWork: number }[],
  ): void {
    const outage = emptyOutage(at)
    this.#open.set(node, outage)
    const known = this.#byNode.get(node)
    if (known === undefined) this.#byNode.set(node, [outage])
    else known.push(outage)
    for (const pod of pods) {
      outage.podsAffected += 1
      outage.podsOpen += 1
      outage.lostWork += pod.lostWork
      this.#pods.set(pod.row, [...(this.#pods.get(pod.row) ?? []), outage])
    }
  }

  /** The machine is back. */
  up(node: NodeRow, at: Micros): void {
    const outage = this.#open.get(node)
    if (outage !== undefined) outage.endedAt = at
    this.#open.delete(node)
  }

  /** The control plane noticed that the node does not answer. */
  detected(node: NodeRow, at: Micros): void {
    const outage = this.#open.get(node)
    if (outage !== undefined) outage.detectedAt ??= at
  }

  /** A followed pod is being deleted, is gone, or failed: its place is followed from now on. */
  lost(pod: PodRow, at: Micros, owner: PodOwner | undefined, ordinal: number): void {
    const pursuit = this.#pods.get(pod)
    if (pursuit === undefined) return
    this.#pods.delete(pod)
    for (const outage of pursuit) {
      outage.firstEvictedAt ??= at
      outage.lastEvictedAt = at
    }
    if (owner === undefined) return
    let places = this.#places.get(owner)
    if (places === undefined) this.#places.set(owner, (places = new Map<number, Pursuit>()))
    places.set(ordinal, pursuit)
  }

  /** A pod was created: if it fills a place that is followed, it is followed. */
  created(pod: PodRow, owner: PodOwner | undefined, ordinal: number): void {
    const places = owner === undefined ? undefined : this.#places.get(owner)
    const pursuit = places?.get(ordinal)
    if (owner === undefined || places === undefined || pursuit === undefined) return
    places.delete(ordinal)
    if (places.size === 0) this.#places.delete(owner)
    this.#pods.set(pod, pursuit)
  }

  /** A pod was bound: a followed one was rescheduled. */
  bound(pod: PodRow, at: Micros): void {
    for (const outage of this.#pods.get(pod) ?? []) outage.lastRescheduledAt = at
  }

  /** A pod runs: a followed one has recovered. */
  running(pod: PodRow, at: Micros): void {
    const pursuit = this.#pods.get(pod)
    if (pursuit === undefined) return
    this.#pods.delete(pod)
    for (const outage of pursuit) {
      outage.podsOpen -= 1
      outage.lastRunningAt = at
    }
  }

  /** A pod ended well: there is nothing left to recover. */
  succeeded(pod: PodRow): void {
    for (const outage of this.#pods.get(pod) ?? []) outage.podsOpen -= 1
    this.#pods.delete(pod)
  }

  /** What a failure came to so far: the outages of its nodes that cover its start, taken together. */
  outcomeOf(record: FailureRecord): FailureOutcome {
    const outages = record.nodes.flatMap((node) => this.#outageOf(node, record.startedAt) ?? [])
    const podsOpen = total(outages.map((outage) => outage.podsOpen))
    const areAllDetected = outages.length > 0 && outages.every((outage) => outage.detectedAt !== undefined)
    return {
      record,
      detectedAt: areAllDetected ? latest(outages.map((outage) => outage.detectedAt)) : undefined,
      firstEvictedAt: earliest(outages.map((outage) => outage.firstEvictedAt)),
      lastEvictedAt: latest(outages.map((outage) => outage.lastEvictedAt)),
      lastRescheduledAt: latest(outages.map((outage) => outage.lastRescheduledAt)),
      lastRunningAt: podsOpen > 0 ? undefined : latest(outages.map((outage) => outage.lastRunningAt)),
      podsAffected: total(outages.map((outage) => outage.podsAffected)),
      podsOpen,
      lostWork: total(outages.map((outage) => outage.lostWork)),
    }
  }

  #outageOf(node: NodeRow, at: Micros): Outage | undefined {
    return this.#byNode.get(node)?.find((outage) => covers(outage, at))
  }
}

function emptyOutage(startedAt: Micros): Outage {
  return {
    startedAt,
    endedAt: undefined,
    detectedAt: undefined,
    firstEvictedAt: undefined,
    lastEvictedAt: undefined,
    lastRescheduledAt: undefined,
    lastRunningAt: undefined,
    podsAffected: 0,
    podsOpen: 0,
    lostWork: 0,
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function earliest(times: readonly (Micros | undefined)[]): Micros | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : known.reduce((one, other) => Math.min(one, other))
}

function latest(times: readonly (Micros | undefined)[]): Micros | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : known.reduce((one, other) => Math.max(one, other))
}

function covers(outage: Outage, at: Micros): boolean {
  return outage.startedAt === at || (outage.startedAt < at && at < (outage.endedAt ?? NEVER))
}
