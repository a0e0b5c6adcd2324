import type {
  AllocationResult,
  DeviceClass,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import { unresolvable } from '../../src/scheduler/framework/index.ts'
import type { ClusterView, NodeColumns, NodeIndex, Rejection } from '../../src/scheduler/framework/index.ts'
import type { AllocatedDevices } from './allocated-devices.ts'
import { allocationOf, checkNodeSelector } from './allocation-results.ts'
import { reasonAgainst } from './allocator.ts'
import { claimBook } from './claim-book.ts'
import { ClaimShapes } from './claim-shapes.ts'
import { changesOf, deviceReaches } from './device-reach.ts'
import type { DeviceReach, DeviceReaches } from './device-reach.ts'
import { resultName } from './device-requests.ts'
import { DeviceSearch } from './device-search.ts'
import type { ClaimSolution } from './device-search.ts'
import { preferenceOf } from './preference-score.ts'
import { ReadRequests, SearchMemory } from './search-memory.ts'

/** Asks and reaches whose answers are kept, all together. */
const ANSWERS_MAX = 1_000_000
/** Fewest asks that are kept. */
const ASKS_MIN = 64

/** The devices for some claims, the same on every node within a reach. */
export interface FoundDevices {
  /** One for each claim, in order. */
  readonly solutions: readonly ClaimSolution[]
  /** What the alternatives count that were taken (`preference-score.ts`). */
  readonly preference: number
}

/** What a node has for some claims, or why it will not do. */
export type NodeAnswer = FoundDevices | Rejection

/** Claims that want devices, with what is known of nodes for claims of their shapes. */
export interface DeviceAsk {
  readonly claims: readonly ResourceClaim[]
  readonly kept: KeptAnswers
}

/** Who reaches which devices, and what searches left for each reach: as long as slices and classes stay as they are. */
interface Era {
  readonly reaches: DeviceReaches
  readonly requests: ReadRequests
  readonly searches: (SearchMemory | undefined)[]
  readonly asks: Map<string, KeptAnswers>
}

/** Answers by reach, each with the changes of the reach that it was given at. */
interface KeptAnswers {
  readonly era: Era
  readonly answers: (NodeAnswer | undefined)[]
  readonly changes: number[]
}

/** How often an answer was known, how often devices were searched for, and how many pools those searches passed over. */
export interface Remembered {
  readonly kept: number
  readonly searched: number
  readonly passedOver: number
}

/** Feature gates that the allocator heeds. */
export interface AllocatorGates {
  /** Whether attributes of devices may be lists: DRAListTypeAttributes. */
  readonly hasLists: boolean
  /** Whether ranges of capacities may be counted in thousandths: DRAFractionalCapacityRange. */
  readonly hasFractions: boolean
}

type DeviceColumns = Pick<NodeColumns, 'name' | 'labels'>

/**
 * The fast path of the allocator. Which devices claims get follows from their shapes, from the devices within reach and
 * from which of these are taken; so an answer holds for all pods with such claims, and for all nodes with this reach,
 * until a device within reach changes hands. Answers as `allocateOn` does. Errors are found anew each time: they name the
 * claim.
 */
export class AllocationMemory {
  readonly #cluster: ClusterView
  readonly #gates: AllocatorGates
  readonly #shapes = new ClaimShapes()
  readonly #remembered = { kept: 0, searched: 0, passedOver: 0 }
  readonly #allocated: AllocatedDevices
  #classRevision = -1
  #era: Era | undefined

  constructor(cluster: ClusterView, gates: AllocatorGates) {
    this.#cluster = cluster
    this.#gates = gates
    this.#allocated = claimBook(cluster).allocated
  }

  get remembered(): Remembered {
    return this.#remembered
  }

  /** Begins to ask for some claims, as the cluster stands. */
  ask(claims: readonly ResourceClaim[]): DeviceAsk {
    const era = this.#eraNow()
    const key = claims.map((claim) => this.#shapes.of(claim)).join()
    let kept = era.asks.get(key)
    if (kept === undefined) {
      const asksMax = Math.max(ASKS_MIN, Math.floor(ANSWERS_MAX / Math.max(1, era.reaches.count)))
      if (era.asks.size >= asksMax) era.asks.clear()
      kept = { era, answers: [], changes: [] }
      era.asks.set(key, kept)
    }
    return { claims, kept }
  }

  /** What a node has for the claims. Throws `AllocationError` as the allocator does. */
  answer({ claims, kept }: DeviceAsk, node: NodeIndex, nodes: DeviceColumns): NodeAnswer {
    const reach = kept.era.reaches.of(node, nodes)
    const changes = changesOf(reach)
    const { ordinal } = reach
    const known = kept.answers[ordinal]
    if (known !== undefined && kept.changes[ordinal] === changes) {
      this.#remembered.kept += 1
      return known
    }
    this.#remembered.searched += 1
    const found = this.#search(claims, kept.era, reach, {
      name: nodes.name(node),
      labels: nodes.labels(node),
    })
    kept.answers[ordinal] = found
    kept.changes[ordinal] = changes
    return found
  }

  /** The allocations of an ask's claims on a node, from what was found there. */
  allocations(
    { claims }: DeviceAsk,
    { solutions }: FoundDevices,
    nodeName: string,
  ): readonly AllocationResult[] {
    return claims.flatMap((claim, place) => {
      const solution = solutions[place]
      return solution === undefined ? [] : [allocationOf({ ...solution, claim }, nodeName)]
    })
  }

  #search(
    claims: readonly ResourceClaim[],
    era: Era,
    reach: DeviceReach,
    node: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
  ): NodeAnswer {
    const { pools, ordinal } = reach
    const shapeOf = (claim: ResourceClaim): number => this.#shapes.of(claim)
    const memory = (era.searches[ordinal] ??= new SearchMemory(reach, era.requests, shapeOf))
    const search = new DeviceSearch(claims, {
      node,
      pools,
      allocated: this.#allocated,
      hasLists: this.#gates.hasLists,
      hasFractions: this.#gates.hasFractions,
      deviceClass: (name) => this.#cluster.object('DeviceClass', name) as DeviceClass | undefined,
      memory,
    })
    const solutions = search.run()
    this.#remembered.passedOver += search.passedOver
    if (solutions === undefined) return unresolvable(reasonAgainst(pools))
    for (const solution of solutions) checkNodeSelector(solution)
    return { solutions, preference: solutions.reduce((sum, solution) => sum + preferenceIn(solution), 0) }
  }

  /** Follows claims; begins anew when a slice, a taint rule or a class was written. */
  #eraNow(): Era {
    claimBook(this.#cluster).refresh()
    const reaches = deviceReaches(this.#cluster)
    const classRevision = this.#cluster.revisionOf('DeviceClass')
    if (this.#era?.reaches === reaches && this.#classRevision === classRevision) return this.#era
    this.#classRevision = classRevision
    this.#era = { reaches, requests: new ReadRequests(), searches: [], asks: new Map() }
    return this.#era
  }
}

const memories = new WeakMap<ClusterView, AllocationMemory[]>()

/** The memory of a cluster under some feature gates. */
export function allocationMemory(
  cluster: ClusterView,
  { hasLists, hasFractions }: AllocatorGates,
): AllocationMemory {
  let ofCluster = memories.get(cluster)
  if (ofCluster === undefined) {
    ofCluster = []
    memories.set(cluster, ofCluster)
  }
  return (ofCluster[Number(hasLists) + 2 * Number(hasFractions)] ??= new AllocationMemory(cluster, {
    hasLists,
    hasFractions,
  }))
}

function preferenceIn({ claim, devices }: ClaimSolution): number {
  return preferenceOf(claim, new Set(devices.map(({ request }) => resultName(request))))
}
