import type { ContainerImage } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import type { Handler, Simulation } from '../../engine/simulation.ts'

/** How often a kubelet looks at its node's status (kubelet v1.37, `nodeStatusUpdateFrequency`). */
const STATUS_EVERY: Micros = 10 * SECOND
/** Most images that a status names (kubelet v1.37, `nodeStatusMaxImages`). */
const IMAGES_MAX = 50

/** Writes the images of nodes to their status, with the next one after a change: the largest first. */
export class ImageReport {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #imagesOf: (node: NodeRow) => readonly ContainerImage[]
  readonly #reports: (node: NodeRow) => boolean
  readonly #due = new Set<NodeRow>()
  /** Nodes that could not say what has changed. */
  readonly #unsaid = new Set<NodeRow>()
  readonly #write: Handler

  constructor(
    sim: Simulation,
    api: ApiServer,
    nodes: {
      readonly imagesOf: (node: NodeRow) => readonly ContainerImage[]
      readonly reports: (node: NodeRow) => boolean
    },
  ) {
    this.#sim = sim
    this.#api = api
    this.#imagesOf = nodes.imagesOf
    this.#reports = nodes.reports
    this.#write = sim.handler('images/report', (node) => this.#onWrite(node as NodeRow))
  }

  /** The images of a node have changed. */
  changed(node: NodeRow): void {
    if (this.#due.has(node)) return
    this.#due.add(node)
    const next = (Math.floor(this.#sim.now / STATUS_EVERY) + 1) * STATUS_EVERY
    this.#sim.at(next, this.#write, node)
  }

  /** The node can say again what has changed. */
  connected(node: NodeRow): void {
    if (this.#unsaid.delete(node)) this.changed(node)
  }

  #onWrite(row: NodeRow): void {
    this.#due.delete(row)
    if (!this.#reports(row)) {
      this.#unsaid.add(row)
      return
    }
    const node = this.#api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const images = this.#imagesOf(row).toSorted((one, other) => (other.sizeBytes ?? 0) - (one.sizeBytes ?? 0))
    this.#api.nodes.update({ ...node, status: { ...node.status, images: images.slice(0, IMAGES_MAX) } })
  }
}
