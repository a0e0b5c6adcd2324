import { tableRows } from './table-rows.ts'

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

/** Pods in two runs. Holds the pods of the first, a short text each; O(pods). */
export function podDifferences(a: string, b: string): PodDifferences {
  const left = new Map<string, string>()
  const leftCounts = new Map<string, number>()
  const rightCounts = new Map<string, number>()
  for (const row of tableRows(a, 'pods.csv')) {
    left.set(keyOf(row, leftCounts), fateText(row))
  }
  const counts = { common: 0, onlyInB: 0, otherNode: 0, otherBoundTime: 0, otherOutcome: 0 }
  const first = new FirstPod()
  for (const row of tableRows(b, 'pods.csv')) {
    const key = keyOf(row, rightCounts)
    const inA = left.get(key)
    const inB = fateText(row)
    if (inA === undefined) {
      counts.onlyInB += 1
      first.see(key, undefined, fateOf(inB))
      continue
    }
    left.delete(key)
    counts.common += 1
    if (inA === inB) continue
    const one = fateOf(inA)
    const other = fateOf(inB)
    if (one.outcome !== other.outcome) counts.otherOutcome += 1
    if (one.node !== other.node) counts.otherNode += 1
    else if (one.boundSeconds !== other.boundSeconds) counts.otherBoundTime += 1
    else continue
    first.see(key, one, other)
  }
  for (const [key, inA] of left) first.see(key, fateOf(inA), undefined)
  return { ...counts, onlyInA: left.size, first: first.found }
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

function fateText(row: (column: 'bound_s' | 'node' | 'outcome') => string): string {
  return `${row('bound_s')},${row('node')},${row('outcome')}`
}

function fateOf(text: string): PodFate {
  const [bound = '', node = '', outcome = ''] = text.split(',')
  return { boundSeconds: bound === '' ? undefined : Number(bound), node, outcome }
}

/** Tells apart pods of one name that came one after another, as a StatefulSet's do. */
function keyOf(
  row: (column: 'namespace' | 'name' | 'attempt') => string,
  counts: Map<string, number>,
): string {
  const key = `${row('namespace')}/${row('name')} ${row('attempt')}`
  const count = counts.get(key) ?? 0
  counts.set(key, count + 1)
  return count === 0 ? key : `${key} ${count}`
}
