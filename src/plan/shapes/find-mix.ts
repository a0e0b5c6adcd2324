import { searchFewest } from '../compaction/compact-search.ts'
import type { Solver } from '../solver.ts'
import type { PricedShape } from './choose-shapes.ts'
import { judgeMix } from './judge-mix.ts'
import type { JudgeSetting, MixVerdict } from './judge-mix.ts'
import { countBound, hasEnough, relaxedMix, shapeProblem, unplaceablePod } from './shape-bound.ts'
import type { ShapeProblem } from './shape-bound.ts'
import { hourlyCost, mixText } from './shape-mix.ts'
import type { ShapeMix } from './shape-mix.ts'

/** How mixes are looked for. */
export interface MixSearchSetting extends JudgeSetting {
  readonly shapes: readonly PricedShape[]
  /** Different shapes in the answer at most. */
  readonly shapesMax: number
  readonly nodesMax: number
  /** Simulations at most that look for a cheaper mix once there is one. */
  readonly triesMax: number
  /** Numbers of nodes above each answer that are tried besides. */
  readonly verified: number
  readonly solver: Solver
  /** Hears of each simulation. */
  readonly onTried?: (tried: number, mix: ShapeMix, holds: boolean) => void
  /** Hears within a simulation how far it is, in words. */
  readonly onTrying?: (tried: number, mix: ShapeMix, text: string) => void
}

/** A mix that was simulated. */
export interface JudgedMix extends MixVerdict {
  readonly mix: ShapeMix
  /** US dollars an hour. */
  readonly hourly: number
}

/** What was found out of one shape alone. */
export interface ShapeResult {
  readonly shape: PricedShape
  /** Proven fewest nodes; undefined when there is no proof. */
  readonly bound: number | undefined
  /** The least count and its next smaller; undefined where there is none. */
  readonly answer: JudgedMix | undefined
  /** `found`; `dearer`: even its bound costs more than what is known; `too-small`: some pod does not fit; `none` up to the most nodes; `interrupted`: not known. */
  readonly outcome: 'found' | 'dearer' | 'too-small' | 'none' | 'interrupted'
  /** What the most nodes fail at, where they were tried in vain. */
  readonly most: JudgedMix | undefined
  readonly anomalies: number
}

/** The answer to a plan. */
export interface MixAnswer {
  /** The cheapest mix that meets all objectives; undefined where none was found. */
  readonly best: JudgedMix | undefined
  /** What is next smaller, a node of one of its shapes less each: all fail. */
  readonly smaller: readonly JudgedMix[]
  /** US dollars an hour: proven least cost; undefined where the objectives allow of no proof. */
  readonly bound: number | undefined
  readonly shapes: readonly ShapeResult[]
  /** Pod that no shape takes, in words, where nothing was found. */
  readonly unplaceable: string | undefined
  /** Simulations. */
  readonly tried: number
  readonly interrupted: boolean
}

/** Finds the least count of one shape, or the cheapest mix of several. */
export async function findMix(setting: MixSearchSetting): Promise<MixAnswer> {
  const search = new MixSearch(setting)
  return search.answer()
}

/** Demand in the relaxation over the real one, until a mix passes simulation: what cannot be cut needs more. */
const DEMANDS = [1, 1.01, 1.02, 1.04, 1.08, 1.16, 1.32, 1.64, 2.28]

/** One search: what it has simulated, and the best so far. */
class MixSearch {
  readonly #setting: MixSearchSetting
  readonly #known = new Map<string, MixVerdict>()
  readonly #isProvable: boolean
  readonly #shapeProblem: ShapeProblem
  #best: JudgedMix | undefined
  #isStopped = false

  constructor(setting: MixSearchSetting) {
    this.#setting = setting
    this.#isProvable = setting.objectives.some(({ kind }) => kind === 'all-scheduled')
    this.#shapeProblem = shapeProblem(setting.shapes, setting, setting.nodesMax)
  }

  async answer(): Promise<MixAnswer> {
    const { workload, shapesMax } = this.#setting
    const unplaceable = unplaceablePod(this.#shapeProblem, workload)
    if (this.#isProvable && unplaceable !== undefined) return { ...this.#ended([]), unplaceable }
    const shapes = await this.#singleShapes()
    if (shapesMax > 1 && !this.#isStopped) await this.#mixes()
    const answer = this.#ended(shapes, await this.#smaller())
    return answer.best === undefined ? { ...answer, unplaceable } : answer
  }

  #ended(shapes: readonly ShapeResult[], smaller: readonly JudgedMix[] = []): MixAnswer {
    const best = this.#best
    const interrupted = this.#isStopped
    const bound = this.#costBound(shapes)
    return { best, smaller, bound, shapes, unplaceable: undefined, tried: this.#known.size, interrupted }
  }

  /** Of one shape: the least cost of the bounds of all. Of a mix: the relaxation. */
  #costBound(shapes: readonly ShapeResult[]): number | undefined {
    const { shapesMax, nodesMax, solver } = this.#setting
    if (!this.#isProvable) return undefined
    if (shapesMax > 1)
      return relaxedMix(this.#shapeProblem, { shapesMax, nodesMax, demand: 1 }, solver)?.bound
    const costs = shapes.flatMap(({ shape, bound }) => (bound === undefined ? [] : [shape.price * bound]))
    return costs.length === 0 ? undefined : Math.min(...costs)
  }

  /** Simulates a mix, once; undefined when it was interrupted. */
  async #judge(mix: ShapeMix): Promise<MixVerdict | undefined> {
    const key = mixText(mix)
    const before = this.#known.get(key)
    if (before !== undefined) return before
    if (mix.every(({ count }) => count === 0)) {
      return { holds: false, verdicts: [{ objective: '', holds: false, evidence: 'there are no nodes' }] }
    }
    const verdict = await judgeMix(mix, {
      ...this.#setting,
      onProgress: (text) => this.#setting.onTrying?.(this.#known.size, mix, text),
    })
    if (verdict === undefined) {
      this.#isStopped = true
      return undefined
    }
    this.#known.set(key, verdict)
    this.#setting.onTried?.(this.#known.size, mix, verdict.holds)
    const hourly = hourlyCost(mix)
    if (verdict.holds && hourly < (this.#best?.hourly ?? Number.POSITIVE_INFINITY)) {
      this.#best = { mix, hourly, ...verdict }
    }
    return verdict
  }

  /** Each shape alone, those first that may be cheapest. */
  async #singleShapes(): Promise<readonly ShapeResult[]> {
    const { shapes } = this.#setting
    const bounds = shapes.map((shape) => {
      const bound = this.#isProvable ? countBound(this.#shapeProblem, shape) : 1
      return { shape, bound, least: (bound ?? Number.POSITIVE_INFINITY) * shape.price }
    })
    bounds.sort((one, other) => one.least - other.least || (one.shape.name < other.shape.name ? -1 : 1))
    const results: ShapeResult[] = []
    for (const { shape, bound, least } of bounds) {
      if (this.#isStopped) break
      results.push(await this.#singleShape(shape, bound, least))
    }
    return results
  }

  async #singleShape(shape: PricedShape, bound: number | undefined, least: number): Promise<ShapeResult> {
    const { nodesMax, verified } = this.#setting
    const proven = this.#isProvable ? bound : undefined
    const nothing = { shape, bound: proven, answer: undefined, anomalies: 0, most: undefined }
    if (bound === undefined) return { ...nothing, outcome: 'too-small' }
    if (bound > nodesMax) return { ...nothing, outcome: 'none' }
    if (least >= (this.#best?.hourly ?? Number.POSITIVE_INFINITY)) return { ...nothing, outcome: 'dearer' }
    const judge = async (count: number): Promise<boolean | undefined> =>
      (await this.#judge([{ shape, count }]))?.holds
    const found = await searchFewest(judge, { bound, most: nodesMax, verified })
    if (found === undefined) return { ...nothing, outcome: 'interrupted' }
    const count = found.machines
    const mix = [{ shape, count: count ?? nodesMax }]
    const verdict = await this.#judge(mix)
    if (verdict === undefined) return { ...nothing, outcome: 'interrupted' }
    const judged = { mix, hourly: hourlyCost(mix), ...verdict }
    if (count === undefined) return { ...nothing, outcome: 'none', most: judged }
    return { ...nothing, answer: judged, outcome: 'found', anomalies: found.anomalies }
  }

  /** From relaxed mixes with more and more room, then node by node. */
  async #mixes(): Promise<void> {
    const { shapesMax, nodesMax, solver } = this.#setting
    for (const demand of DEMANDS) {
      const relaxed = relaxedMix(this.#shapeProblem, { shapesMax, nodesMax, demand }, solver)
      if (relaxed === undefined) break
      if (relaxed.mix === undefined) continue
      if (hourlyCost(relaxed.mix) >= (this.#best?.hourly ?? Number.POSITIVE_INFINITY)) break
      const verdict = await this.#judge(relaxed.mix)
      if (verdict === undefined) return
      if (verdict.holds) break
    }
    await this.#improve()
  }

  /** Takes nodes away, or changes one for a cheaper one, as long as that passes. */
  async #improve(): Promise<void> {
    const from = this.#known.size
    for (let improved = true; improved;) {
      improved = false
      const best = this.#best
      if (best === undefined) return
      for (const mix of this.#neighbours(best.mix)) {
        if (this.#known.size - from >= this.#setting.triesMax) return
        if (hourlyCost(mix) >= best.hourly) continue
        const verdict = await this.#judge(mix)
        if (verdict === undefined) return
        if (!verdict.holds) continue
        improved = true
        break
      }
    }
  }

  /** Cheaper mixes one step away: the largest savings first. */
  #neighbours(mix: ShapeMix): readonly ShapeMix[] {
    const { shapesMax } = this.#setting
    const used = mix.filter(({ count }) => count > 0)
    const dropped = used.map(({ shape }) => added(used, shape, -1))
    const candidates = this.#shapeProblem.shapes
    const changed = used.flatMap(({ shape }) =>
      candidates
        .filter((other) => other.price < shape.price)
        .map((other) => added(added(used, shape, -1), other, 1))
        .filter((other) => other.length <= shapesMax),
    )
    return [...dropped, ...changed]
      .filter((other) => !this.#isProvable || hasEnough(this.#shapeProblem, other))
      .toSorted((one, other) => hourlyCost(one) - hourlyCost(other))
  }

  /** The answer with a node of one of its shapes less, each. */
  async #smaller(): Promise<readonly JudgedMix[]> {
    const best = this.#best
    if (best === undefined || this.#isStopped) return []
    const smaller: JudgedMix[] = []
    for (const { shape } of best.mix) {
      const mix = added(best.mix, shape, -1)
      const verdict = await this.#judge(mix)
      if (verdict !== undefined) smaller.push({ mix, hourly: hourlyCost(mix), ...verdict })
    }
    return smaller
  }
}

/** A mix with some nodes of a shape more, or less. */
function added(mix: ShapeMix, shape: PricedShape, more: number): ShapeMix {
  const isThere = mix.some((one) => one.shape === shape)
  const changed = mix.map((one) => (one.shape === shape ? { shape, count: one.count + more } : one))
  return [...changed, ...(isThere ? [] : [{ shape, count: more }])].filter(({ count }) => count > 0)
}
