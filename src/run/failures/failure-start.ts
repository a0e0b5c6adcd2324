import type { ApiServer } from '../../cluster/api-server.ts'
import type { Tasks } from '../../controllers/task.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { FailureLog } from '../../failure/failure-log.ts'
import type { NodeReplacements } from '../../failure/node-replacement.ts'
import type { CloudApi } from '../../node/cloud-api.ts'
import type { Kubelets } from '../../node/kubelet.ts'
import type { Machines } from '../../node/machine.ts'
import type { NodeShutdown } from '../../node/node-shutdown.ts'
import type { ControlPlane } from '../control-plane.ts'
import type { ReportedEvent } from '../../report/sources.ts'

/** What failure models act on. */
export interface FailureParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly log: FailureLog
  readonly kubelets: Kubelets
  readonly machines: Machines
  readonly controlPlane: ControlPlane
  readonly tasks: Tasks
  readonly cloud: CloudApi
  /** Graceful shutdowns of nodes. */
  readonly shutdown: () => NodeShutdown
  /** Nodes that take the place of those that are gone. */
  readonly replacements: NodeReplacements
  /** Adds a line to the warnings of the run. */
  readonly warn: (line: string) => void
  /** Writes a line of events.csv. */
  readonly note: (event: ReportedEvent) => void
}

/**
 * Starts a failure of a scenario, the one at `ordinal` among those of its kind, and at `index` of `spec.failures`; returns what of it
 * has no meaning here.
 */
export type FailureStart<Source> = (
  parts: FailureParts,
  source: Source,
  ordinal: number,
  index: number,
) => readonly string[] | void
