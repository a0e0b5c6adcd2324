import type { OwnedPods } from '../cluster/owned-pods.ts'
import type { FailureLog } from '../failure/failure-log.ts'
import type { Machines } from '../node/machine.ts'
import type { Recorder } from '../report/recorder.ts'
import type { Summary } from '../report/summary.ts'
import type { CheckpointHooks } from './checkpoints.ts'
import type { NamespacePolicies } from './namespace-policies.ts'
import type { PlayedParts, RunProgress } from './play.ts'
import type { TaskReader } from './trace-feed.ts'

/** What a run is given besides its scenario. */
export interface RunHooks {
  /** Directory for the files; undefined measures and writes none. */
  readonly directory: string | undefined
  /** The command line, for the manifest. */
  readonly command: readonly string[]
  readonly version: string
  /** Stops the run at the next slice, with valid partial reports. */
  readonly signal: AbortSignal
  /** Work that comes besides the traces of the scenario. */
  readonly work?: readonly TaskReader[]
  /** Whether fast paths may answer; false has every decision made by the definition, to compare. True by default. */
  readonly usesIndex?: boolean
  readonly onProgress?: (progress: RunProgress) => void
  /** For a run that may be gone on with when it ends early. */
  readonly checkpoints?: CheckpointHooks
}

/** What a run came to. */
export interface RunResult {
  readonly directory: string | undefined
  readonly summary: Summary
  readonly warnings: readonly string[]
  readonly interrupted: boolean
  readonly pendingPods: number
  /** Hash of all events: equal for equal runs. */
  readonly eventDigest: string
  readonly events: number
}

/** Everything of one run. */
export interface RunParts extends PlayedParts {
  readonly machines: Machines
  readonly owned: OwnedPods | undefined
  /** What namespaces ask of pods. */
  readonly policies: NamespacePolicies
  readonly failures: FailureLog
  readonly recorder: Recorder
  readonly warnings: string[]
}
