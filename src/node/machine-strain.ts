import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'

/** What a machine still gives of what it has, from above 0 up to 1. */
export interface Speed {
  /** Share of its CPU: containers get that much of its cores. */
  readonly cpu: number
  /** Share of the throughput of its disk: images and containers take that much longer to be there. */
  readonly disk: number
  /** Share of its bandwidth: pulls of images take that much longer. */
  readonly network: number
}

const WHOLE: Speed = Object.freeze({ cpu: 1, disk: 1, network: 1 })

/** How fast machines are, and what fills their disks besides pods and images: a machine that fails slowly. */
export class MachineStrain {
  readonly #sim: Simulation
  readonly #causes = new Map<NodeRow, Map<string, Speed>>()
  readonly #speeds = new Map<NodeRow, Speed>()
  readonly #fillings = new Map<NodeRow, Map<string, number>>()
  readonly #watchers: PayloadHandler<NodeRow>[] = []

  constructor(sim: Simulation) {
    this.#sim = sim
  }

  /** The machine's speed: of several causes the slowest of each. */
  speedOf(row: NodeRow): Speed {
    return this.#speeds.get(row) ?? WHOLE
  }

  /** Share of the node's disk that is taken by nobody that Kubernetes knows of, from 0 to 1. */
  diskTaken(row: NodeRow): number {
    let taken = 0
    for (const share of this.#fillings.get(row)?.values() ?? []) taken += share
    return Math.min(1, taken)
  }

  /** Makes the machine slower, on behalf of a cause; what is left out stays whole. */
  slow(row: NodeRow, speed: Partial<Speed>, cause: string): void {
    const causes = this.#causes.get(row) ?? new Map<string, Speed>()
    this.#causes.set(row, causes.set(cause, { ...WHOLE, ...speed }))
    this.#changed(row)
  }

  /** Ends what a cause did to the machine's speed. */
  recover(row: NodeRow, cause: string): void {
    const causes = this.#causes.get(row)
    if (causes?.delete(cause) !== true) return
    if (causes.size === 0) this.#causes.delete(row)
    this.#changed(row)
  }

  /** Takes a share of the machine's disk, on behalf of a cause. */
  fillDisk(row: NodeRow, share: number, cause: string): void {
    const fillings = this.#fillings.get(row) ?? new Map<string, number>()
    this.#fillings.set(row, fillings.set(cause, share))
    this.#tell(row)
  }

  /** Gives back what a cause has taken of the machine's disk. */
  emptyDisk(row: NodeRow, cause: string): void {
    const fillings = this.#fillings.get(row)
    if (fillings?.delete(cause) !== true) return
    if (fillings.size === 0) this.#fillings.delete(row)
    this.#tell(row)
  }

  /** Tells a component of machines whose speed or disk has changed, as an event of its own, in the same instant. */
  watch(name: string, hear: (row: NodeRow) => void): void {
    this.#watchers.push(this.#sim.payloadHandler(`machine-strain/${name}`, hear))
  }

  #changed(row: NodeRow): void {
    const causes = this.#causes.get(row)
    if (causes === undefined) this.#speeds.delete(row)
    else this.#speeds.set(row, [...causes.values()].reduce(slower))
    this.#tell(row)
  }

  #tell(row: NodeRow): void {
    for (const watcher of this.#watchers) this.#sim.afterWith(0, watcher, row)
  }
}

function slower(one: Speed, other: Speed): Speed {
  return {
    cpu: Math.min(one.cpu, other.cpu),
    disk: Math.min(one.disk, other.disk),
    network: Math.min(one.network, other.network),
  }
}
