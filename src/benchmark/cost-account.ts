import type { CostPlace } from './cost-place.ts'
import type { SampledCalls } from './cpu-profiler.ts'
import type { CodePlace } from './source-places.ts'

/** Samples of one part of a component. */
export interface PartCost extends CostPlace {
  readonly samples: number
}

/** A function in a tree of calls, with the samples of it and of what it called. */
export interface CallCost extends CostPlace {
  readonly name: string
  samples: number
  readonly callees: Map<string, CallCost>
}

/** Where a run spent its time, counted in samples. */
export interface CostAccount {
  /** Looks that found the thread busy. */
  readonly samples: number
  /** Time that they stand for, by the clock. */
  readonly busySeconds: number
  /** Dearest first. */
  readonly parts: readonly PartCost[]
  readonly calls: CallCost
}

/** What V8 calls the stack of an idle program; such samples are no cost. */
const IDLE = '(idle)'
const COLLECTOR = '(garbage collector)'
const GC: CostPlace = { component: 'gc', part: 'garbage collector' }
const OTHER: CostPlace = { component: 'other', part: 'program' }

/**
 * Puts each sample down to the innermost function that has a place: what serves others, down to Node's own functions,
 * costs its caller.
 */
export function accountFor(
  calls: SampledCalls,
  placeOf: (code: CodePlace) => CostPlace | undefined,
): CostAccount {
  const nodes = new Map(calls.nodes.map((node) => [node.id, node]))
  const parts = new Map<string, { place: CostPlace; samples: number }>()
  const root: CallCost = { ...OTHER, name: 'all', samples: 0, callees: new Map() }
  let samples = 0

  /** Samples of the function and of what it calls. */
  const visit = (id: number, from: CostPlace, into: CallCost): number => {
    const node = nodes.get(id)
    if (node === undefined || node.callFrame.functionName === IDLE) return 0
    const { functionName } = node.callFrame
    const place = functionName === COLLECTOR ? GC : (placeOf(node.callFrame) ?? from)
    const call = id === calls.nodes[0]?.id ? into : calleeOf(into, functionName || '(anonymous)', place)
    const own = node.hitCount ?? 0
    const key = `${place.component}/${place.part}`
    const part = parts.get(key)
    if (part === undefined) parts.set(key, { place, samples: own })
    else part.samples += own
    samples += own
    const below = (node.children ?? []).reduce((sum, child) => sum + visit(child, place, call), 0)
    call.samples += own + below
    return own + below
  }

  const [first] = calls.nodes
  if (first !== undefined) visit(first.id, OTHER, root)
  const sorted = [...parts.values()]
    .map(({ place, samples: count }): PartCost => ({ ...place, samples: count }))
    .filter((part) => part.samples > 0)
    .toSorted((one, other) => other.samples - one.samples || (one.part < other.part ? -1 : 1))
  return { samples, busySeconds: busySeconds(calls), parts: sorted, calls: root }
}

function busySeconds({ nodes, samples = [], timeDeltas = [] }: SampledCalls): number {
  const idle = nodes.find((node) => node.callFrame.functionName === IDLE)?.id
  const micros = timeDeltas.reduce((sum, delta, index) => sum + (samples[index] === idle ? 0 : delta), 0)
  return micros / 1e6
}

function calleeOf(caller: CallCost, name: string, place: CostPlace): CallCost {
  const key = `${name} ${place.component}/${place.part}`
  let callee = caller.callees.get(key)
  if (callee === undefined) {
    callee = { ...place, name, samples: 0, callees: new Map() }
    caller.callees.set(key, callee)
  }
  return callee
}
