/** Placers of pods, ours and the bare loop, and a stream of pods that come and go in a cluster that is 70 % full. */
import { plugins } from '../plugins/index.ts'
import { ReplayWork, WORK_NODE } from '../src/benchmark/replay-work.ts'
import type { WorkPod } from '../src/benchmark/replay-work.ts'
import { ApiServer } from '../src/cluster/api-server.ts'
import type { NodeRow, PodRow } from '../src/cluster/rows.ts'
import { Simulation } from '../src/engine/simulation.ts'
import { Cycle } from '../src/scheduler/cycle.ts'
import { parseConfiguration } from '../src/scheduler/configuration/parse.ts'
import { NodePicker } from '../src/scheduler/node-picker.ts'
import type { Pick } from '../src/scheduler/node-picker.ts'
import { buildProfiles } from '../src/scheduler/profile-builder.ts'
import { DEFAULT_QUEUE } from '../src/scheduler/queue-options.ts'
import { Scheduler } from '../src/scheduler/scheduler.ts'
import { PodTemplates } from '../src/workload/pod-templates.ts'
import { parseNodeShape } from '../src/workload/node-list.ts'
import { BareLoop } from './bare-loop.ts'

/** Zones of unequal size, so that the order of the nodes is not the order of their rows. */
const ZONES = ['zone-a', 'zone-b', 'zone-a', 'zone-c', 'zone-a', 'zone-b']
const MEBIBYTE = 1024 * 1024
/** Share of the cpu of all nodes that running pods ask for, where nothing else is said. */
const FULL = 0.7
/** More pods than sizes that the scheduler keeps in mind, so that each comes back as a stranger. */
const PODS_MIN = 20_000
/** Live pods a node, about, of a cluster whose cpu is all asked for; and how many more are made. */
const LIVE_A_NODE = 36
const MORE = 1.3

/** Sizes of pods. */
export interface Sizes {
  readonly cpu: Float64Array
  /** Bytes. */
  readonly memory: Float64Array
}

/** Finds nodes for pods by their number in `Sizes`, and counts them there. */
export interface Placer {
  /** The node, or -1. */
  place(pod: number): number
  release(pod: number, node: number): void
}

/** What pods are placed on, and how. */
export interface PlacerSetting {
  readonly nodes: number
  /** undefined: adaptive. */
  readonly percentageOfNodesToScore: number | undefined
  readonly sizes: Sizes
  /** Share of the cpu of all nodes that running pods ask for. */
  readonly full: number
}

/** A cluster, and pods that fill it. */
export function placerSetting(
  nodes: number,
  {
    percentage,
    shapes,
    full = FULL,
  }: {
    readonly percentage?: number | undefined
    readonly shapes?: number | undefined
    readonly full?: number
  },
): PlacerSetting {
  return { nodes, percentageOfNodesToScore: percentage, sizes: sizesFor(nodes * full, shapes), full }
}

/** Sizes of the replay's pods, enough for so many nodes when they are full. */
function sizesFor(nodes: number, shapes: number | undefined): Sizes {
  const pods = Math.max(PODS_MIN, Math.ceil(nodes * LIVE_A_NODE * MORE))
  const work = new ReplayWork({ nodes, pods, shapes, seed: 1 })
  const pod: WorkPod = { arrivalMs: 0, durationMs: 0, cpuMilli: 0, memoryMib: 0 }
  const sizes = { cpu: new Float64Array(pods), memory: new Float64Array(pods) }
  for (let i = 0; work.next(pod); i++) {
    sizes.cpu[i] = pod.cpuMilli
    sizes.memory[i] = pod.memoryMib * MEBIBYTE
  }
  return sizes
}

/** stowage's own pickers of nodes over its own cluster; `definition` is the slow one. */
export function ourPlacers(setting: PlacerSetting): {
  readonly fast: Placer
  readonly definition: Placer
  /** Nodes in the order in which they are searched. */
  readonly order: readonly number[]
} {
  const { sizes, percentageOfNodesToScore } = setting
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const { cpuMilli, memoryGib, pods } = WORK_NODE
  const shape = `${setting.nodes}x${cpuMilli / 1000}:${memoryGib}Gi:${pods}`
  for (const node of parseNodeShape(shape, { zones: ZONES })) api.nodes.create(node)
  const { profiles } = buildProfiles(parseConfiguration({}, 'config'), {
    registry: plugins,
    gates: new Map(),
  })
  const common = { tieBreak: 'heap' as const, watchLatency: 0, cycleTime: 0 }
  const scheduler = new Scheduler(sim, api, { profiles, queue: DEFAULT_QUEUE, ...common })
  sim.run(1)
  const { spec, ...rest } = new PodTemplates().of({})
  // Nobody's pods: the scheduler of the cluster leaves them to this bench.
  const template = api.pods.templates.intern({ ...rest, spec: { ...spec, schedulerName: 'nobody' } })
  if (!template.ok) throw new Error(template.message)
  const rows = Array.from(sizes.cpu, (cpu, index) =>
    api.pods.create({ template: template.id, cpu, memory: sizes.memory[index] ?? 0 }),
  )
  const [profile] = scheduler.profiles.values()
  if (profile === undefined) throw new Error('there is no profile')
  const { shapes, nodes } = scheduler.cluster
  // As the scheduler does with sizes that it has not seen lately.
  const pickBySize = (picker: NodePicker, row: PodRow): Pick | undefined => {
    const base = shapes.baseOf(row)
    const kin = profile.kinOf(base.template)
    const size = shapes.sizeOf(row)
    const shape = shapes.knownShape(base, size.cpu, size.memory)
    if (kin === undefined || (shape !== undefined && profile.knownClassOf(shape) !== undefined))
      return undefined
    return picker.pickBySize(profile, kin, size)
  }
  const placer = (usesIndex: boolean): Placer => {
    const picker = new NodePicker(new Cycle(scheduler.cluster), {
      percentageOfNodesToScore,
      tieBreak: 'heap',
      ties: sim.random.stream('bench'),
      usesIndex,
      keepsDetails: false,
      batches: false,
      clock: () => sim.now,
    })
    return {
      place(pod) {
        const row = rows[pod] as PodRow
        const sized = usesIndex ? pickBySize(picker, row) : undefined
        const { node } = sized ?? picker.pick(profile, profile.classOf(shapes.shapeOf(row)), row)
        if (node >= 0) nodes.addPod(row, node as NodeRow, 0)
        return node
      },
      release: (pod) => nodes.removePod(rows[pod] as PodRow),
    }
  }
  return { fast: placer(true), definition: placer(false), order: scheduler.cluster.order }
}

/** The bare loop over as many nodes, which are numbered in the order of the search. */
export function barePlacer(setting: PlacerSetting): Placer {
  const { cpuMilli, memoryGib, pods } = WORK_NODE
  const room = { cpu: cpuMilli, memory: memoryGib * 1024 * MEBIBYTE, pods }
  const loop = new BareLoop(setting.nodes, room, setting.percentageOfNodesToScore)
  const { cpu, memory } = setting.sizes
  return {
    place: (pod) => loop.place(cpu[pod] as number, memory[pod] as number),
    release: (pod, at) => loop.release(at, cpu[pod] as number, memory[pod] as number),
  }
}

/** Pods that come in turn, and leave in that order once the cluster is as full as it is to be. */
export class SteadyStream {
  /** Pods that found no node. */
  failed = 0
  #placer: Placer
  readonly #sizes: Sizes
  readonly #cpuMax: number
  readonly #nodeOf: Int32Array
  #head = 0
  #tail = 0
  #cpu = 0

  constructor(placer: Placer, { nodes, sizes, full }: PlacerSetting) {
    this.#placer = placer
    this.#sizes = sizes
    this.#cpuMax = full * nodes * WORK_NODE.cpuMilli
    this.#nodeOf = new Int32Array(sizes.cpu.length)
  }

  /** Places pods until the first has to leave; `by` may be another placer on the same cluster. */
  fill(by = this.#placer): void {
    const placer = this.#placer
    this.#placer = by
    while (this.#cpu <= this.#cpuMax) this.run(1)
    this.#placer = placer
  }

  /** Places `count` pods; the node of the last one. */
  run(count: number): number {
    const placer = this.#placer
    const { cpu } = this.#sizes
    const pods = cpu.length
    let node = -1
    for (let i = 0; i < count; i++) {
      while (this.#cpu > this.#cpuMax) this.#releaseFirst()
      node = placer.place(this.#tail)
      this.#nodeOf[this.#tail] = node
      if (node < 0) this.failed += 1
      this.#cpu += cpu[this.#tail] as number
      if (++this.#tail === pods) this.#tail = 0
      if (this.#tail === this.#head) throw new Error('all pods are running')
    }
    return node
  }

  #releaseFirst(): void {
    const node = this.#nodeOf[this.#head] as number
    if (node >= 0) this.#placer.release(this.#head, node)
    this.#cpu -= this.#sizes.cpu[this.#head] as number
    if (++this.#head === this.#nodeOf.length) this.#head = 0
  }
}
