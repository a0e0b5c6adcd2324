import type { ScoreKernel } from './framework/kernel.ts'
import { KernelScan } from './kernel-scan.ts'
import type { ScanAsk, ScanResult } from './kernel-scan.ts'
import type { KinPlan } from './kin-plans.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'
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
 * Decides pods about which only numbers and Node objects have a say, in one pass, and remembers nothing of the pod:
 * what serves where nearly every pod asks for other amounts.
 */
export class NumberScan {
  readonly #cluster: SchedulerCluster
  readonly #scan = new KernelScan()
  readonly #ask: Ask = {
    cpu: 0,
    memory: 0,
    scoredCpu: 0,
    scoredMemory: 0,
    balancedCpu: 0,
    balancedMemory: 0,
    freeWeight: 0,
    balanceWeight: 0,
  }

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** The choice, or undefined where the pass does not apply. */
  run(subject: ScanSubject, range: ScanRange): ScanResult | undefined {
    if (!this.#applies(subject) || !setAsk(this.#ask, subject)) return undefined
    return this.#pass(subject, range)
  }

  /** The same for a pod of a size of its own, by the class of another size. */
  runSize(subject: ScanSubject, size: SizeAsk, range: ScanRange): ScanResult | undefined {
    const { fit } = subject.podClass
    if (!this.#applies(subject) || fit === undefined || fit.others.length > 0) return undefined
    setAskBySize(this.#ask, subject.plan, size)
    return this.#pass(subject, range)
  }

  #applies({ profile, plan }: ScanSubject): boolean {
    return profile.hasSmallWeights && isNumeric(plan) && this.#cluster.nodes.kernelRows.oddNodes === 0
  }

  #pass({ plan, order }: ScanSubject, { start, limit }: ScanRange): ScanResult | undefined {
    const { nodes } = this.#cluster
    plan.objects.complete(order)
    if (!plan.objects.isFlat) return undefined
    const ground = { order, rows: nodes.kernelRows, others: plan.objects, amounts: nodes }
    return this.#scan.run(this.#ask, ground, start, limit)
  }
}

/** Whether nobody has a say but numbers and plugins of Node objects. */
export function isNumeric(plan: KinPlan): boolean {
  const { filters, fixed, scaled } = plan.rest
  if (plan.cycle !== undefined) return false
  return plan.fitIndex !== undefined && filters.length + fixed.length + scaled.length === 0
}

/** Fills in what a class asks for; false where numbers do not say it. */
function setAsk(ask: Ask, { profile, podClass, plan }: ScanSubject): boolean {
  const { terms, fit } = podClass
  if (fit === undefined || fit.others.length > 0) return false
  clear(ask)
  ask.cpu = fit.cpu > 0 ? fit.cpu : -Infinity
  ask.memory = fit.memory > 0 ? fit.memory : -Infinity
  for (const { index, weight } of plan.scores) {
    const kernel = profile.plugins[index]?.kernel?.(terms[index]).score
    if (kernel === undefined) return false
    addScore(ask, kernel.kind, weight, kernel)
  }
  return true
}

function setAskBySize(ask: Ask, plan: KinPlan, size: SizeAsk): void {
  clear(ask)
  ask.cpu = size.cpu
  ask.memory = size.memory
  for (const { weight, kind } of plan.scores) addScore(ask, kind, weight, size)
}

function clear(ask: Ask): void {
  ask.scoredCpu = 0
  ask.scoredMemory = 0
  ask.balancedCpu = 0
  ask.balancedMemory = 0
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
      ask.balancedCpu = amounts.cpu
      ask.balancedMemory = amounts.memory
      ask.balanceWeight += weight
      break
  }
}
