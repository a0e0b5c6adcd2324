import type { Value } from './draws.ts'
import type { FuzzCase } from './fuzz-case.ts'

/** Whether a case fails in the same way as the one that is made smaller. */
export type StillFails = (candidate: FuzzCase) => Promise<boolean>

/** A case that is as small as it got. */
export interface ShrunkCase {
  readonly fuzzCase: FuzzCase
  /** Candidates that were tried. */
  readonly tries: number
}

/** Bounds on the search for a smaller case. */
export interface ShrinkOptions {
  /** Most candidates tried. */
  readonly triesMax: number
  readonly signal: AbortSignal
}

/** Parts of a case that are lists, those first whose items depend on no others. */
const LISTS = ['failures', 'actions', 'tasks', 'objects', 'nodes'] as const

/** Fields of a workload and of its pods that it can do without. */
const DROPPABLE = [
  ['affinity', 'topologySpreadConstraints', 'tolerations', 'nodeSelector', 'initContainers'],
  ['priorityClassName', 'terminationGracePeriodSeconds'],
].flat()

/**
 * Makes a failing case smaller as long as it fails: leaves out items of its lists by halves, then quarters, then one by one
 * (delta debugging), its settings, fields of its pods; has fewer nodes and replicas; again until nothing helps.
 *
 * Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002, section 3.2 (`ddmin`), with
 * complements only.
 */
export async function shrinkCase(
  start: FuzzCase,
  stillFails: StillFails,
  { triesMax, signal }: ShrinkOptions,
): Promise<ShrunkCase> {
  let best = start
  let tries = 0
  const accept = async (candidate: FuzzCase): Promise<boolean> => {
    if (tries >= triesMax || signal.aborted) return false
    tries += 1
    if (!(await stillFails(candidate))) return false
    best = candidate
    return true
  }
  for (let before: FuzzCase | undefined; before !== best && tries < triesMax && !signal.aborted;) {
    before = best
    for (const list of LISTS) await shrinkList(() => best, list, accept)
    for (const key of Object.keys(best.settings)) {
      await accept({ ...best, settings: without(best.settings, key) })
    }
    await shrinkNumbers(() => best, accept)
    await shrinkPods(() => best, accept)
  }
  return { fuzzCase: best, tries }
}

/** Leaves out parts of a list, smaller ones as nothing comes of larger ones. */
async function shrinkList(
  best: () => FuzzCase,
  list: (typeof LISTS)[number],
  accept: StillFails,
): Promise<void> {
  for (let size = best()[list].length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < best()[list].length;) {
      const items: readonly unknown[] = best()[list]
      const fewer = [...items.slice(0, from), ...items.slice(from + size)]
      const isTaken = (list !== 'nodes' || fewer.length > 0) && (await accept({ ...best(), [list]: fewer }))
      if (!isTaken) from += size
    }
  }
}

/** Fewer nodes of each template, fewer replicas of each workload, and a run that is over sooner. */
async function shrinkNumbers(best: () => FuzzCase, accept: StillFails): Promise<void> {
  for (let index = 0; index < best().nodes.length; index++) {
    await lower(
      1,
      () => countOf(best().nodes[index]),
      (count) => {
        const template = { ...(best().nodes[index]?.['template'] as Value), count }
        return accept({ ...best(), nodes: best().nodes.with(index, { template }) })
      },
    )
  }
  for (let index = 0; index < best().objects.length; index++) {
    await lower(
      0,
      () => replicasOf(best().objects[index]),
      (replicas) => {
        const object = best().objects[index] as Value
        const changed = { ...object, spec: { ...(object['spec'] as Value), replicas } }
        return accept({ ...best(), objects: best().objects.with(index, changed) })
      },
    )
  }
  const sooner = Math.max(1, Math.floor(best().until / 2))
  if (sooner < best().until) await accept({ ...best(), until: sooner })
}

/** Halves a number as long as that is accepted, then takes one away. */
async function lower(
  lowest: number,
  value: () => number,
  accept: (value: number) => Promise<boolean>,
): Promise<void> {
  for (let isLower = true; isLower && value() > lowest;) {
    isLower = await accept(Math.max(lowest, Math.floor(value() / 2)))
  }
  if (value() > lowest) await accept(value() - 1)
}

function countOf(item: Value | undefined): number {
  return Number((item?.['template'] as Value | undefined)?.['count'] ?? 1)
}

function replicasOf(object: Value | undefined): number {
  return Number((object?.['spec'] as Value | undefined)?.['replicas'] ?? 0)
}

/** Leaves out fields of pods, one by one. */
async function shrinkPods(best: () => FuzzCase, accept: StillFails): Promise<void> {
  for (let index = 0; index < best().objects.length; index++) {
    for (const field of DROPPABLE) {
      const object = best().objects[index] as Value
      const changed = withoutPodField(object, field)
      if (changed !== object) await accept({ ...best(), objects: best().objects.with(index, changed) })
    }
  }
}

/** The object with the field left out of each pod spec in it; the same one when it has no such field. */
function withoutPodField(object: Value, field: string): Value {
  if (Array.isArray(object['containers'])) return field in object ? without(object, field) : object
  let changed = object
  for (const key of ['spec', 'template', 'jobTemplate']) {
    const inner = object[key]
    if (typeof inner !== 'object' || inner === null) continue
    const smaller = withoutPodField(inner as Value, field)
    if (smaller !== inner) changed = { ...changed, [key]: smaller }
  }
  return changed
}

function without(value: Value, key: string): Value {
  const { [key]: _left, ...rest } = value
  return rest
}
