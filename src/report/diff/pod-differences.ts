import { readColumns, tableBatches } from '../table/read-table.ts'
import type { ReadColumns } from '../table/read-table.ts'
import { requireTable } from '../table/table-file.ts'

/** What became of a pod in one run. */
export interface PodFate {
  /** Seconds of the run; undefined for a pod that was never bound. */
  readonly boundSeconds: number | undefined
  /** Empty for a pod that was never bound. */
  readonly node: string
  readonly outcome: string
}

/** A pod that two runs bound to different nodes, or at different times, or only one of them. */
export interface PodDifference {
  /** `namespace/name`. */
  readonly pod: string
  /** Which of the pods of this name it is, for tasks that were made anew: from 0. */
  readonly attempt: number
  /** Undefined in a run that has no such pod. */
  readonly a: PodFate | undefined
  readonly b: PodFate | undefined
}

/** How many pods fared differently. */
export interface PodDifferences {
  readonly common: number
  readonly onlyInA: number
  readonly onlyInB: number
  /** Bound to other nodes; one that only one run bound is among them. */
  readonly otherNode: number
  readonly otherBoundTime: number
  readonly otherOutcome: number
  /** The first by the earlier of its two times. */
  readonly first: PodDifference | undefined
}

const WANTED = {
  namespace: 'category',
  name: 'text',
  attempt: 'category',
  bound_s: 'number',
  node: 'category',
  outcome: 'category',
} as const

type Pods = ReadColumns<typeof WANTED>

/** Pods in two runs. Holds the columns of the first that say what became of its pods, and their names; O(pods). */
export async function podDifferences(a: string, b: string): Promise<PodDifferences> {
  requireTable(a, 'pods.csv')
  requireTable(b, 'pods.csv')
  const left = new UnmatchedPods(await readColumns(a, 'pods.csv', WANTED))
  const counts = { common: 0, onlyInB: 0, otherNode: 0, otherBoundTime: 0, otherOutcome: 0 }
  const first = new FirstPod()
  for await (const right of tableBatches(b, 'pods.csv', WANTED)) {
    for (let row = 0; row < right.rowCount; row += 1) {
      const key = keyOf(right, row)
      const one = left.take(key)
      const other = fateOf(right, row)
      if (one === undefined) {
        counts.onlyInB += 1
        first.see(key, undefined, other)
        continue
      }
      counts.common += 1
      if (one.outcome !== other.outcome) counts.otherOutcome += 1
      if (one.node !== other.node) counts.otherNode += 1
      else if (one.boundSeconds !== other.boundSeconds) counts.otherBoundTime += 1
      else continue
      first.see(key, one, other)
    }
  }
  let onlyInA = 0
  for (const [key, fate] of left.rest()) {
    onlyInA += 1
    first.see(key, fate, undefined)
  }
  return { ...counts, onlyInA, first: first.found }
}

/** Pods of a run that have not been found in another yet. Of those with one name, as a StatefulSet's have, the first is found first. */
class UnmatchedPods {
  readonly #pods: Pods | undefined
  /** The first row of a key. */
  readonly #rows = new Map<string, number>()
  /** The next row of the same key. */
  readonly #later = new Map<number, number>()

  constructor(pods: Pods | undefined) {
    this.#pods = pods
    if (pods === undefined) return
    for (let row = pods.rowCount - 1; row >= 0; row -= 1) {
      const key = keyOf(pods, row)
      const later = this.#rows.get(key)
      if (later !== undefined) this.#later.set(row, later)
      this.#rows.set(key, row)
    }
  }

  take(key: string): PodFate | undefined {
    const row = this.#rows.get(key)
    if (this.#pods === undefined || row === undefined) return undefined
    const later = this.#later.get(row)
    if (later === undefined) this.#rows.delete(key)
    else this.#rows.set(key, later)
    return fateOf(this.#pods, row)
  }

  *rest(): Generator<readonly [key: string, fate: PodFate], void, undefined> {
    if (this.#pods === undefined) return
    for (const [key, first] of this.#rows) {
      for (let row: number | undefined = first; row !== undefined; row = this.#later.get(row)) {
        yield [key, fateOf(this.#pods, row)]
      }
    }
  }
}

/** Finds the pod that was bound first, of those that differ. */
class FirstPod {
  found: PodDifference | undefined
  #at = Infinity
  #key = ''

  see(key: string, a: PodFate | undefined, b: PodFate | undefined): void {
    const at = Math.min(a?.boundSeconds ?? Infinity, b?.boundSeconds ?? Infinity)
    const isFirst = this.found === undefined || at < this.#at || (at === this.#at && key < this.#key)
    if (!isFirst) return
    const [pod = '', attempt = ''] = key.split(' ')
    this.found = { pod, attempt: Number(attempt), a, b }
    this.#at = at
    this.#key = key
  }
}

function fateOf({ columns }: Pods, row: number): PodFate {
  const { bound_s, node, outcome } = columns
  const bound = bound_s[row] ?? Number.NaN
  return {
    boundSeconds: Number.isNaN(bound) ? undefined : bound,
    node: node.values[node.indexes[row] ?? 0] ?? '',
    outcome: outcome.values[outcome.indexes[row] ?? 0] ?? '',
  }
}

/** The name of a pod, and which of those that were made anew it is. */
function keyOf({ columns }: Pods, row: number): string {
  const { namespace, name, attempt } = columns
  const namespaceText = namespace.values[namespace.indexes[row] ?? 0] ?? ''
  const attemptText = attempt.values[attempt.indexes[row] ?? 0] ?? ''
  return `${namespaceText}/${name.at(row)} ${attemptText}`
}
