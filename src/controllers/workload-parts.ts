import type { ApiServer } from '../cluster/api-server.ts'
import type { ClientLimits } from '../cluster/client.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import type { Simulation } from '../engine/simulation.ts'

/** What controllers of workloads run on. */
export interface WorkloadParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly owned: OwnedPods
  /** Limits of each controller's client; those of kube-controller-manager by default. */
  readonly limits?: ClientLimits
}
