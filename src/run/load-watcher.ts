import { nodeAmounts } from '../api/node-amounts.ts'
import { MINUTE, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { Machines } from '../node/machine.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { isMeasuredColumn } from '../scheduler/framework/node-columns.ts'
import type { MeasuredUse, NodeIndex, NodeLoad } from '../scheduler/framework/node-columns.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'

/** How often nodes are sampled: `--metric-resolution` of metrics-server's manifests (v0.8). */
const SAMPLED_EVERY: Micros = 15 * SECOND
/** How often the load watcher fetches (paypal/load-watcher, pkg/watcher/watcher.go `windowWatcher`). */
const FETCHED_EVERY: Micros = MINUTE
/** The window that it prefers (the same, `GetLatestWatcherMetrics`). */
const WINDOW: Micros = 15 * MINUTE
const WINDOW_SAMPLES = WINDOW / SAMPLED_EVERY
const SAMPLES_PER_FETCH = FETCHED_EVERY / SAMPLED_EVERY

/** What is measured, and who is told. */
interface WatcherParts {
  readonly api: ApiServer
  readonly kubelets: Kubelets
  readonly machines: Machines
  readonly scheduler: Scheduler
}

/**
 * Measures the nodes as a metrics server and a load watcher do, and tells the scheduler each minute; does nothing where no
 * profile has a plugin that reads what is measured.
 *
 * A node is sampled while its kubelet is heard of. Memory is that of its pods and of the system; cpu is what running pods asked
 * for times `behaviour.cpuUse`, and for containers with a `cpu` of their own what they get. Samples are of instants.
 *
 * Departs from the real ones: the collector of the plugins asks the watcher every 30 s, here it is told at once; both a metrics
 * server and a database of time series see the same samples.
 */
export function startLoadWatcher(sim: Simulation, parts: WatcherParts, scenario: Scenario): void {
  const plugins = [...parts.scheduler.profiles.values()].flatMap((profile) => profile.plugins)
  if (!plugins.some(({ reads }) => reads.some(isMeasuredColumn))) return
  const watcher = new LoadWatcher(parts, scenario, sim.random.stream('usage/cpu'))
  const sample = sim.handler('load-watcher/sample', (number) => {
    watcher.sample(number)
    if (number % SAMPLES_PER_FETCH === 0) watcher.fetch(sim.now)
    sim.after(SAMPLED_EVERY, sample, number + 1)
  })
  // The plugins have a first measurement before they are asked anything.
  watcher.sample(0)
  watcher.fetch(0)
  sim.after(SAMPLED_EVERY, sample, 1)
}

/** The samples of a node in the window, each at the place of its number. */
interface Samples {
  readonly cpu: Float64Array
  readonly memory: Float64Array
  /** Number of the sample that is in each place; below 0 where none is. */
  readonly numbers: Float64Array
  latest: number
  capacity: { readonly cpu: number; readonly memory: number }
}

class LoadWatcher {
  readonly #parts: WatcherParts
  readonly #behaviour: Scenario['behaviour']
  readonly #systemMemory: number
  readonly #stream: RandomStream
  readonly #samples = new Map<NodeRow, Samples>()
  #number = 0

  constructor(parts: WatcherParts, { behaviour, eviction }: Scenario, stream: RandomStream) {
    this.#parts = parts
    this.#behaviour = behaviour
    this.#systemMemory = eviction.system.memory
    this.#stream = stream
  }

  /** Takes a sample of each node that is there and heard of. */
  sample(number: number): void {
    this.#number = number
    const { api, machines, kubelets } = this.#parts
    for (const node of api.nodes.list()) {
      const row = api.nodeRows.rowOf(node.metadata?.name ?? '')
      if (row === undefined || !machines.reports(row)) continue
      const amounts = nodeAmounts(node.status?.capacity ?? node.status?.allocatable)
      const capacity = { cpu: amounts.get('cpu') ?? 0, memory: amounts.get('memory') ?? 0 }
      const samples = this.#samplesOf(row)
      const place = number % WINDOW_SAMPLES
      samples.numbers[place] = number
      samples.cpu[place] = Math.min(capacity.cpu, this.#cpuOf(row))
      samples.memory[place] = Math.min(capacity.memory, kubelets.workingSet(row) + this.#systemMemory)
      samples.latest = place
      samples.capacity = capacity
    }
  }

  /** Tells the scheduler of the window that ends now; nodes without a sample in it are not measured. */
  fetch(now: Micros): void {
    const loads = new Map<NodeIndex, NodeLoad>()
    for (const [row, samples] of this.#samples) {
      const places = [...samples.numbers.keys()].filter((place) => this.#isInWindow(samples, place))
      if (places.length === 0) {
        this.#samples.delete(row)
        continue
      }
      const { capacity } = samples
      const isHeard = (samples.numbers[samples.latest] ?? -1) > this.#number - SAMPLES_PER_FETCH
      const latest = isHeard ? samples.latest : undefined
      loads.set(row, {
        cpu: measured(samples.cpu, { places, latest, capacity: capacity.cpu }),
        memory: measured(samples.memory, { places, latest, capacity: capacity.memory }),
      })
    }
    this.#parts.scheduler.cluster.nodes.loads.replace(loads, now)
  }

  #cpuOf(row: NodeRow): number {
    const { kubelets } = this.#parts
    const { given, requests } = kubelets.workers.cpu.usedOn(row)
    const others = Math.max(0, kubelets.runningCpu(row) - requests)
    return given + others * this.#behaviour.cpuUse(this.#stream)
  }

  #isInWindow({ numbers }: Samples, place: number): boolean {
    const number = numbers[place] ?? -1
    return number >= 0 && number > this.#number - WINDOW_SAMPLES
  }

  #samplesOf(row: NodeRow): Samples {
    let samples = this.#samples.get(row)
    if (samples === undefined) {
      samples = {
        cpu: new Float64Array(WINDOW_SAMPLES),
        memory: new Float64Array(WINDOW_SAMPLES),
        numbers: new Float64Array(WINDOW_SAMPLES).fill(-1),
        latest: 0,
        capacity: { cpu: 0, memory: 0 },
      }
      this.#samples.set(row, samples)
    }
    return samples
  }
}

function measured(
  values: Float64Array,
  setting: {
    readonly places: readonly number[]
    /** Place of the newest sample; undefined when that is too old. */
    readonly latest: number | undefined
    readonly capacity: number
  },
): MeasuredUse {
  const { places, latest, capacity } = setting
  let sum = 0
  for (const place of places) sum += values[place] ?? 0
  const mean = sum / places.length
  let squares = 0
  for (const place of places) squares += ((values[place] ?? 0) - mean) ** 2
  return {
    latest: latest === undefined ? undefined : values[latest],
    mean,
    deviation: Math.sqrt(squares / places.length),
    capacity,
  }
}
