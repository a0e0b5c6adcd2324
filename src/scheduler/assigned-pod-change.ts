import type { NodeRows } from '../cluster/node-rows.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PlacedShape, PodShapes } from './pod-shapes.ts'

/** A pod on a node, and what is to know of both. */
export interface AssignedPod {
  /** Its shape, or that of another size of its template. */
  readonly base: PlacedShape
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly node: NodeRow
}

/** A pod came to a node, or left it. Its shape and the node's name are made when somebody asks, which few do. */
export class AssignedPodChange {
  readonly type: 'assigned-pod-added' | 'assigned-pod-deleted'
  readonly #assigned: AssignedPod
  readonly #shapes: PodShapes
  readonly #nodeRows: NodeRows

  constructor(
    type: AssignedPodChange['type'],
    assigned: AssignedPod,
    names: { readonly shapes: PodShapes; readonly api: { readonly nodeRows: NodeRows } },
  ) {
    this.type = type
    this.#assigned = assigned
    this.#shapes = names.shapes
    this.#nodeRows = names.api.nodeRows
  }

  get pod(): PlacedShape {
    const { base, cpu, memory } = this.#assigned
    return base.isSized ? this.#shapes.sizedShape(base, cpu, memory) : base
  }

  /** The node, for those who know it by its row. */
  get nodeRow(): NodeRow {
    return this.#assigned.node
  }

  get node(): string {
    return this.#nodeRows.nameOf(this.#assigned.node)
  }
}
