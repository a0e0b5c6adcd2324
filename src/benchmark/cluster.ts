import { defaultObject } from '../api/defaults/index.ts'
import { storeKind } from '../api/kinds.ts'
import type { AdmissionStage } from '../cluster/admission.ts'
import { defaultTolerationSeconds } from '../cluster/admission-stages/default-toleration-seconds.ts'
import { podDefaults, podLevelDefaults } from '../cluster/admission-stages/pod-defaults.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { withoutDisabledFields } from '../cluster/disabled-fields.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { Micros } from '../base/time.ts'
import { Simulation } from '../engine/simulation.ts'
import { startBenchmarkScheduler } from '../run/benchmark-scheduler.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { TieBreak } from '../scheduler/tie-break.ts'

/** What the clusters of a benchmark have in common. */
export interface ClusterOptions {
  readonly kubernetesVersion: '1.36' | '1.37'
  readonly seed: string | number
  /** Simulated time of one scheduling cycle: 1 over the throughput that the scheduler can have at most. */
  readonly cycleTime: Micros
  readonly tieBreak: TieBreak
  readonly gates: Readonly<Record<string, boolean>>
  readonly configuration: unknown
  readonly configurationPath: string
}

/** A write that the API server refused, or that a workload could not make: ends the workload, not the benchmark. */
export class WorkloadFailure extends Error {
  override name = 'WorkloadFailure'
}

/**
 * API server, store and scheduler, as scheduler_perf starts them: no kubelets and no controllers, so that a bound pod
 * never runs, and one that is deleted with a grace period stays until the end.
 */
export interface BenchmarkCluster {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly scheduler: Scheduler
  readonly warnings: readonly string[]
  readonly options: ClusterOptions
  /** `prefix` with five characters of its own, as the API server makes names. */
  readonly generateName: (prefix: string) => string
  /** A `metadata.uid` that no other object has. */
  readonly generateUid: () => string
}

/**
 * scheduler_perf turns the admission plugins ServiceAccount, TaintNodesByCondition and Priority off: pods say their
 * priority themselves. Source: Kubernetes v1.37, test/integration/scheduler_perf/util.go.
 */
const ADMISSION: readonly AdmissionStage[] = [podDefaults, defaultTolerationSeconds, podLevelDefaults]

/** Characters that the API server generates names from. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789'
const NAME_LENGTH = 5

/** Starts a cluster without nodes. */
export function startCluster(options: ClusterOptions): BenchmarkCluster {
  const sim = new Simulation({ seed: options.seed })
  const api = new ApiServer(sim, ADMISSION)
  const { scheduler, warnings } = startBenchmarkScheduler(sim, api, options)
  let names = 0
  let uids = 0
  const cluster: BenchmarkCluster = {
    sim,
    api,
    scheduler,
    warnings,
    options,
    generateName: (prefix) => prefix + nameSuffix(names++),
    generateUid: () => `uid-${++uids}`,
  }
  for (const name of ['default', 'kube-system']) createNamespace(cluster, name)
  return cluster
}

/** Creates a namespace, with the labels and all of a template where there is one; does nothing when it is there. */
export function createNamespace(cluster: BenchmarkCluster, name: string, template?: StoredObject): void {
  if (cluster.api.namespaces.get(name) !== undefined) return
  createObject(cluster, {
    ...template,
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...template?.metadata, name },
  })
}

/** Creates an object of any kind but Pod, with the API server's defaults and a generated name where it has none. */
export function createObject(cluster: BenchmarkCluster, object: StoredObject): StoredObject {
  const { metadata } = object
  const name = metadata?.name ?? cluster.generateName(metadata?.generateName ?? 'object-')
  const named = { ...object, metadata: { ...metadata, name } }
  const kind = object.kind ?? ''
  const stored = withoutDisabledFields(kind, named, new Map(Object.entries(cluster.options.gates)))
  const written = cluster.api.collection<StoredObject>(storeKind(named)).create(defaultObject(stored))
  if (written.ok) return written.object
  throw new WorkloadFailure(written.message)
}

/** Different for each number; the last characters change first, and go through all before they come again. */
function nameSuffix(index: number): string {
  let rest = index
  let text = ''
  for (let i = 0; i < NAME_LENGTH; i++) {
    text = (NAME_CHARACTERS[rest % NAME_CHARACTERS.length] ?? '') + text
    rest = Math.floor(rest / NAME_CHARACTERS.length)
  }
  return text
}
