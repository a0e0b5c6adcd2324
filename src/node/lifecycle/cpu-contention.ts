import type { NodeRow } from '../../cluster/rows.ts'
import { cpuShares, shareCpu } from './node-cpu.ts'

/** A running container that somebody said the cpu use of. */
export interface CpuUser {
  /** Millicores that it wants. */
  readonly wanted: number
  readonly limit: number | undefined
  readonly request: number
  /** Told what it gets, in millicores, when that changes. */
  readonly give: (milli: number) => void
}

/** What contention needs to know of nodes. */
export interface CpuNodes {
  /** Millicores of the machine. */
  readonly capacity: (node: NodeRow) => number
  /** Millicores that all running pods of the node asked for. */
  readonly requested: (node: NodeRow) => number
  /** Whether a change of what pods asked for is to be told of. */
  readonly watch: (node: NodeRow, isWatched: boolean) => void
}

interface NodeUsers {
  readonly users: Map<CpuUser, number>
  demand: number
  requests: number
  isCrowded: boolean
}

/**
 * Shares the cpu of each node among the containers whose use is known. All others use what they asked for, which nobody can
 * take from them, as requests never exceed the machine.
 *
 * Shares are made anew only on a node where more is wanted than there is, and when it gets there or comes back from it.
 */
export class CpuContention {
  readonly #nodes: CpuNodes
  readonly #users = new Map<NodeRow, NodeUsers>()

  constructor(nodes: CpuNodes) {
    this.#nodes = nodes
  }

  /** A container starts. */
  join(node: NodeRow, user: CpuUser): void {
    let there = this.#users.get(node)
    if (there === undefined) {
      there = { users: new Map(), demand: 0, requests: 0, isCrowded: false }
      this.#users.set(node, there)
      this.#nodes.watch(node, true)
    }
    there.users.set(user, -1)
    there.demand += demandOf(user)
    there.requests += user.request
    this.#share(node, there, user)
  }

  /** A container ends. */
  leave(node: NodeRow, user: CpuUser): void {
    const there = this.#users.get(node)
    if (there?.users.delete(user) !== true) return
    there.demand -= demandOf(user)
    there.requests -= user.request
    if (there.users.size === 0) {
      this.#users.delete(node)
      this.#nodes.watch(node, false)
    } else this.#share(node, there, undefined)
  }

  /** What the other pods of the node asked for has changed. */
  changed(node: NodeRow): void {
    const there = this.#users.get(node)
    if (there !== undefined) this.#share(node, there, undefined)
  }

  /** Millicores that the containers of a node whose use is known get, and what they asked for. O(those containers). */
  usedOn(node: NodeRow): { readonly given: number; readonly requests: number } {
    const there = this.#users.get(node)
    if (there === undefined) return { given: 0, requests: 0 }
    let given = 0
    for (const milli of there.users.values()) given += Math.max(0, milli)
    return { given, requests: there.requests }
  }

  #share(node: NodeRow, there: NodeUsers, newcomer: CpuUser | undefined): void {
    const others = Math.max(0, this.#nodes.requested(node) - there.requests)
    const capacity = Math.max(0, this.#nodes.capacity(node) - others)
    const isCrowded = there.demand > capacity
    if (!isCrowded && !there.isCrowded) {
      if (newcomer !== undefined) give(there, newcomer, demandOf(newcomer))
      return
    }
    there.isCrowded = isCrowded
    const users = [...there.users.keys()]
    const claims = users.map((user) => ({ weight: cpuShares(user.request), demand: demandOf(user) }))
    const given = shareCpu(claims, capacity)
    users.forEach((user, index) => give(there, user, given[index] ?? 0))
  }
}

function give(there: NodeUsers, user: CpuUser, milli: number): void {
  if (there.users.get(user) === milli) return
  there.users.set(user, milli)
  user.give(milli)
}

function demandOf({ wanted, limit }: CpuUser): number {
  return limit === undefined ? wanted : Math.min(wanted, limit)
}
