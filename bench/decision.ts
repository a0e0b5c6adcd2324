/**
 * How many decisions a CPU second, as the cluster grows: by ours, by a bare loop with the same formulas, by the definition?
 * Default profile; adaptive sampling or all nodes; 100 sizes of pods or nearly every pod another. A decision is the pod's class,
 * where the scheduler would make one (it places sizes that it has not seen lately without), the search, the scores, the
 * choice, and the pod counted on its node and later off it; no API, no queue.
 */
import type { BenchCase, CaseMaker } from './bench-row.ts'
import { SteadyStream, barePlacer, ourPlacers, placerSetting } from './placers.ts'
import type { Placer, PlacerSetting } from './placers.ts'

/** Nodes looked at in one timed turn, about. */
const NODES_A_TURN = 500_000
/** Share of the cpu that running pods ask for: as in the replay, and where there are too many nodes for that. */
const FULL = 0.7
const HARDLY_FULL = 0.05
/** Cluster and pods whose placements are compared with the definition's before anything is timed. */
const SAMPLE = { nodes: 160, pods: 3000 } as const

/** 100 to 5,000 nodes, sampled and all, few shapes and many; each beside the bare loop. */
export function decisionCases(): CaseMaker[] {
  const sizes = [100, 1_000, 5_000]
  const cases = sizes.flatMap((nodes) =>
    [undefined, 100].flatMap((percentage) =>
      [100, undefined].flatMap((shapes) => pairOf(nodes, percentage, shapes)),
    ),
  )
  return [...cases, definitionCase(100), definitionCase(1_000)]
}

/**
 * 1,000 to 100,000 nodes at default sampling, nearly every pod another size: how much dearer do decisions become? The clusters
 * are hardly full: the largest would take millions of pods.
 */
export function decisionGrowthCases(): CaseMaker[] {
  return [1_000, 10_000, 100_000].flatMap((nodes) => pairOf(nodes, undefined, undefined, HARDLY_FULL))
}

/** Asserts that ours and the bare loop place a sample as the definition does. */
export function checkPlacements(percentage: number | undefined, shapes: number | undefined): void {
  const setting = placerSetting(SAMPLE.nodes, { percentage, shapes })
  const histories = (['fast', 'definition', 'bare'] as const).map((way) => {
    const ours = ourPlacers(setting)
    const stream = new SteadyStream(way === 'bare' ? barePlacer(setting) : ours[way], setting)
    return Array.from({ length: SAMPLE.pods }, () => {
      const node = stream.run(1)
      return way === 'bare' ? (ours.order[node] ?? -1) : node
    })
  })
  const [fast, definition, bare] = histories
  const first = (other: readonly number[] | undefined): number =>
    definition?.findIndex((node, index) => node !== other?.[index]) ?? -1
  if (first(fast) >= 0) throw new Error(`pod ${first(fast)} is placed otherwise than by the definition`)
  if (first(bare) >= 0) throw new Error(`pod ${first(bare)} is placed otherwise by the bare loop`)
}

/**
 * The bare loop, then ours. `percentage` of the nodes are scored, undefined is adaptive; undefined shapes are nearly as
 * many as pods.
 */
export function pairOf(
  nodes: number,
  percentage: number | undefined,
  shapes: number | undefined,
  full = FULL,
): CaseMaker[] {
  const name = nameOf(nodes, percentage, shapes)
  const bare = `${name}, bare loop`
  return [
    () => {
      checkPlacements(percentage, shapes)
      const setting = placerSetting(nodes, { percentage, shapes, full })
      return timed(bare, barePlacer(setting), setting, { slowness: 1 })
    },
    () => {
      const setting = placerSetting(nodes, { percentage, shapes, full })
      return { ...timed(name, ourPlacers(setting).fast, setting, { slowness: 1 }), against: bare }
    },
  ]
}

function definitionCase(nodes: number): CaseMaker {
  return () => {
    const setting = placerSetting(nodes, {})
    const { definition, fast } = ourPlacers(setting)
    const name = `${nameOf(nodes, undefined, undefined)}, definition`
    return timed(name, definition, setting, { slowness: 20, filler: fast })
  }
}

function timed(
  name: string,
  placer: Placer,
  setting: PlacerSetting,
  { slowness, filler }: { readonly slowness: number; readonly filler?: Placer },
): BenchCase {
  const stream = new SteadyStream(placer, setting)
  const units = Math.max(20, Math.ceil(NODES_A_TURN / (setting.nodes * slowness)))
  let isFull = false
  return {
    name,
    unit: 'decisions',
    units,
    run() {
      if (!isFull) stream.fill(filler)
      isFull = true
      stream.run(units)
      if (stream.failed > 0) throw new Error(`${stream.failed} pods found no node`)
    },
  }
}

function nameOf(nodes: number, percentage: number | undefined, shapes: number | undefined): string {
  const search = percentage === undefined ? 'sampled' : 'all nodes'
  return `decision, ${nodes.toLocaleString('en')} nodes, ${search}, ${shapes ?? 'all'} shapes`
}
