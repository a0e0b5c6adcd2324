import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import { replicaCounts } from './replica-counts.ts'
import type { CountedWorkload, ReplicaCounts } from './replica-counts.ts'
import type { RowWriter } from './row-writer.ts'

/** Rows up to which each change is told; and after which, each time, the span doubles in which a workload has one row. */
export const REPLICA_ROWS_EACH = 100_000

/** The kind under which all nodes of the cluster are counted. */
const NODES = 'Node'
/** A span that ends with the instant that it begins at. */
const INSTANT: Micros = 1

/** What a row says. */
interface Row {
  /** Undefined for nodes: nothing says how many there should be. */
  readonly desired: number | undefined
  readonly current: number
  readonly ready: number
}

/** What rows tell of: a workload, the jobs of a CronJob together, or the nodes. */
interface Counted {
  readonly namespace: string
  readonly kind: string
  readonly name: string
  now: Row
  /** The last row; undefined where there was none. */
  written: Row | undefined
  /** Objects that it is the sum of. */
  objects: number
  isChanged: boolean
}

/** What an object adds to its workload. */
interface Part {
  readonly counted: Counted
  readonly counts: ReplicaCounts
}

const NOTHING: ReplicaCounts = { desired: 0, current: 0, ready: 0 }

/**
 * Writes replicas.csv: a row for each workload that at the end of an instant wants, has, or has ready another number of pods than
 * its last row says, and for the nodes.
 *
 * A change costs O(1); a run without workloads pays for a look at the kind of each object written. The table is bounded: after
 * `REPLICA_ROWS_EACH` rows a workload has at most one row in each `interval`, with its state at the interval's end, and after each
 * as many rows again the interval doubles. So the table grows with the logarithm of the run's length, beside two rows of each
 * workload.
 */
export class ReplicaTable {
  readonly #table: RowWriter
  readonly #interval: Micros
  readonly #rowsEach: number
  readonly #parts = new Map<string, Part>()
  readonly #workloads = new Map<string, Counted>()
  /** Kinds of which there were workloads. */
  readonly #kinds = new Set<string>()
  readonly #nodes = newCounted({ namespace: '', kind: NODES, name: '' })
  /** What has changed since rows were written, in order of its first change. */
  #changed: Counted[] = []
  /** End of the span in which that was, at which it is told. */
  #due: Micros = 0
  #span = INSTANT
  /** Rows there were when the span became what it is. */
  #rowsBefore = 0

  /** `rowsEach` stands for `REPLICA_ROWS_EACH`. */
  constructor(table: RowWriter, interval: Micros, rowsEach = REPLICA_ROWS_EACH) {
    assert(interval > 0, 'a report interval is 0')
    this.#table = table
    this.#interval = interval
    this.#rowsEach = rowsEach
  }

  /** Hears of a write of any object; times ascend. */
  written(change: WrittenObject, now: Micros): void {
    const workload = replicaCounts(change)
    if (workload === undefined && !this.#kinds.has(change.kind)) return
    const key = `${change.kind}/${change.key}`
    const part = this.#parts.get(key)
    const counted = part?.counted ?? (workload && this.#workloadOf(workload, change))
    if (counted === undefined) return
    this.#passTo(now)
    const counts = workload?.counts ?? NOTHING
    if (workload === undefined) this.#parts.delete(key)
    else this.#parts.set(key, { counted, counts })
    counted.objects += (workload === undefined ? 0 : 1) - (part === undefined ? 0 : 1)
    this.#change(counted, changed(counted.now, part?.counts ?? NOTHING, counts), now)
  }

  /** There are so many nodes, and so many of them Ready, from now on. */
  nodesChanged(counts: Omit<ReplicaCounts, 'desired'>, now: Micros): void {
    this.#passTo(now)
    this.#change(this.#nodes, { desired: undefined, ...counts }, now)
  }

  /** The run ends: tells what has changed last. */
  close(now: Micros): void {
    this.#due = Math.min(this.#due, now)
    this.#tell()
  }

  #workloadOf({ kind, name }: CountedWorkload, change: WrittenObject): Counted {
    this.#kinds.add(change.kind)
    const namespace = change.object?.metadata?.namespace ?? ''
    const key = `${kind}/${namespace}/${name}`
    const known = this.#workloads.get(key)
    if (known !== undefined) return known
    const counted = newCounted({ namespace, kind, name })
    this.#workloads.set(key, counted)
    return counted
  }

  /** Tells what has changed by the end of a span that is over. */
  #passTo(now: Micros): void {
    if (now > this.#due) this.#tell()
  }

  #change(counted: Counted, row: Row, now: Micros): void {
    counted.now = row
    if (counted.isChanged) return
    counted.isChanged = true
    if (this.#changed.push(counted) === 1) this.#due = Math.ceil(now / this.#span) * this.#span
  }

  #tell(): void {
    if (this.#changed.length === 0) return
    for (const counted of this.#changed) {
      counted.isChanged = false
      const isGone = counted.objects === 0 && counted !== this.#nodes
      if (isGone) this.#workloads.delete(`${counted.kind}/${counted.namespace}/${counted.name}`)
      // What came and went within the span was never there for anybody.
      if (isGone && counted.written === undefined) continue
      if (!isSame(counted.now, counted.written)) this.#writeRow(counted)
    }
    this.#changed = []
    if (this.#table.rowCount - this.#rowsBefore < this.#rowsEach) return
    this.#rowsBefore = this.#table.rowCount
    this.#span = this.#span === INSTANT ? this.#interval : this.#span * 2
  }

  #writeRow(counted: Counted): void {
    const table = this.#table
    table.seconds(this.#due)
    table.text(counted.namespace)
    table.text(counted.kind)
    table.text(counted.name)
    table.optional(counted.now.desired)
    table.number(counted.now.current)
    table.number(counted.now.ready)
    table.endRow()
    counted.written = counted.now
  }
}

function newCounted(workload: Pick<Counted, 'namespace' | 'kind' | 'name'>): Counted {
  return { ...workload, now: NOTHING, written: undefined, objects: 0, isChanged: false }
}

/** A sum in which one part is another now. */
function changed({ desired = 0, current, ready }: Row, from: ReplicaCounts, to: ReplicaCounts): Row {
  return {
    desired: desired + to.desired - from.desired,
    current: current + to.current - from.current,
    ready: ready + to.ready - from.ready,
  }
}

function isSame(one: Row, other: Row | undefined): boolean {
  return one.desired === other?.desired && one.current === other?.current && one.ready === other?.ready
}
