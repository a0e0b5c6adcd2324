import type { AdmissionStage } from '../cluster/admission.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { startResourceQuotaController } from '../controllers/resource-quota.ts'
import type { Led } from '../controllers/leader-election.ts'
import type { ResourceQuotaController } from '../controllers/resource-quota.ts'
import type { Simulation } from '../engine/simulation.ts'
import { startLimitRanges, limitRanger } from '../policy/limit-ranges.ts'
import { startNamespaceLifecycle } from '../policy/namespace-lifecycle.ts'
import { podNodeSelector } from '../policy/pod-node-selector.ts'
import { startQuotaAdmission } from '../policy/quota-admission.ts'
import type { Scenario } from '../scenario/scenario.ts'

/**
 * The admission chain with the plugins that namespaces have a say in: after defaulting, before all others, in kube-apiserver's
 * order.
 */
export function withPolicies(
  stages: readonly AdmissionStage[],
  { podNodeSelector: config }: Scenario['admission'],
): readonly AdmissionStage[] {
  const selector = config === undefined ? [] : [podNodeSelector(config)]
  return [...stages.slice(0, 1), limitRanger, ...selector, ...stages.slice(1)]
}

/** What namespaces ask of the pods in them: nothing is looked at before there is an object that asks. */
export class NamespacePolicies implements Led {
  readonly #sim: Simulation
  readonly #api: ApiServer
  #hasLimits = false
  #quotas: ResourceQuotaController | undefined
  #isPaused = false

  constructor(sim: Simulation, api: ApiServer) {
    this.#sim = sim
    this.#api = api
    startNamespaceLifecycle(api)
    api.watch({
      name: 'namespace-policies',
      kinds: ['LimitRange', 'ResourceQuota'],
      onObject: ({ kind, verb }) => {
        if (verb === 'ADDED') this.objectCreated(kind)
      },
    })
  }

  /** Has an object of this kind act from now on; those that are created later are heard of. */
  objectCreated(kind: string): void {
    if (kind === 'LimitRange' && !this.#hasLimits) {
      this.#hasLimits = true
      startLimitRanges(this.#api)
    }
    if (kind !== 'ResourceQuota') return
    if (this.#quotas === undefined) {
      this.#quotas = startResourceQuotaController(this.#sim, this.#api)
      this.#quotas.setPaused(this.#isPaused)
      startQuotaAdmission(this.#api)
    } else this.#quotas.settle()
  }

  /** Whether nobody brings the use of quotas up to date now. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Use of quotas is not brought up to date while nobody leads; admission goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#quotas?.setPaused(isPaused)
  }
}
