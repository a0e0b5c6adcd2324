import type { ApiServer } from '../cluster/api-server.ts'
import type { ClientLimits } from '../cluster/client.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import type { Simulation } from '../engine/simulation.ts'

/** What controllers of workloads are started with. */
export interface WorkloadParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly owned: OwnedPods
  readonly limits?: ClientLimits
}
