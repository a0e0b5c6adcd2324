import type { Container, Node, Pod, PodSpec } from '../api/types.generated.ts'
import { InputError } from '../base/errors.ts'
import type { RandomStream } from '../base/random.ts'
import type { PodRow } from '../cluster/rows.ts'
import { apiPod, uidOf } from './api-pod.ts'
import type { Cycle } from './cycle.ts'
import type { PluginScores } from './scoring.ts'
import type { ExtenderMetaVictims, ExtenderVictims, SchedulerExtender } from './framework/extender.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PreemptionCandidate } from './framework/post-filter.ts'
import { unresolvable, unschedulable } from './framework/verdict.ts'
import type { RowPod } from './pod-shapes.ts'

/** Name under which pods wait that an extender rejected. */
export const EXTENDER = 'Extender'

/** By how much an extender's score is below a plugin's: MaxNodeScore 100 over MaxExtenderPriority 10. */
const SCORE_SCALE = 10
/** Failures in a row after which an extender is taken for broken, and the run ends. */
const FAILURES_IN_A_ROW_MAX = 100
/** Draws that order equal nodes are below this. */
const DRAW_BELOW = 2 ** 52

/** An extender that is not ignorable failed: the attempt to schedule the pod ends with its error. */
export class ExtenderFailure extends Error {
  override name = 'ExtenderFailure'
}

/**
 * The extenders of a scheduler, asked in order: ignorable ones last.
 *
 * Source: Kubernetes v1.37, scheduler/schedule_one.go `findNodesThatPassExtenders` and `prioritizeNodes`, scheduler.go
 * `buildExtenders`, framework/preemption `callExtenders`.
 */
export class Extenders {
  readonly #extenders: readonly SchedulerExtender[]
  readonly #bySpec = new WeakMap<PodSpec, readonly SchedulerExtender[]>()
  readonly #failures = new Map<SchedulerExtender, number>()

  constructor(extenders: readonly SchedulerExtender[] = []) {
    this.#extenders = [
      ...extenders.filter((extender) => extender.ignorable !== true),
      ...extenders.filter((extender) => extender.ignorable === true),
    ]
  }

  /** Whether one of them filters or scores, for whatever pod: then the search is not content with one node. */
  get wantsSeveralNodes(): boolean {
    return this.#extenders.some((one) => one.filter !== undefined || one.prioritize !== undefined)
  }

  /** Whether one of them wants to be asked about pods with this spec. */
  isInterestedIn(spec: PodSpec): boolean {
    return this.#extenders.length > 0 && this.#interested(spec).length > 0
  }

  /** Which of the nodes found pass; the cycle keeps why others do not. Throws `ExtenderFailure`. */
  filter(cycle: Cycle, found: readonly NodeIndex[]): readonly NodeIndex[] {
    let left = found
    for (const extender of this.#interestedIn(cycle)) {
      if (left.length === 0) break
      if (extender.filter === undefined) continue
      const passing = this.#filterBy(extender, cycle, left)
      if (passing !== undefined) left = passing
    }
    if (left.length !== found.length) cycle.noteExtenderRejection()
    return left
  }

  /**
   * Adds the extenders' scores to the totals. Returns a draw for each node found that decides between equal totals, 0
   * for nodes that no extender scored; undefined when no extender is interested.
   */
  prioritize(
    cycle: Cycle,
    found: readonly NodeIndex[],
    totals: number[],
    parts: { readonly ties: RandomStream; readonly details: PluginScores[] | undefined },
  ): readonly number[] | undefined {
    const interested = this.#interestedIn(cycle)
    if (interested.length === 0) return undefined
    const place = new Map(found.map((node, position) => [cycle.cluster.nodes.name(node), position]))
    const isScored = found.map(() => false)
    for (const extender of interested) {
      const given = this.#scoresOf(extender, cycle, found)
      if (given === undefined) continue
      const weight = extender.weight ?? 1
      const raw = found.map(() => 0)
      for (const { host, score } of given) {
        const position = place.get(host)
        if (position === undefined) continue
        isScored[position] = true
        raw[position] = (raw[position] ?? 0) + score
        totals[position] = (totals[position] ?? 0) + score * weight * SCORE_SCALE
      }
      const normalized = raw.map((score) => score * SCORE_SCALE)
      if (extender.prioritize !== undefined)
        parts.details?.push({ plugin: extender.name, raw, normalized, weight })
    }
    return isScored.map((scored) => (scored ? 1 + parts.ties.integer(DRAW_BELOW) : 0))
  }

  /** The candidates of a preemption that the extenders agree to, with the victims that they leave. */
  preempt(cycle: Cycle, candidates: readonly PreemptionCandidate[]): readonly PreemptionCandidate[] {
    let left = candidates
    for (const extender of this.#interestedIn(cycle)) {
      if (left.length === 0) break
      if (extender.preempt === undefined) continue
      const agreed = this.#preemptBy(extender, cycle, left)
      if (agreed !== undefined) left = agreed
    }
    return left
  }

  /** Lets an extender bind the pod; false when none does so for this pod. Throws `ExtenderFailure`. */
  bind(cycle: Cycle, row: PodRow, node: NodeIndex): boolean {
    if (this.#extenders.length === 0) return false
    const { api, nodes } = cycle.cluster
    for (const extender of this.#interested(api.pods.infoOf(row).template.spec)) {
      if (extender.bind === undefined) continue
      const binding = {
        podName: api.pods.nameOf(row),
        podNamespace: api.pods.infoOf(row).template.metadata.namespace,
        podUid: uidOf(api.pods, row),
        node: nodes.name(node),
      }
      if (this.#ask(extender, () => extender.bind?.(binding) ?? true) !== undefined) return true
    }
    return false
  }

  #interestedIn(cycle: Cycle): readonly SchedulerExtender[] {
    return this.#extenders.length === 0 ? [] : this.#interested(cycle.podClass.shape.spec)
  }

  #interested(spec: PodSpec): readonly SchedulerExtender[] {
    let interested = this.#bySpec.get(spec)
    if (interested === undefined) {
      interested = this.#extenders.filter((extender) => isInterested(extender, spec))
      this.#bySpec.set(spec, interested)
    }
    return interested
  }

  #filterBy(
    extender: SchedulerExtender,
    cycle: Cycle,
    nodes: readonly NodeIndex[],
  ): readonly NodeIndex[] | undefined {
    const byName = new Map(nodes.map((node) => [cycle.cluster.nodes.name(node), node]))
    const answer = this.#ask(extender, () => {
      const result = extender.filter?.(podOf(cycle), objectsOf(cycle, nodes))
      const passing = (result?.nodeNames ?? []).map((name) => {
        const node = byName.get(name)
        if (node !== undefined) return node
        const claim = `claims a filtered node ${JSON.stringify(name)} which is not found in the input node list`
        throw new Error(`extender ${JSON.stringify(extender.name)} ${claim}`)
      })
      return { passing, result }
    })
    if (answer === undefined) return undefined
    const { passing, result } = answer
    const final = result?.failedAndUnresolvableNodes ?? {}
    for (const [name, reason] of Object.entries({ ...result?.failedNodes, ...final })) {
      const node = cycle.cluster.nodeNamed(name)
      if (node === undefined) continue
      cycle.rejectByExtender(node, Object.hasOwn(final, name) ? unresolvable(reason) : unschedulable(reason))
    }
    return passing
  }

  /** Undefined when it failed: a failure to score is ignored, as is the extender then. */
  #scoresOf(
    extender: SchedulerExtender,
    cycle: Cycle,
    found: readonly NodeIndex[],
  ): readonly { readonly host: string; readonly score: number }[] | undefined {
    if (extender.prioritize === undefined) {
      return found.map((node) => ({ host: cycle.cluster.nodes.name(node), score: 0 }))
    }
    try {
      const given = extender.prioritize(podOf(cycle), objectsOf(cycle, found))
      return given.every(({ score }) => Number.isSafeInteger(score)) ? given : undefined
    } catch (error) {
      if (error instanceof InputError) throw error
      return undefined
    }
  }

  #preemptBy(
    extender: SchedulerExtender,
    cycle: Cycle,
    candidates: readonly PreemptionCandidate[],
  ): readonly PreemptionCandidate[] | undefined {
    const { api, nodes } = cycle.cluster
    const victims: Record<string, ExtenderVictims> = {}
    for (const { node, victims: pods, disruptionBudgetViolations } of candidates) {
      victims[nodes.name(node)] = {
        pods: pods.map((pod) => apiPod(api.pods, (pod as RowPod).row)),
        numPDBViolations: disruptionBudgetViolations,
      }
    }
    return this.#ask(extender, () => {
      const left = extender.preempt?.(podOf(cycle), victims) ?? {}
      const order = new Map(candidates.map(({ node }, position) => [nodes.name(node), position]))
      const names = Object.keys(left).sort(
        (one, other) => (order.get(one) ?? order.size) - (order.get(other) ?? order.size),
      )
      return names.flatMap((name) => candidateOf(extender, cycle, name, left[name]))
    })
  }

  /** Undefined when an ignorable extender failed. */
  #ask<Answer>(extender: SchedulerExtender, body: () => Answer): Answer | undefined {
    try {
      const answer = body()
      this.#failures.delete(extender)
      return answer
    } catch (error) {
      if (error instanceof InputError) throw error
      if (extender.ignorable === true) return undefined
      const message = error instanceof Error ? error.message : String(error)
      const failures = (this.#failures.get(extender) ?? 0) + 1
      this.#failures.set(extender, failures)
      if (failures < FAILURES_IN_A_ROW_MAX) throw new ExtenderFailure(message)
      throw new InputError({
        field: `extender ${extender.name}`,
        message: `failed ${failures} times in a row, at last with: ${message}`,
        hint: 'is it there? extenders that are ignorable are passed over when they fail',
      })
    }
  }
}

/** Whether the pod asks for a resource that the extender manages, if it manages any. */
function isInterested(extender: SchedulerExtender, spec: PodSpec): boolean {
  const managed = new Set((extender.managedResources ?? []).map(({ name }) => name))
  if (managed.size === 0) return true
  const asksFor = ({ resources }: Container): boolean =>
    [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].some((name) =>
      managed.has(name),
    )
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(asksFor)
}

function podOf(cycle: Cycle): Pod {
  return apiPod(cycle.cluster.api.pods, cycle.pod)
}

function objectsOf(cycle: Cycle, nodes: readonly NodeIndex[]): readonly Node[] {
  return nodes.map((node) => cycle.cluster.nodes.object(node))
}

/** The candidate that an extender leaves on a node; none when an ignorable extender leaves no victims. */
function candidateOf(
  extender: SchedulerExtender,
  cycle: Cycle,
  name: string,
  left: ExtenderMetaVictims | undefined,
): PreemptionCandidate[] {
  const { api, nodes } = cycle.cluster
  const node = cycle.cluster.nodeNamed(name)
  if (node === undefined) throw new Error(`nodeinfo not found for node name ${JSON.stringify(name)}`)
  const victims = (left?.pods ?? []).map(({ uid }) => {
    const pod = nodes.pods(node).find((placed) => uidOf(api.pods, placed.row) === uid)
    if (pod !== undefined) return pod
    const claim = `claims to preempt pod (UID: ${uid}) on node: ${name}, but the pod is not found on that node`
    throw new Error(`extender: ${extender.name} ${claim}`)
  })
  if (victims.length > 0) {
    return [{ node, victims, disruptionBudgetViolations: left?.numPDBViolations ?? 0 }]
  }
  if (extender.ignorable === true) return []
  throw new Error(`expected at least one victim pod on node ${JSON.stringify(name)}`)
}
