import type { CategoryColumn } from '../../table/category-column.ts'
import { readRows } from '../../table/read-table.ts'
import type { Placements } from './placements.ts'

/** Workloads that a page tells apart; pods of more are of one, the last. */
export const WORKLOADS_MAX = 1000
const OTHERS = 'other workloads'

/** A number, or a hash of a template, at the end of a name. */
const LAST_PART = /-[^-]+$/

/**
 * The workload of each pod, by names: that of its owner; of a ReplicaSet's pods the Deployment, of a Job's the CronJob, where
 * workloads.csv has such a one; of tasks and pods without an owner what their names begin with, before numbers.
 */
export async function workloadColumn(
  directory: string,
  { table, rows }: Placements,
  kept: ArrayLike<number>,
): Promise<CategoryColumn> {
  const rowsOfWorkloads = await readRows(directory, 'workloads.csv')
  const known = new Set(rowsOfWorkloads.map(({ kind, name }) => `${kind} ${name}`))
  const places = new Map<string, number>()
  const ofOwner = new Map<string, number>()
  const indexes = Uint32Array.from(kept, (pod) => {
    const row = rows[pod] ?? 0
    const kind = table.ownerKind.values[table.ownerKind.indexes[row] ?? 0] ?? ''
    const owner = kind === '' ? table.name.at(row) : table.owner.at(row)
    const key = `${kind} ${owner}`
    const place = ofOwner.get(key)
    if (place !== undefined) return place
    const name = workloadOf(kind, owner, known)
    const found = places.get(name) ?? places.size
    places.set(name, found)
    ofOwner.set(key, found)
    return found
  })
  return bounded([...places.keys()], indexes)
}

function workloadOf(kind: string, owner: string, known: ReadonlySet<string>): string {
  const above = owner.replace(LAST_PART, '')
  switch (kind) {
    case 'ReplicaSet':
      return known.has(`Deployment ${above}`) ? above : owner
    case 'Job':
      return known.has(`CronJob ${above}`) ? above : owner
    case 'Task':
    case '':
      return owner.slice(0, stemLength(owner)) || owner
    default:
      return owner
  }
}

/** Letters of a task's name before the numbers that end it, as in `batch-17-r2`: which one of its kind, which replacement. */
function stemLength(name: string): number {
  let end = name.length
  for (;;) {
    let at = end
    while (at > 0 && isDigit(name.charCodeAt(at - 1))) at -= 1
    if (at === end) return end
    if (name[at - 1] === 'r' && isSeparator(name[at - 2])) at -= 1
    if (isSeparator(name[at - 1])) at -= 1
    end = at
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isSeparator(letter: string | undefined): boolean {
  return letter === '-' || letter === '_' || letter === '.'
}

/** The workloads with most pods keep their names, in the order in which they came. */
function bounded(values: readonly string[], indexes: Uint32Array): CategoryColumn {
  if (values.length <= WORKLOADS_MAX) return { values, indexes }
  const counts = new Uint32Array(values.length)
  for (const index of indexes) counts[index] = (counts[index] ?? 0) + 1
  const largest = [...values.keys()].toSorted((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0))
  const kept = largest.slice(0, WORKLOADS_MAX - 1).toSorted((one, other) => one - other)
  const places = new Map(kept.map((value, place) => [value, place]))
  return {
    values: [...kept.map((value) => values[value] ?? ''), OTHERS],
    indexes: indexes.map((index) => places.get(index) ?? kept.length),
  }
}
