import { InvariantError, assert } from '../base/assert.ts'
import type { Node } from '../api/types.generated.ts'
import type { NodeRow } from './rows.ts'

/**
 * Gives each Node object a row, so that pods and components speak of nodes by number.
 *
 * A row is taken when the node is created and stays its own; rows are not used again within a run, so that a pod that
 * was bound to a deleted node never seems bound to another one.
 */
export class NodeRows {
  readonly #rowByName = new Map<string, NodeRow>()
  readonly #lastRowByName = new Map<string, NodeRow>()
  readonly #names: string[] = []
  readonly #nodes: (Node | undefined)[] = []
  #writes = 0

  /** Rows given so far: loops over nodes go below it and skip rows without a node. */
  get used(): number {
    return this.#names.length
  }

  /** Writes of Nodes so far: while it stays, every Node stays the object that it is. */
  get writes(): number {
    return this.#writes
  }

  rowOf(name: string): NodeRow | undefined {
    return this.#rowByName.get(name)
  }

  /** Row of a node that is or was: the newest one under this name. */
  everRowOf(name: string): NodeRow {
    const row = this.#lastRowByName.get(name)
    assert(row !== undefined, () => `no node ${name} was ever created`)
    return row
  }

  nameOf(row: NodeRow): string {
    const name = this.#names[row]
    if (name === undefined) throw new InvariantError(`no node has row ${row}`)
    return name
  }

  /** The stored Node, or undefined when it was deleted. */
  nodeOf(row: NodeRow): Node | undefined {
    return this.#nodes[row]
  }

  /** Called by the API server at every write of a Node. */
  written(name: string, node: Node | undefined): void {
    this.#writes += 1
    const row = this.#rowByName.get(name)
    if (row === undefined) {
      assert(node !== undefined, () => `node ${name} was deleted before it was created`)
      this.#rowByName.set(name, this.#names.length as NodeRow)
      this.#lastRowByName.set(name, this.#names.length as NodeRow)
      this.#names.push(name)
      this.#nodes.push(node)
      return
    }
    this.#nodes[row] = node
    if (node === undefined) this.#rowByName.delete(name)
  }
}
