/** Completion indexes from `first` to `last`, both of them included. */
export interface IndexInterval {
  readonly first: number
  readonly last: number
}

/** A set of completion indexes: intervals in order that neither overlap nor touch. */
export type IndexSet = readonly IndexInterval[]

/**
 * Reads a set of indexes as `status.completedIndexes` has it, `1,3-5,7`; those from `completions` on are left out.
 *
 * Source: kube-controller-manager v1.37, job/indexed_job_utils.go `parseIndexesFromString`.
 */
export function parseIndexes(text: string | undefined, completions: number): IndexSet {
  if (text === undefined || text === '') return []
  const result: { first: number; last: number }[] = []
  for (const part of text.split(',')) {
    if (!/^\d+(-\d+)?$/.test(part)) continue
    const [first = 0, end] = part.split('-').map(Number)
    if (first >= completions) break
    const last = Math.min(end ?? first, completions - 1)
    const previous = result.at(-1)
    if (previous !== undefined && previous.last === first - 1) previous.last = last
    else result.push({ first, last })
  }
  return result
}

/** The text of a set of indexes; two neighbours are named one by one. */
export function formatIndexes(indexes: IndexSet): string {
  return indexes
    .map(({ first, last }) => {
      if (first === last) return String(first)
      return last === first + 1 ? `${first},${last}` : `${first}-${last}`
    })
    .join(',')
}

/** Both sets in one. */
export function mergedIndexes(one: IndexSet, other: IndexSet): IndexSet {
  const result: { first: number; last: number }[] = []
  const sorted = [...one, ...other].sort((left, right) => left.first - right.first)
  for (const { first, last } of sorted) {
    const previous = result.at(-1)
    if (previous === undefined || first > previous.last + 1) result.push({ first, last })
    else if (previous.last < last) previous.last = last
  }
  return result
}

/** The set with single indexes added. */
export function withIndexes(indexes: IndexSet, added: readonly number[]): IndexSet {
  return mergedIndexes(
    indexes,
    added.map((index) => ({ first: index, last: index })),
  )
}

/** How many indexes are in the set. */
export function countIndexes(indexes: IndexSet): number {
  return indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

/** Whether an index is in the set; O(log intervals). */
export function hasIndex(indexes: IndexSet, index: number): boolean {
  let low = 0
  let high = indexes.length
  while (high > low) {
    const middle = Math.floor((low + high) / 2)
    if ((indexes[middle] as IndexInterval).last >= index) high = middle
    else low = middle + 1
  }
  const found = indexes[high]
  return found !== undefined && found.first <= index
}

/** The first `count` indexes below `completions` that are not in `taken`, in order. */
export function firstFreeIndexes(taken: IndexSet, count: number, completions: number): number[] {
  const result: number[] = []
  let candidate = 0
  for (const { first, last } of [...taken, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && result.length < count; candidate++)
      result.push(candidate)
    candidate = Math.max(candidate, last + 1)
  }
  return result
}

/** How many indexes are in both sets. */
export function countCommonIndexes(one: IndexSet, other: IndexSet): number {
  let count = 0
  let i = 0
  let j = 0
  while (i < one.length && j < other.length) {
    const left = one[i] as IndexInterval
    const right = other[j] as IndexInterval
    count += Math.max(0, Math.min(left.last, right.last) - Math.max(left.first, right.first) + 1)
    if (left.last <= right.last) i += 1
    if (right.last <= left.last) j += 1
  }
  return count
}
