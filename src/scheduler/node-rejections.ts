import type { NodeIndex } from './framework/node-columns.ts'
import type { Rejection } from './framework/verdict.ts'
import type { PluginIndex } from './profile.ts'

/** Why each node was rejected in the present cycle; beginning another one forgets all at once. */
export class NodeRejections {
  #cycle = 0
  readonly #inCycle: number[] = []
  readonly #by: PluginIndex[] = []
  readonly #rejections: (Rejection | undefined)[] = []

  begin(): void {
    this.#cycle += 1
  }

  keep(node: NodeIndex, by: PluginIndex, rejection: Rejection): void {
    this.#inCycle[node] = this.#cycle
    this.#by[node] = by
    this.#rejections[node] = rejection
  }

  /** Undefined for a node that was not rejected in this cycle. */
  of(node: NodeIndex): Rejection | undefined {
    return this.#inCycle[node] === this.#cycle ? this.#rejections[node] : undefined
  }

  /** Who rejected the node; meaningful where `of` is. */
  by(node: NodeIndex): PluginIndex {
    return this.#by[node] ?? -1
  }
}
