import type { Micros } from '../base/time.ts'
import { readText, readYaml } from '../workload/node-list.ts'
import { WorkloadFailure } from './cluster.ts'
import type { Operation } from './operations.ts'
import type { PerfWorkload } from './performance-config.ts'
import { performOperation } from './perform-operation.ts'
import type { SectionResult } from './section.ts'
import { Interrupted, WorkloadRun } from './workload-run.ts'
import type { MeasuringHooks } from './workload-run.ts'

/** How workloads are run. */
export interface WorkloadOptions {
  readonly kubernetesVersion: '1.36' | '1.37'
  readonly seed: string | number
  /** Simulated time of a scheduling cycle, above 0. */
  readonly cycleTime: Micros
  /** Whether every pod of an operation without `signatureBatchSize` gets a label value of its own, as in 1.37. */
  readonly uniqueSignatures: boolean
}

/** What came of a workload. */
export interface WorkloadResult {
  readonly workload: PerfWorkload
  readonly outcome: 'passed' | 'failed' | 'interrupted'
  /** Why it failed: the operation and what it waited for in vain; empty when it did not. */
  readonly failure: string
  readonly nodes: number
  /** Pods that operations waited for, and how many of them were bound. */
  readonly expected: number
  readonly reached: number
  /** All bindings, those of pods nobody waited for as well. */
  readonly bound: number
  /** Pods without a node at the end. */
  readonly pending: number
  readonly attempts: number
  readonly victims: number
  readonly span: Micros
  /** Processor time that the simulator took while simulated time went on, in seconds; without making the objects. */
  readonly cpuSeconds: number
  /** Processor time of all of it, in seconds. */
  readonly totalCpuSeconds: number
  readonly sections: readonly SectionResult[]
  readonly warnings: readonly string[]
}

/**
 * Runs one workload from an empty cluster to its end.
 *
 * A workload that cannot go on is a result; wrong files are an `InputError`. `operations` are those of the workload, read
 * before.
 */
export async function runWorkload(
  workload: PerfWorkload,
  operations: readonly Operation[],
  options: WorkloadOptions,
  hooks: MeasuringHooks,
): Promise<WorkloadResult> {
  const before = hooks.cpuSeconds()
  const { schedulerConfig } = workload
  const configuration =
    schedulerConfig === undefined ? {} : (readYaml(readText(schedulerConfig), schedulerConfig)[0] ?? {})
  const run = new WorkloadRun(
    `${workload.testCase}/${workload.name}`,
    {
      kubernetesVersion: options.kubernetesVersion,
      seed: options.seed,
      cycleTime: options.cycleTime,
      tieBreak: 'heap',
      gates: workload.featureGates,
      configuration,
      configurationPath: schedulerConfig ?? 'configuration',
    },
    hooks,
  )
  const { outcome, failure } = await perform(run, signed(operations, options.uniqueSignatures))
  return {
    workload,
    outcome,
    failure,
    nodes: run.cluster.api.nodes.size,
    expected: run.expected,
    reached: run.reached,
    bound: run.bound,
    pending: run.cluster.api.pods.table.countPending(),
    attempts: run.attempts,
    victims: run.victims,
    span: run.cluster.sim.now,
    cpuSeconds: run.cpuSeconds,
    totalCpuSeconds: hooks.cpuSeconds() - before,
    sections: run.sections,
    warnings: run.cluster.warnings,
  }
}

async function perform(
  run: WorkloadRun,
  operations: readonly Operation[],
): Promise<Pick<WorkloadResult, 'outcome' | 'failure'>> {
  for (const [index, operation] of operations.entries()) {
    run.operation = { index, count: operations.length, opcode: operation.opcode }
    try {
      await performOperation(run, operation, index)
    } catch (error) {
      if (error instanceof Interrupted) return { outcome: 'interrupted', failure: '' }
      if (!(error instanceof WorkloadFailure)) throw error
      return { outcome: 'failed', failure: `op ${index} (${operation.opcode}): ${error.message}` }
    }
  }
  return { outcome: 'passed', failure: '' }
}

/**
 * Gives pods of operations that do not say a batch size one label value each, where that is wanted.
 *
 * Source: Kubernetes v1.37, test/integration/scheduler_perf/operations.go: signatureBatchSize is 1 by default.
 */
function signed(operations: readonly Operation[], isWanted: boolean): readonly Operation[] {
  if (!isWanted) return operations
  return operations.map((operation) => {
    if (operation.opcode === 'createPods') {
      return { ...operation, signatureBatchSize: operation.signatureBatchSize ?? 1 }
    }
    if (operation.opcode !== 'createPodSets') return operation
    const { createPods } = operation
    return {
      ...operation,
      createPods: { ...createPods, signatureBatchSize: createPods.signatureBatchSize ?? 1 },
    }
  })
}
