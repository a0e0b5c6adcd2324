import { GpuFragmentation } from '../../api/gpu-fragmentation.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { WorkloadFailure } from '../cluster.ts'
import { Simulation } from '../../engine/simulation.ts'
import { SCHEDULING_POLICIES } from '../../scenario/scheduling-policies.ts'
import { startBenchmarkScheduler } from '../../run/benchmark-scheduler.ts'
import type { NodeView } from '../../scheduler/node-view.ts'
import type { Scheduler } from '../../scheduler/scheduler.ts'
import { arrivalSeries } from './arrival-series.ts'
import type { ArrivalEvent, ArrivalSeries } from './arrival-series.ts'
import { inflate } from './inflation.ts'
import { readStudyInput } from './study-input.ts'
import type { StudyInput, StudyPod } from './study-input.ts'
import { schedulingPolicyOf } from './study-policies.ts'

/** A run of the study: a plain record, that another thread may make. */
export interface StudyUnit {
  readonly nodeFile: string
  readonly podFile: string
  /** As the table has it. */
  readonly workload: string
  readonly policy: string
  readonly seed: number
  /** GPUs that the workload asks for, as a multiple of those that there are. */
  readonly tune: number
}

/** What it came to. */
export interface StudyResult {
  readonly series: ArrivalSeries
  readonly pods: number
  /** Pods that fitted nowhere. */
  readonly dropped: number
}

/** The files that were read last: a thread makes the runs of a workload one after another. */
let last: { readonly key: string; readonly input: StudyInput } | undefined

function inputOf({ nodeFile, podFile }: StudyUnit): StudyInput {
  const key = `${nodeFile}\n${podFile}`
  if (last?.key !== key) last = { key, input: readStudyInput(nodeFile, podFile) }
  return last.input
}

/**
 * Makes a run: the pods of the inflated workload arrive one by one, and each is placed by the scheduler, or dropped if it fits
 * nowhere. Nothing ever leaves. Throws `InputError` for wrong files.
 */
export function runStudy(unit: StudyUnit): StudyResult {
  const input = inputOf(unit)
  const { pods, nodes } = inflate(input, unit.seed, unit.tune)
  const cluster = new StudyCluster(unit, input, nodes)
  const events: ArrivalEvent[] = []
  let arrived = 0
  let dropped = 0
  for (const pod of pods) {
    arrived += pod.milli
    if (!cluster.place(pod)) dropped += 1
    events.push({ arrived, allocated: cluster.allocated, fragmented: cluster.fragmented })
  }
  return { series: arrivalSeries(events, input.capacity), pods: pods.length, dropped }
}

/** API server and scheduler of a run, and what its GPUs are taken by. */
class StudyCluster {
  /** Thousandths of GPUs that pods have. */
  allocated = 0
  /** Thousandths of free GPUs that a pod of the workload is expected not to be able to use. */
  fragmented = 0
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #scheduler: Scheduler
  readonly #fragmentation: GpuFragmentation
  readonly #models: readonly string[]
  /** What of `fragmented` is on each node. */
  readonly #onNode: Float64Array
  readonly #free: number[] = []
  #node = -1

  constructor(unit: StudyUnit, input: StudyInput, order: readonly number[]) {
    this.#sim = new Simulation({ seed: unit.seed })
    this.#api = new ApiServer(this.#sim, [])
    this.#fragmentation = new GpuFragmentation(input.typical)
    const policy = SCHEDULING_POLICIES[schedulingPolicyOf(unit.policy)]
    const { scheduler } = startBenchmarkScheduler(this.#sim, this.#api, {
      configuration: policy?.configuration ?? {},
      configurationPath: unit.policy,
      kubernetesVersion: '1.37',
      gates: {},
      cycleTime: 0,
      tieBreak: policy?.tieBreak ?? 'heap',
      added: ['GpuShare'],
      outlook: { seed: unit.seed, typicalPods: input.typical },
    })
    this.#scheduler = scheduler
    scheduler.observe(({ node }) => {
      this.#node = node
    })
    for (const place of order) {
      const node = input.nodes[place]
      if (node !== undefined) this.#api.nodes.create(node)
    }
    this.#settle()
    this.#models = order.map((place) => input.models[place] ?? '')
    this.#onNode = new Float64Array(order.length)
    for (let row = 0; row < order.length; row++) this.#measure(row)
  }

  /** Whether the pod has a node now; one that has none is gone. */
  place({ name, template, cpu, memory, milli }: StudyPod): boolean {
    const interned = this.#api.pods.templates.intern(template)
    if (!interned.ok) throw new WorkloadFailure(`pod ${name}: ${interned.message}`)
    this.#node = -1
    const row = this.#api.pods.create({ template: interned.id, cpu, memory, taskName: name })
    this.#settle()
    if (this.#node < 0) {
      this.#api.pods.requestDeletion(row, { grace: 0, reason: '' })
      this.#settle()
      return false
    }
    this.allocated += milli
    this.#measure(this.#node)
    return true
  }

  /** Lets everybody hear of what was written, and act. */
  #settle(): void {
    while (this.#sim.peek() <= this.#sim.now) this.#sim.step()
  }

  #measure(row: number): void {
    const nodes: NodeView = this.#scheduler.cluster.nodes
    const devices = nodes.deviceCount(row)
    for (let device = 0; device < devices; device++) this.#free[device] = nodes.deviceFree(row, device)
    const cpu = nodes.allocatableCpu(row) - nodes.requestedCpu(row)
    const lost = this.#fragmentation.lost(cpu, this.#free, devices, this.#models[row] ?? '')
    this.fragmented += lost - (this.#onNode[row] ?? 0)
    this.#onNode[row] = lost
  }
}
