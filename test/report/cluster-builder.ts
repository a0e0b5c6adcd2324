import type { PodTemplate } from '../../src/api/pod-template.ts'
import type { Node, NodeCondition } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { PodDraft } from '../../src/cluster/pod-draft.ts'
import type { PodOwner } from '../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { Recorder } from '../../src/report/recorder.ts'
import type { RecorderOptions } from '../../src/report/recorder.ts'
import type { RunOutputs } from '../../src/report/run-outputs.ts'
import type { FailureRecord, MachineChange } from '../../src/report/sources.ts'
import type { Manifest } from '../../src/report/manifest.ts'
import type { Decision } from '../../src/scheduler/decision.ts'

/** Bytes in a gibibyte. */
export const GIB = 1024 ** 3

/** A manifest for tests. */
export const MANIFEST: Manifest = {
  command: ['stowage', 'run', 'scenario.yaml'],
  seed: 1,
  versions: { stowage: '0.1.0', kubernetes: '1.37' },
  digests: { 'scenario.yaml': 'abc' },
  interrupted: false,
  warnings: [],
}

/** A Node object with the given allocatable amounts, Ready. */
export function nodeObject(
  name: string,
  allocatable: Record<string, string>,
  labels: Record<string, string> = {},
): Node {
  return {
    metadata: { name, labels },
    status: { allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

/** A real API server under a simulation, with a recorder on it and hands to move pods by. */
export class TestCluster {
  readonly sim = new Simulation({ seed: 1 })
  readonly api = new ApiServer(this.sim, [])
  readonly recorder: Recorder
  readonly failures: FailureRecord[] = []
  #machineChanged: (change: MachineChange) => void = () => {}
  #decided: (decision: Decision) => void = () => {}
  readonly #step = this.sim.payloadHandler<() => void>('test/step', (body) => body())

  constructor(options: Partial<RecorderOptions> = {}, outputs?: RunOutputs) {
    const { api, sim } = this
    this.recorder = new Recorder(
      {
        clock: sim,
        pods: api.pods,
        nodeRows: api.nodeRows,
        watch: (watch) => api.watch(watch),
        machines: { observe: (observer) => (this.#machineChanged = observer), isTerminated: () => false },
        schedulers: [{ observe: (observer) => (this.#decided = observer) }],
        failures: { records: this.failures },
      },
      { interval: 10 * SECOND, warmUp: 0, ...options },
      outputs,
    )
  }

  /** Runs `body` at an instant, in seconds. */
  at(seconds: number, body: () => void): void {
    this.sim.atWith(seconds * SECOND, this.#step, body)
  }

  addNode(name: string, allocatable: Record<string, string>, labels: Record<string, string> = {}): NodeRow {
    this.api.nodes.create(nodeObject(name, allocatable, labels))
    return this.api.nodeRows.everRowOf(name)
  }

  setCondition(name: string, condition: NodeCondition): void {
    const node = this.api.nodes.get(name)
    const others = (node?.status?.conditions ?? []).filter((one) => one.type !== condition.type)
    this.api.nodes.update({ ...node, status: { ...node?.status, conditions: [condition, ...others] } })
  }

  createPod(draft: Omit<PodDraft, 'template'> & { readonly template: PodTemplate }): PodRow {
    const verdict = this.api.pods.templates.intern(draft.template)
    if (!verdict.ok) throw new Error(verdict.message)
    return this.api.pods.create({ ...draft, template: verdict.id })
  }

  /** Binds as a scheduler does: the write, then the decision. */
  bind(
    pod: PodRow,
    node: NodeRow,
    options: { readonly attempt?: number; readonly devices?: number } = {},
  ): void {
    this.api.pods.bind(pod, node, options.devices ?? 0)
    this.decide({ pod, node, outcome: 'bound', attempt: options.attempt ?? 1 })
  }

  decide(decision: Partial<Decision> & { readonly pod: PodRow }): void {
    this.#decided({
      node: NO_NODE,
      outcome: 'unschedulable',
      attempt: 1,
      feasible: 0,
      evaluated: 0,
      rejectedBy: [],
      message: () => '',
      verdicts: () => [],
      victims: [],
      ...decision,
    })
  }

  setMachine(row: NodeRow, up: boolean, cause = 'nodeCrash'): void {
    this.#machineChanged({ row, fault: 'down', up, cause, at: this.sim.now })
  }
}

/** A template of pods that bring their own size. */
export function sizedTemplate(
  labels: Record<string, string> = {},
  sizing: 'requests' | 'guaranteed' = 'requests',
  annotations: Record<string, string> = {},
): PodTemplate {
  return {
    metadata: { namespace: 'default', labels, annotations },
    spec: { containers: [{ name: 'main' }] },
    sizing,
  }
}

/** An owner like that of trace pods. */
export function taskOwner(name: string): PodOwner {
  const suffix = (attempt: number): string => (attempt === 0 ? '' : `-r${attempt}`)
  return { kind: 'Task', name, podName: (ordinal, attempt) => `${name}-${ordinal}${suffix(attempt)}` }
}
