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

/**
 * Decides pods about which only numbers and Node objects have a say, in one pass, and remembers nothing of the pod:
 * what serves where nearly every pod asks for other amounts.
 */
export class NumberScan {
  readonly #cluster: SchedulerCluster
  readonly #scan = new KernelScan()

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /** The choice, or undefined where the pass does not apply. */
  run(subject: ScanSubject, start: number, limit: number): ScanResult | undefined {
    const { plan, order } = subject
    const { nodes } = this.#cluster
    if (!subject.profile.hasSmallWeights || !isNumeric(plan) || nodes.kernelRows.oddNodes > 0)
      return undefined
    const ask = askOf(subject)
    if (ask === undefined) return undefined
    plan.objects.complete(order)
    if (!plan.objects.isFlat) return undefined
    const ground = { order, cells: nodes.kernelRows.cells, others: plan.objects.total, amounts: nodes }
    return this.#scan.run(ask, ground, start, limit)
  }
}

/** Whether nobody has a say but numbers and plugins of Node objects. */
export function isNumeric(plan: KinPlan): boolean {
  const { filters, fixed, scaled } = plan.rest
  if (plan.cycle !== undefined) return false
  return plan.fitIndex !== undefined && filters.length + fixed.length + scaled.length === 0
}

function askOf({ profile, podClass, plan }: ScanSubject): ScanAsk | undefined {
  const { terms, fit } = podClass
  if (fit === undefined || fit.others.length > 0) return undefined
  const ask = {
    cpu: fit.cpu > 0 ? fit.cpu : -Infinity,
    memory: fit.memory > 0 ? fit.memory : -Infinity,
    scoredCpu: 0,
    scoredMemory: 0,
    balancedCpu: 0,
    balancedMemory: 0,
    freeWeight: 0,
    balanceWeight: 0,
  }
  for (const { index, weight } of plan.scores) {
    const kernel = profile.plugins[index]?.kernel?.(terms[index]).score
    if (kernel?.kind === 'least-allocated') {
      ask.scoredCpu = kernel.cpu
      ask.scoredMemory = kernel.memory
      ask.freeWeight += weight
    } else if (kernel?.kind === 'balanced') {
      ask.balancedCpu = kernel.cpu
      ask.balancedMemory = kernel.memory
      ask.balanceWeight += weight
    } else return undefined
  }
  return ask
}
