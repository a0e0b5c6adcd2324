import type { ApiServer } from '../../cluster/api-server.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { FailureLog } from '../../failure/failure-log.ts'
import type { Kubelets } from '../../node/kubelet.ts'
import type { Machines } from '../../node/machine.ts'
import type { NodeShutdown } from '../../node/node-shutdown.ts'

/** What failure models act on. */
export interface FailureParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly log: FailureLog
  readonly kubelets: Kubelets
  readonly machines: Machines
  /** Graceful shutdowns of nodes. */
  readonly shutdown: () => NodeShutdown
}

/** Starts a failure of a scenario, the one at `index` of `spec.failures`; returns what of it has no meaning here. */
export type FailureStart<Source> = (
  parts: FailureParts,
  source: Source,
  index: number,
) => readonly string[] | void
