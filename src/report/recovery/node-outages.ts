import type { Micros } from '../../base/time.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import { API_SERVER_CAUSES } from '../../node/machine.ts'
import type { FailureRecord } from '../sources.ts'
import { covers, hidesPods, newOutage } from './outage.ts'
import type { Ailment, Outage } from './outage.ts'

const SHUTTING_DOWN = 'shuttingDown'
const NONE: readonly Outage[] = Object.freeze([])

/** The outages of all nodes, and which of them last. */
export class NodeOutages {
  readonly #byNode = new Map<NodeRow, Outage[]>()
  readonly #open = new Map<NodeRow, Outage[]>()
  /** Pods that run while others have their names: since when, and the outage that hides them. */
  readonly #splits = new Map<string, { readonly outage: Outage; readonly at: Micros }>()
  #livingCount = 0

  /** Whether the pods of any node live on with what ails it. */
  get areAnyLiving(): boolean {
    return this.#livingCount > 0
  }

  begin(
    node: NodeRow,
    { ailment, cause }: { readonly ailment: Ailment; readonly cause: string },
    at: Micros,
  ): Outage {
    const outage = newOutage(ailment, cause, at)
    const known = this.#byNode.get(node)
    if (known === undefined) this.#byNode.set(node, [outage])
    else known.push(outage)
    const open = this.#open.get(node)
    if (open === undefined) this.#open.set(node, [outage])
    else open.push(outage)
    if (ailment !== 'down') this.#livingCount += 1
    return outage
  }

  /** A node says that it shuts down: nobody has to detect that. */
  shutDown(node: NodeRow, at: Micros): void {
    if (this.#open.get(node)?.some(({ ailment }) => ailment === SHUTTING_DOWN) === true) return
    this.begin(node, { ailment: SHUTTING_DOWN, cause: `${SHUTTING_DOWN}/${node}/${at}` }, at).detectedAt = at
  }

  /** The machine of a node that shut down, or was to go by this cause, is off; undefined for one of which nobody knew. */
  switchedOff(node: NodeRow, by: string): Outage | undefined {
    const outage = this.#open
      .get(node)
      ?.find(({ ailment, cause }) => ailment === SHUTTING_DOWN || (ailment === 'noticed' && cause === by))
    if (outage === undefined) return undefined
    outage.ailment = 'down'
    this.#livingCount -= 1
    return outage
  }

  /** An outage is over: that with the cause, where one is given; undefined when there was none. */
  end(node: NodeRow, ailment: Ailment, at: Micros, cause?: string): Outage | undefined {
    const open = this.#open.get(node) ?? []
    const outage = open.find((one) => one.ailment === ailment && (cause ?? one.cause) === one.cause)
    if (outage === undefined) return undefined
    outage.endedAt = at
    if (ailment !== 'down') this.#livingCount -= 1
    const others = open.filter((one) => one !== outage)
    if (others.length === 0) this.#open.delete(node)
    else this.#open.set(node, others)
    if (this.#isIdle(outage)) this.#forget(node, outage)
    return outage
  }

  /** Whether nothing came of an outage, which is no failure's own: a short fault of the control plane has one for each node. */
  #isIdle(outage: Outage): boolean {
    const { cause, lost, detectedAt, splitBrain } = outage
    if (!API_SERVER_CAUSES.has(cause) || lost.length > 0 || detectedAt !== undefined || splitBrain > 0)
      return false
    for (const split of this.#splits.values()) if (split.outage === outage) return false
    return true
  }

  #forget(node: NodeRow, outage: Outage): void {
    const others = this.#byNode.get(node)?.filter((one) => one !== outage) ?? []
    if (others.length === 0) this.#byNode.delete(node)
    else this.#byNode.set(node, others)
  }

  /** The control plane noticed that the node does not answer. */
  detected(node: NodeRow, at: Micros): void {
    for (const outage of this.#open.get(node) ?? NONE) {
      if (hidesPods(outage.ailment)) outage.detectedAt ??= at
    }
  }

  /** The node got the taint that evicts its pods, or, with undefined, lost it. */
  tainted(node: NodeRow, at: Micros | undefined): void {
    for (const outage of this.#open.get(node) ?? NONE) {
      if (!hidesPods(outage.ailment)) continue
      outage.taintedAt = at === undefined ? undefined : (outage.taintedAt ?? at)
    }
  }

  /** A pod of a node runs while another has its name; `id` tells this from other times. */
  splitBegan(id: string, node: NodeRow, at: Micros): void {
    const outage = this.hiding(node)
    if (outage !== undefined) this.#splits.set(id, { outage, at })
  }

  /** One of both has ended. */
  splitEnded(id: string, at: Micros): void {
    const split = this.#splits.get(id)
    if (split === undefined) return
    this.#splits.delete(id)
    split.outage.splitBrain += at - split.at
  }

  /** The run is over. */
  close(at: Micros): void {
    for (const id of [...this.#splits.keys()]) this.splitEnded(id, at)
  }

  /** What ails a node and hides its pods from the control plane; undefined for nothing. */
  hiding(node: NodeRow): Outage | undefined {
    return this.#open.get(node)?.find(({ ailment }) => hidesPods(ailment))
  }

  /**
   * What takes a pod of a node whose pods live on: faults that hide it, as long as there is any, whatever else ails the node; else what its
   * kubelet and its probes see.
   */
  taking(node: NodeRow): readonly Outage[] {
    const open = this.#open.get(node)
    if (open === undefined) return NONE
    const hiding = open.filter(({ ailment }) => hidesPods(ailment))
    return hiding.length === 0 ? open : hiding.filter(({ ailment }) => ailment !== 'down')
  }

  /**
   * The outages of a failure: of each of its nodes the one that it caused, or that lasted as it struck; both where the node was down already
   * as its notice was over.
   */
  of({ id, model, nodes, startedAt, strikesAt = startedAt, effect }: FailureRecord): readonly Outage[] {
    const ailment = effect?.kind ?? 'down'
    const cause = `${model}/${id}`
    return nodes.flatMap((node) => {
      const known = this.#byNode.get(node) ?? NONE
      const own = known.filter((outage) => outage.cause === cause)
      if (own.some((outage) => outage.ailment === ailment)) return own
      const other = known.find((outage) => outage.ailment === ailment && covers(outage, strikesAt))
      return other === undefined ? own : [...own, other]
    })
  }

  /** All outages but those of which nothing came, by node in order of its first. */
  all(): readonly Outage[] {
    return [...this.#byNode.values()].flat()
  }
}
