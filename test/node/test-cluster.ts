import type { PodTemplate } from '../../src/api/pod-template.ts'
import type { Node, PodSpec } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import { defaultAdmission } from '../../src/cluster/admission-stages/index.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { POD_CREATED, POD_DELETED, POD_FINISHED } from '../../src/cluster/pod-event.ts'
import { NO_TIME, PHASE_NAMES } from '../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import type { PayloadHandler } from '../../src/engine/simulation.ts'
import { EvictionManager } from '../../src/node/eviction/manager.ts'
import type { EvictionOptions } from '../../src/node/eviction/manager.ts'
import { hardMemory } from '../../src/node/eviction/node-measures.ts'
import type { SystemUse } from '../../src/node/eviction/node-measures.ts'
import { parseThresholds } from '../../src/node/eviction/threshold-config.ts'
import type { EvictionConfiguration } from '../../src/node/eviction/threshold-config.ts'
import { Kubelets } from '../../src/node/kubelet.ts'
import type { KubeletOptions } from '../../src/node/kubelet-options.ts'
import { LocalUse, NO_LOCAL_USE } from '../../src/node/local-use.ts'
import type { LocalUseOptions } from '../../src/node/local-use.ts'
import { Machines } from '../../src/node/machine.ts'
import { OomKiller } from '../../src/node/oom-killer.ts'
import { startNodeStatus } from '../../src/node/node-status.ts'
import { UsageModel } from '../../src/node/usage-model.ts'
import type { UsageOptions } from '../../src/node/usage-model.ts'

export const MIB = 1024 ** 2
export const GIB = 1024 ** 3

/**
 * How a test cluster's nodes behave; containers start and stop at once and use what they request by default.
 */
export interface TestClusterOptions {
  readonly seed?: number
  readonly kubelet?: Partial<KubeletOptions>
  readonly usage?: Partial<UsageOptions>
  /** Runs an eviction manager with these settings. */
  readonly eviction?: TestEviction
  /** What pods use of disk, inodes and processes. */
  readonly localUse?: LocalUseOptions
  /** Whether the kernels kill when memory runs out. */
  readonly kernel?: boolean
}

/** Settings of the eviction manager: hard thresholds and what else a kubelet reads, and the memory of the system. */
export type TestEviction = EvictionConfiguration &
  Partial<Pick<EvictionOptions, 'maxPodGrace' | 'pressureTransition'>> & {
    readonly system?: Partial<SystemUse>
  }

/** A pod to create with its own spec. */
interface TestPod {
  readonly node?: NodeRow
  readonly cpu?: number
  readonly memory?: number
  /** Seconds. */
  readonly duration?: number
  readonly usedMemory?: number
  readonly spec?: Partial<PodSpec>
  readonly sizing?: PodTemplate['sizing']
}

/** The real API server, machines and kubelets on a simulation of their own, and hands to move things by. */
export class TestCluster {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly kubelets: Kubelets
  readonly eviction: EvictionManager | undefined
  readonly localUse: LocalUse
  readonly oom: OomKiller | undefined
  readonly #step: PayloadHandler<() => void>

  constructor(options: TestClusterOptions = {}) {
    this.sim = new Simulation({ seed: options.seed ?? 1, log: 'hash' })
    this.api = new ApiServer(this.sim, defaultAdmission)
    this.machines = new Machines(this.sim, this.api)
    const streams = { factors: this.sim.random.stream('factors'), rises: this.sim.random.stream('rises') }
    const usage = new UsageModel(this.api.pods, { memoryFactor: () => 1, ...options.usage }, streams)
    const { machines } = this
    this.kubelets = new Kubelets(
      this.sim,
      this.api,
      { machines, usage },
      { startup: () => 0, stop: () => 0, ...options.kubelet },
    )
    startNodeStatus(this.api, machines)
    const { kubelets } = this
    const localStream = this.sim.random.stream('local')
    const localUse = new LocalUse(this.api, options.localUse ?? {}, localStream)
    kubelets.onDisk((pod, bytes) => localUse.setDisk(pod, bytes))
    this.localUse = localUse
    const settings = evictionOptions(options.eviction ?? {})
    this.eviction =
      options.eviction === undefined
        ? undefined
        : new EvictionManager(this.sim, this.api, { kubelets, machines, localUse: this.localUse }, settings)
    const { system = { memory: 0 }, thresholds = [] } = settings
    this.oom =
      options.kernel === true
        ? new OomKiller(
            this.sim,
            this.api,
            { kubelets, machines },
            {
              systemMemory: system.memory,
              hardThreshold: (capacity) => hardMemory(thresholds, capacity),
            },
          )
        : undefined
    this.#step = this.sim.payloadHandler<() => void>('test/step', (body) => body())
  }

  /** Runs `body` at an instant, in seconds. */
  at(seconds: number, body: () => void): void {
    this.sim.atWith(Math.round(seconds * SECOND), this.#step, body)
  }

  /** Runs up to and at an instant, in seconds. */
  runTo(seconds: number): void {
    this.sim.run(Math.round(seconds * SECOND))
  }

  addNode(
    name: string,
    options: {
      memory?: string
      cpu?: string
      pods?: string
      zone?: string
      disk?: string
      allocatableMemory?: string
      annotations?: Record<string, string>
    } = {},
  ): NodeRow {
    const amounts = {
      cpu: options.cpu ?? '8',
      memory: options.memory ?? '16Gi',
      pods: options.pods ?? '110',
      ...(options.disk === undefined ? {} : { 'ephemeral-storage': options.disk }),
    }
    const { allocatableMemory, annotations = {} } = options
    const labels: Record<string, string> =
      options.zone === undefined ? {} : { 'topology.kubernetes.io/zone': options.zone }
    this.api.nodes.create({
      metadata: { name, labels, annotations },
      status: {
        capacity: amounts,
        allocatable: allocatableMemory === undefined ? amounts : { ...amounts, memory: allocatableMemory },
        conditions: [
          { type: 'Ready', status: 'True', reason: 'KubeletReady' },
          { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
        ],
      },
    })
    return this.api.nodeRows.everRowOf(name)
  }

  node(row: NodeRow): Node {
    const node = this.api.nodeRows.nodeOf(row)
    if (node === undefined) throw new Error(`node ${row} is gone`)
    return node
  }

  /** Status of a condition of the node. */
  condition(row: NodeRow, type: string): string | undefined {
    return this.node(row).status?.conditions?.find((condition) => condition.type === type)?.status
  }

  /** Taints of the node, as `key:effect` without the usual prefix. */
  taints(row: NodeRow): string[] {
    return (this.node(row).spec?.taints ?? []).map(
      ({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`,
    )
  }

  createPod(pod: TestPod): PodRow {
    const interned = this.api.pods.templates.intern(podTemplate(pod.spec, pod.sizing))
    if (!interned.ok) throw new Error(interned.message)
    return this.api.pods.create({
      template: interned.id,
      ...(pod.cpu === undefined ? {} : { cpu: pod.cpu }),
      ...(pod.memory === undefined ? {} : { memory: pod.memory }),
      ...(pod.duration === undefined ? {} : { duration: Math.round(pod.duration * SECOND) }),
      ...(pod.usedMemory === undefined ? {} : { usedMemory: pod.usedMemory }),
      ...(pod.node === undefined ? {} : { node: pod.node }),
    })
  }

  /** Phase of a pod with its reason, or `gone`; times in seconds. */
  state(pod: PodRow): string {
    const { table } = this.api.pods
    if (this.api.pods.isRemoved(pod)) return 'gone'
    const phase = PHASE_NAMES[table.phase(pod)] ?? ''
    const reason = table.reason(pod)
    const deleting = table.deletingAt(pod) === NO_TIME ? '' : ' deleting'
    return `${phase}${reason === '' ? '' : ` ${reason}`}${deleting}`
  }

  /** An instant of a pod's columns in seconds. */
  seconds(column: 'runningAt' | 'finishedAt' | 'deletingAt' | 'readyAt' | 'boundAt', pod: PodRow): number {
    const at = this.api.pods.table[column](pod)
    return at === NO_TIME ? NO_TIME : at / SECOND
  }

  /**
   * A scheduler for tests: binds each pod, first come first, to the first node by row that is Ready, has no
   * NoSchedule taint, and has the cpu; tries again whenever a pod or a node changes.
   */
  startScheduler(): void {
    const { pods } = this.api
    const waiting = new Map<PodRow, number>()
    this.api.watch({
      name: 'test/scheduler',
      from: 1,
      podEvents: POD_CREATED | POD_FINISHED | POD_DELETED,
      kinds: ['Node'],
      onPod: ({ pod, serial, node, podEvent }) => {
        if (podEvent === POD_CREATED && node === NO_NODE) waiting.set(pod, serial)
      },
      onObject: () => {},
      onBatch: () => {
        const free = this.#freeCpu()
        for (const [pod, serial] of waiting) {
          const cpu = pods.table.cpu(pod)
          const isThere = pods.isCurrent(pod, serial) && !pods.isRemoved(pod)
          const node = isThere ? [...free].find(([, milli]) => milli >= cpu)?.[0] : undefined
          if (isThere && node === undefined) continue
          waiting.delete(pod)
          if (node === undefined) continue
          pods.bind(pod, node, 0)
          free.set(node, (free.get(node) ?? 0) - cpu)
        }
      },
    })
  }

  /** Millicores that are free on each node that takes pods, by row. */
  #freeCpu(): Map<NodeRow, number> {
    const free = new Map<NodeRow, number>()
    const { pods, nodeRows } = this.api
    for (let index = 0; index < nodeRows.used; index++) {
      const node = nodeRows.nodeOf(index as NodeRow)
      if (node === undefined || (node.spec?.taints ?? []).length > 0) continue
      free.set(index as NodeRow, Number(node.status?.allocatable?.['cpu'] ?? 0) * 1000)
    }
    for (const pod of pods.table.stored()) {
      const node = pods.table.node(pod)
      const left = free.get(node)
      if (left === undefined) continue
      if (pods.isActive(pod)) free.set(node, left - pods.table.cpu(pod))
    }
    return free
  }
}

/** A template of pods that bring their own size, or of pods with the size of their containers. */
export function podTemplate(
  spec: Partial<PodSpec> = {},
  sizing: PodTemplate['sizing'] = 'requests',
): PodTemplate {
  return {
    metadata: { namespace: 'default', labels: {}, annotations: {} },
    spec: { containers: [{ name: 'main' }], ...spec },
    sizing,
  }
}

/** The options of an eviction manager with these settings; without thresholds of its own those of a kubelet. */
function evictionOptions(settings: TestEviction): Partial<EvictionOptions> {
  const { maxPodGrace, pressureTransition, system, ...configuration } = settings
  const isSet = configuration.evictionHard !== undefined || configuration.evictionSoft !== undefined
  return {
    ...(isSet ? { thresholds: parseThresholds(configuration) } : {}),
    ...(maxPodGrace === undefined ? {} : { maxPodGrace }),
    ...(pressureTransition === undefined ? {} : { pressureTransition }),
    ...(system === undefined ? {} : { system: { memory: 0, ...NO_LOCAL_USE, ...system } }),
  }
}
