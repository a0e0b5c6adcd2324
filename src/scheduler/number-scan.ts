import type { ScoreKernel } from './framework/kernel.ts'
import { KernelScan } from './kernel-scan.ts'
import type { ScanAsk, ScanGround, ScanResult } from './kernel-scan.ts'
import type { OtherScores } from './kernel-rows.ts'
import type { KinPlan } from './kin-plans.ts'
import { fitsBesideNominated } from './number-trials.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'
import { askedRoom } from './resource-kernel.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** What a scan is for. */
export interface ScanSubject {
  readonly profile: Profile
  readonly podClass: PodClass
  readonly plan: KinPlan
  readonly order: Int32Array
}

/** Where in the order a scan starts, and how many nodes it is to find. */
export interface ScanRange {
  readonly start: number
  readonly limit: number
}

/** What a pod that brings its own size asks for, above 0: what scoring counts for it, too. */
export interface SizeAsk {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
}

type Ask = { -readonly [Field in keyof ScanAsk]: ScanAsk[Field] }

/**
 * Decides pods about which only numbers and Node objects have a say, in one pass that remembers nothing of the pod: it serves
 * where nearly every pod asks for other amounts.
 */
export class NumberScan {
  readonly #cluster: SchedulerCluster
  readonly #scan = new KernelScan()
  readonly #ask: Ask = {
    cpu: 0,
    memory: 0,
    scoredCpu: 0,
    scoredMemory: 0,
    freeWeight: 0,
    balanceWeight: 0,
  }
  /** What `#besideNominated` said last. */
  readonly #others = { total: new Float64Array(0), completeEpoch: 0 }

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** The choice, or undefined where the pass does not apply. */
  run(subject: ScanSubject, range: ScanRange): ScanResult | undefined {
    if (!this.#applies(subject)) return undefined
    const ask = setAsk(this.#ask, subject)
    return ask === undefined ? undefined : this.#pass(subject, range, ask)
  }

  /** The same for a pod of a size of its own, by the class of another size, while nobody is nominated. */
  runSize(subject: ScanSubject, size: SizeAsk, range: ScanRange): ScanResult | undefined {
    if (!this.#applies(subject)) return undefined
    return this.#pass(subject, range, setAskBySize(this.#ask, subject.plan, size))
  }

  /** Whether only cpu, memory and what Node objects are given by other plugins count; brings the latter up to date. */
  #applies({ profile, podClass, plan, order }: ScanSubject): boolean {
    const { fit } = podClass
    if (fit === undefined || fit.others.length > 0 || !profile.hasSmallWeights || !isNumeric(plan))
      return false
    if (this.#cluster.nodes.kernelRows.oddNodes > 0) return false
    plan.objects.complete(order)
    return plan.objects.isFlat
  }

  #pass(subject: ScanSubject, { start, limit }: ScanRange, ask: ScanAsk): ScanResult {
    return this.#scan.run(ask, this.#groundOf(subject), start, limit)
  }

  #groundOf({ podClass, plan, order }: ScanSubject): ScanGround {
    const { nodes } = this.#cluster
    const { nominations } = this.#cluster
    const others = nominations.size === 0 ? plan.objects : this.#besideNominated(podClass, plan.objects.total)
    return { order, rows: nodes.kernelRows, others, amounts: nodes.amounts }
  }

  /** What the other plugins give each node, -1 for nodes that are full with the pods nominated to them. */
  #besideNominated({ fit }: PodClass, total: Float64Array): OtherScores {
    const others = this.#others
    if (others.total.length !== total.length) others.total = new Float64Array(total.length)
    others.total.set(total)
    others.completeEpoch += 1
    for (const node of this.#cluster.nominations.nodes()) {
      if (fit === undefined || fitsBesideNominated(this.#cluster, fit, node)) continue
      if (node < total.length) others.total[node] = -1
    }
    return others
  }
}

/** Whether nobody has a say but numbers and plugins of Node objects. */
export function isNumeric(plan: KinPlan): boolean {
  const { filters, fixed, scaled } = plan.rest
  if (plan.cycle !== undefined) return false
  return plan.fitIndex !== undefined && filters.length + fixed.length + scaled.length === 0
}

/** Whether nobody rejects nodes but numbers and, before them, plugins of Node objects. */
export function isRejectedByRoom({ cycle, fitIndex, rest, isOrdered }: KinPlan): boolean {
  return cycle === undefined && fitIndex !== undefined && rest.filters.length === 0 && isOrdered
}

/** Fills in what a class asks for; undefined where numbers do not say how it ranks nodes. */
function setAsk(ask: Ask, { profile, podClass, plan }: ScanSubject): Ask | undefined {
  const { terms, fit } = podClass
  clear(ask)
  ask.cpu = askedRoom(fit?.cpu)
  ask.memory = askedRoom(fit?.memory)
  for (const { index, weight } of plan.scores) {
    const kernel = profile.plugins[index]?.kernel?.(terms[index]).score
    if (kernel === undefined) return undefined
    // The balance is of what the pod asks for, as the filter takes it.
    const isOfAsk = kernel.cpu === (fit?.cpu ?? 0) && kernel.memory === (fit?.memory ?? 0)
    if (kernel.kind === 'balanced' && !isOfAsk) return undefined
    addScore(ask, kernel.kind, weight, kernel)
  }
  return ask
}

function setAskBySize(ask: Ask, plan: KinPlan, size: SizeAsk): Ask {
  clear(ask)
  ask.cpu = size.cpu
  ask.memory = size.memory
  for (const { weight, kind } of plan.scores) addScore(ask, kind, weight, size)
  return ask
}

function clear(ask: Ask): void {
  ask.scoredCpu = 0
  ask.scoredMemory = 0
  ask.freeWeight = 0
  ask.balanceWeight = 0
}

function addScore(ask: Ask, kind: ScoreKernel['kind'], weight: number, amounts: SizeAsk): void {
  switch (kind) {
    case 'least-allocated':
      ask.scoredCpu = amounts.cpu
      ask.scoredMemory = amounts.memory
      ask.freeWeight += weight
      break
    case 'balanced':
      ask.balanceWeight += weight
      break
  }
}
