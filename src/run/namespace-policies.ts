import type { AdmissionStage } from '../cluster/admission.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { startResourceQuotaController } from '../controllers/resource-quota.ts'
import type { ResourceQuotaController } from '../controllers/resource-quota.ts'
import type { Simulation } from '../engine/simulation.ts'
import { startLimitRanges, limitRanger } from '../policy/limit-ranges.ts'
import { startNamespaceLifecycle } from '../policy/namespace-lifecycle.ts'
import { startQuotaAdmission } from '../policy/quota-admission.ts'

/** The admission chain with LimitRanger in its place: after defaulting, before all other plugins. */
export function withLimitRanger(stages: readonly AdmissionStage[]): readonly AdmissionStage[] {
  const [defaults, ...others] = stages
  return defaults === undefined ? [limitRanger] : [defaults, limitRanger, ...others]
}

/** What namespaces ask of the pods in them: nothing is looked at before there is an object that asks. */
export class NamespacePolicies {
  readonly #sim: Simulation
  readonly #api: ApiServer
  #hasLimits = false
  #quotas: ResourceQuotaController | undefined

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
      startQuotaAdmission(this.#api)
    } else this.#quotas.settle()
  }
}
