import { assert } from '../base/assert.ts'
import type { RandomStream } from '../base/random.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { EffectDraw } from './effect.ts'
import type { FailureLog, PlaceLabels } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** Nodes that fail together: those of a domain, or some that were chosen. */
export interface NodeGroup {
  /** For people, and for the group's stream: `zone-a`; empty for one without a name. */
  readonly name: string
  /** Which nodes there are now that could fail. */
  readonly nodes: () => readonly NodeRow[]
  /** Labels that tell its nodes from all others; undefined: none do. */
  readonly place?: PlaceLabels | undefined
}

/** A part of a group's nodes that fails. */
export interface NodePart {
  /** A share of them, at least one. */
  readonly share?: number | undefined
  /** How many, in place of a share. */
  readonly count?: number | undefined
}

/** How groups of nodes fail. */
export interface NodeGroupOptions {
  readonly model: string
  /** Which of several failures of that model it is, from 0. */
  readonly ordinal: number
  readonly occurrence: Occurrence
  readonly effect: EffectDraw
  readonly part: NodePart
}

/** Lets groups of nodes fail, each as one: at an instant, or again and again, each by a stream named after it. */
export function startNodeGroups(
  sim: Simulation,
  log: FailureLog,
  groups: readonly NodeGroup[],
  { model, ordinal, occurrence, effect, part }: NodeGroupOptions,
): void {
  const name = `${model}/${ordinal}`
  const failures = new Occurrences(sim, log, {
    model,
    handlers: { begin: `${name}/begin`, end: `${name}/end` },
    occurrence,
  })
  groups.forEach((group, id) => {
    failures.add({
      id,
      stream: sim.random.stream(group.name === '' ? `failure/${name}` : `failure/${name}/${group.name}`),
      strike(stream) {
        const nodes = drawnPart(group.nodes(), part, stream)
        if (nodes.length === 0) return undefined
        return { nodes, effect: effect(stream), name: group.name, place: placeOf(group, part) }
      },
    })
  })
}

/** The place that fails with a part of a group: its own when that is all of it. */
export function placeOf({ place }: NodeGroup, { share = 1, count }: NodePart): PlaceLabels | undefined {
  return share >= 1 && count === undefined ? place : undefined
}

/** A part of some nodes, drawn without replacement, in their order; nothing is drawn where it is all of them. */
export function drawnPart<Node extends NodeRow | { readonly row: NodeRow }>(
  nodes: readonly Node[],
  { share, count }: NodePart,
  stream: RandomStream,
): readonly Node[] {
  const wanted = count ?? Math.max(1, Math.round((share ?? 1) * nodes.length))
  if (wanted >= nodes.length) return nodes
  const places = nodes.map((_, place) => place)
  for (let i = 0; i < wanted; i++) {
    const j = i + stream.integer(places.length - i)
    const [one, other] = [places[i], places[j]]
    assert(one !== undefined && other !== undefined, () => `no places ${i} and ${j} of ${places.length}`)
    places[i] = other
    places[j] = one
  }
  const drawn = new Set(places.slice(0, wanted))
  return nodes.filter((_, place) => drawn.has(place))
}
