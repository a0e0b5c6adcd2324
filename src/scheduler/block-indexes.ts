import { BlockIndex } from './block-index.ts'
import type { ScanAsk, ScanGround, ScanResult } from './kernel-scan.ts'
import type { KinPlan } from './kin-plans.ts'
import type { NodeView } from './node-view.ts'
import type { PodClass } from './pod-class.ts'

/** Asks for a class before it gets an index: what comes once or twice is scanned for. */
const ASKS_MIN = 3
/** Most indexes. */
const INDEXES_MAX = 1024
/** Nodes that all indexes may have together: 4 bytes each. */
const CELLS_MAX = 16_000_000
/** An index gives way to one that is asked for so many times as often. */
const STALER = 4

/** What is known of a class that is asked for. */
interface Slot {
  podClass: PodClass
  plan: KinPlan
  asks: number
  /** Changes of nodes between two asks: a mean over the last ones. */
  gap: number
  /** Changes of nodes when it was asked for last. */
  askedAt: number
  /** The order of nodes then. */
  order: Int32Array
  /** Changes of Node objects that its index knows of. */
  staticEpoch: number
  index: BlockIndex | undefined
  ask: ScanAsk | undefined
}

/**
 * Indexes of classes that are asked for again and again, as long as fewer nodes change between two asks than a scan
 * would look at. A class has one place, by its size or its template; who comes to it later takes it.
 */
export class BlockIndexes {
  readonly #nodes: NodeView
  readonly #byPlace: (Slot | undefined)[] = []
  readonly #byTemplate: (Slot | undefined)[] = []
  readonly #indexed = new Set<Slot>()

  constructor(nodes: NodeView) {
    this.#nodes = nodes
  }

  /** What the index of a class chooses; undefined where a scan for `limit` nodes costs less. `askOf` is for a new one. */
  choose(
    subject: { readonly podClass: PodClass; readonly plan: KinPlan },
    { ground, start, limit }: { readonly ground: ScanGround; readonly start: number; readonly limit: number },
    askOf: () => ScanAsk | undefined,
  ): ScanResult | undefined {
    const { changed, staticEpoch } = this.#nodes
    const slot = this.#slotOf(subject, ground.order)
    const nodeCount = ground.order.length
    const gap = slot.order === ground.order ? changed.count - slot.askedAt : nodeCount
    slot.asks += 1
    slot.askedAt = changed.count
    slot.order = ground.order
    // The mean over the last asks: an index that is left behind now and then costs more than none.
    slot.gap += slot.asks === 1 ? gap : (gap - slot.gap) / 8
    // A total that is taken alone costs up to three times what it costs in a scan.
    if (slot.asks < ASKS_MIN || slot.gap * 3 > limit) return undefined
    // The cluster may have grown since.
    if (slot.index !== undefined && this.#indexed.size > indexesMax(nodeCount)) this.#close(slot)
    if (slot.index === undefined && !this.#open(slot, nodeCount)) return undefined
    slot.ask ??= askOf()
    const { index, ask } = slot
    if (index === undefined || ask === undefined) return undefined
    if (slot.staticEpoch !== staticEpoch) {
      slot.staticEpoch = staticEpoch
      if (subject.plan.objects.comparesNodes) index.forget()
    }
    index.follow(ask, ground, changed)
    return index.choose(ground, start, limit)
  }

  #slotOf(
    { podClass, plan }: { readonly podClass: PodClass; readonly plan: KinPlan },
    order: Int32Array,
  ): Slot {
    const { place, template } = podClass.shape
    const slots = place < 0 ? this.#byTemplate : this.#byPlace
    const at = place < 0 ? template : place
    const slot = slots[at]
    if (slot === undefined) {
      const made = {
        podClass,
        plan,
        order,
        asks: 0,
        gap: 0,
        askedAt: 0,
        staticEpoch: -1,
        index: undefined,
        ask: undefined,
      }
      slots[at] = made
      return made
    }
    if (slot.podClass !== podClass || slot.plan !== plan) {
      this.#close(slot)
      slot.podClass = podClass
      slot.plan = plan
      slot.asks = 0
      slot.gap = 0
    }
    return slot
  }

  /** Whether the class gets an index: there is room, or one that is hardly asked for leaves. */
  #open(slot: Slot, nodeCount: number): boolean {
    if (this.#indexed.size >= indexesMax(nodeCount)) {
      let oldest = slot
      for (const other of this.#indexed) if (other.askedAt < oldest.askedAt) oldest = other
      if (this.#nodes.changed.count - oldest.askedAt <= STALER * slot.gap) return false
      this.#close(oldest)
    }
    slot.index = new BlockIndex()
    slot.staticEpoch = this.#nodes.staticEpoch
    this.#indexed.add(slot)
    return true
  }

  #close(slot: Slot): void {
    slot.index = undefined
    slot.ask = undefined
    this.#indexed.delete(slot)
  }
}

function indexesMax(nodeCount: number): number {
  return Math.min(INDEXES_MAX, CELLS_MAX / nodeCount)
}
