import type { Node } from '../api/types.generated.ts'
import type { RandomStreams } from '../base/random.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { WaitingNodes } from './waiting-nodes.ts'
import { computeZoneState, taintingRate } from './zone-state.ts'
import type { TaintingRates, ZoneState } from './zone-state.ts'

/** Nodes with this label do not count in the state of their zone. */
const EXCLUDED = 'node.kubernetes.io/exclude-disruption'

/** What a look at the zones found: whether the cluster as a whole was lost, or came back, since the last one. */
export type Disruption = 'entered' | 'left' | 'unchanged'

/** Settings of the zones of the node lifecycle controller. */
export interface ZoneOptions extends TaintingRates {
  /** `--unhealthy-zone-threshold`. */
  readonly unhealthyThreshold: number
}

interface Zone {
  readonly key: string
  /** All of its nodes, and those of them that count. */
  members: number
  size: number
  notReady: number
  /** Nodes that were queued and not taken back: tainted, or waiting. */
  readonly known: Set<NodeRow>
  /** Nodes that wait for their NoExecute taint. */
  readonly waiting: WaitingNodes
  /** Nodes that waited, and are gone or in another zone: each still uses up a token, before all others. */
  readonly stale: Set<NodeRow>
  limiter: TokenBucket
  state: ZoneState
}

/** Where a node counts. */
interface Place {
  readonly zone: Zone
  readonly isCounted: boolean
  isReady: boolean
}

/**
 * The zones of the cluster: how many of their nodes are ready, and which wait for a NoExecute taint that comes at their zone's rate.
 *
 * Which of the nodes that wait is next is a matter of chance: the real queue is ordered by the time of entry, and every tick of the
 * monitor enters all again, in the order of a Go map.
 *
 * Source: kube-controller-manager v1.37, nodelifecycle `handleDisruption`, `markNodeForTainting`, scheduler/rate_limited_queue.go.
 */
export class ZoneTainters {
  readonly #random: RandomStreams
  readonly #options: ZoneOptions
  readonly #zones = new Map<string, Zone>()
  readonly #places = new Map<NodeRow, Place>()
  #isAllDisrupted = false

  constructor(random: RandomStreams, options: ZoneOptions) {
    this.#random = random
    this.#options = options
  }

  /** Whether some zone has nodes that are not ready, or is still judged so: a look may change its rate. */
  get isUnsettled(): boolean {
    for (const zone of this.#zones.values()) if (zone.notReady > 0 || zone.state !== 'Normal') return true
    return false
  }

  has(row: NodeRow): boolean {
    return this.#places.has(row)
  }

  /** Takes a node in, or moves it where its labels say now. Whether a zone changed by it. */
  put(row: NodeRow, node: Node, isReady: boolean): boolean {
    const key = zoneKeyOf(node)
    const isCounted = node.metadata?.labels?.[EXCLUDED] === undefined
    const place = this.#places.get(row)
    if (place?.zone.key === key && place.isCounted === isCounted) return this.setReady(row, isReady)
    if (place !== undefined) this.#depart(row, place, place.zone.key !== key)
    const zone = this.#zones.get(key) ?? this.#newZone(key)
    this.#places.set(row, { zone, isCounted, isReady })
    zone.members += 1
    if (isCounted) zone.size += 1
    if (isCounted && !isReady) zone.notReady += 1
    return true
  }

  /** Whether the node is ready, as the next look sees it. True if that is new. */
  setReady(row: NodeRow, isReady: boolean): boolean {
    const place = this.#places.get(row)
    if (place === undefined || place.isReady === isReady) return false
    place.isReady = isReady
    if (place.isCounted) place.zone.notReady += isReady ? -1 : 1
    return place.isCounted
  }

  /** The node is gone. */
  leave(row: NodeRow): void {
    const place = this.#places.get(row)
    if (place === undefined) return
    this.#places.delete(row)
    this.#depart(row, place, true)
  }

  /** The node is to be tainted. One that was, and still is, does not wait again. */
  enqueue(row: NodeRow, isTainted: boolean): void {
    const zone = this.#places.get(row)?.zone
    if (zone === undefined || zone.waiting.has(row) || (isTainted && zone.known.has(row))) return
    zone.stale.delete(row)
    zone.known.add(row)
    zone.waiting.add(row)
  }

  /** The node is ready: it is not to be tainted. */
  dequeue(row: NodeRow): void {
    const zone = this.#places.get(row)?.zone
    zone?.known.delete(row)
    zone?.waiting.delete(row)
  }

  /** Whether the node waits, or has got its taint through the queue. */
  isKnown(row: NodeRow): boolean {
    return this.#places.get(row)?.zone.known.has(row) === true
  }

  /** Sets each zone's rate by its state; when every zone is lost, the control plane doubts itself and taints nobody. */
  judge(now: Micros): Disruption {
    const counted = [...this.#zones.values()].filter((zone) => zone.size > 0)
    const wasAll = this.#isAllDisrupted
    const states = counted.map(({ size, notReady }) =>
      computeZoneState(size - notReady, notReady, this.#options.unhealthyThreshold),
    )
    this.#isAllDisrupted = states.length > 0 && states.every((state) => state === 'FullDisruption')
    counted.forEach((zone, index) => {
      const state = states[index] as ZoneState
      const rate = this.#isAllDisrupted ? 0 : taintingRate(state, zone.size, this.#options)
      if (zone.state !== state || wasAll !== this.#isAllDisrupted) zone.limiter.setRate(rate, now)
      zone.state = state
    })
    if (wasAll === this.#isAllDisrupted) return 'unchanged'
    return wasAll ? 'left' : 'entered'
  }

  /** When the next node that waits can be tainted; `NEVER` when none can. */
  nextAt(now: Micros): Micros {
    let next = NEVER
    for (const { waiting, stale, limiter } of this.#zones.values()) {
      if (waiting.size + stale.size > 0) next = Math.min(next, limiter.nextAt(now))
    }
    return next
  }

  /** Nodes whose turn it is. */
  *take(now: Micros): Generator<NodeRow> {
    for (const zone of this.#zones.values()) {
      while (zone.waiting.size + zone.stale.size > 0 && zone.limiter.take(now)) {
        const [stale] = zone.stale
        if (stale !== undefined) zone.stale.delete(stale)
        else yield zone.waiting.draw(() => this.#random.stream(`node-lifecycle/queue/${zone.key}`))
      }
    }
  }

  #newZone(key: string): Zone {
    const zone: Zone = {
      key,
      members: 0,
      size: 0,
      notReady: 0,
      known: new Set(),
      waiting: new WaitingNodes(),
      stale: new Set(),
      limiter: new TokenBucket(this.#options.evictionRate),
      state: 'Normal',
    }
    this.#zones.set(key, zone)
    return zone
  }

  /** The node no longer counts as it did; a zone is forgotten with its last node. */
  #depart(row: NodeRow, { zone, isCounted, isReady }: Place, isElsewhere: boolean): void {
    zone.members -= 1
    if (isCounted) zone.size -= 1
    if (isCounted && !isReady) zone.notReady -= 1
    // The real one forgets the zone, and begins anew with what is left of it.
    if (zone.size === 0) {
      zone.state = 'Normal'
      zone.limiter = new TokenBucket(this.#options.evictionRate)
    }
    if (!isElsewhere) return
    if (zone.waiting.delete(row)) zone.stale.add(row)
    zone.known.delete(row)
    if (zone.members === 0) this.#zones.delete(zone.key)
  }
}

/** Nodes without labels of place are a zone of their own. */
function zoneKeyOf({ metadata }: Node): string {
  const region = metadata?.labels?.['topology.kubernetes.io/region'] ?? ''
  const zone = metadata?.labels?.['topology.kubernetes.io/zone'] ?? ''
  return `${region}:${zone}`
}
