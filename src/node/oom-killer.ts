import { OOM_KILLED } from '../cluster/pod-reason.ts'
import type { PodTemplate } from '../api/pod-template.ts'
import { formatQuantity, quantityValue } from '../api/quantity.ts'
import { aggregateLimits } from '../api/resources.ts'
import type { Container, Pod } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import type { Kubelets } from './kubelet.ts'
import type { Machines } from './machine.ts'
import { nodeRoom, podsMemoryLimit } from './node-room.ts'
import { oomScoreAdj, oomVictim } from './oom.ts'
import type { OomCandidate } from './oom.ts'

/** A kill, for measuring. */
export interface OomKill {
  readonly pod: PodRow
  readonly node: NodeRow
  /** What ran out: the memory of the node, or what the pod may use at most. */
  readonly of: 'node' | 'limit'
}

/** What the kernels of nodes go by. */
export interface OomOptions {
  /** Bytes in use on each node besides pods. */
  readonly systemMemory: number
  /** Bytes of the hard threshold of memory on a node with so much. */
  readonly hardThreshold: (capacity: number) => number
}

/** Whom the kernel may kill: a container by its place in its pod, or a pod as a whole. */
interface Target extends OomCandidate {
  readonly pod: PodRow
  readonly container: number | undefined
}

interface Bounds {
  /** Bytes that pods may use together before the kernel kills. */
  readonly limit: number
  /** Bytes that scores are counted by. */
  readonly capacity: number
}

/**
 * The kernels of the nodes: when memory runs out, of a node or of what its pods may use, the kernel kills the worst pods at
 * once, until the rest fits; and it kills a pod that comes to use more than its limit.
 *
 * Departs from Kubernetes: a pod above its limit loses the container that uses most, and pods of one simple container are killed
 * as a whole. Source: Linux v6.12, mm/oom_kill.c; cgroups of kubelet v1.37.
 */
export class OomKiller {
  readonly #api: ApiServer
  readonly #kubelets: Kubelets
  readonly #machines: Machines
  readonly #options: OomOptions
  readonly #kill: Handler
  readonly #killOverLimit: Handler
  readonly #due = new Set<NodeRow>()
  readonly #bounds: (Bounds | undefined)[] = []
  readonly #limits = new WeakMap<PodTemplate, number>()
  readonly #observers: ((kill: OomKill) => void)[] = []

  constructor(
    sim: Simulation,
    api: ApiServer,
    parts: { readonly kubelets: Kubelets; readonly machines: Machines },
    options: OomOptions,
  ) {
    this.#api = api
    this.#kubelets = parts.kubelets
    this.#machines = parts.machines
    this.#options = options
    this.#kill = sim.handler('oom/kill', (node) => this.#onKill(node as NodeRow))
    this.#killOverLimit = sim.handler('oom/limit', (pod, serial) => this.#onOverLimit(pod as PodRow, serial))
    parts.kubelets.onMuchMemory({
      boundOf: (node) => this.#boundsOf(node).limit,
      hear: (node) => {
        if (this.#due.has(node)) return
        this.#due.add(node)
        sim.after(0, this.#kill, node)
      },
    })
    parts.kubelets.onOverRequest((pod, bytes) => {
      if (bytes > this.#limitOf(pod)) sim.after(0, this.#killOverLimit, pod, api.pods.table.serial(pod))
    })
  }

  /** Registers a measuring instrument. */
  observe(observer: (kill: OomKill) => void): void {
    this.#observers.push(observer)
  }

  #onKill(node: NodeRow): void {
    this.#due.delete(node)
    if (!this.#machines.isUp(node)) return
    const { limit, capacity } = this.#boundsOf(node)
    for (;;) {
      const inUse = this.#kubelets.workingSet(node)
      if (inUse <= limit) return
      const users = this.#kubelets.usingMemoryOn(node)
      const victim = oomVictim(
        users.flatMap((pod) => this.#candidates(pod, node)),
        capacity,
      )
      if (victim === undefined) return
      this.#end({ pod: victim.pod, node, of: 'node' }, victim.container)
      if (this.#kubelets.workingSet(node) >= inUse) return
    }
  }

  /** The memory of a pod that is there still was above its limit. */
  #onOverLimit(pod: PodRow, serial: number): void {
    const { pods } = this.#api
    if (!pods.isCurrent(pod, serial) || pods.isRemoved(pod) || pods.isFinished(pod)) return
    const node = pods.table.node(pod)
    if (!this.#machines.isUp(node) || this.#kubelets.memoryOf(pod) <= this.#limitOf(pod)) return
    this.#end({ pod, node, of: 'limit' })
  }

  #end(kill: OomKill, container?: number): void {
    for (const observer of this.#observers) observer(kill)
    if (container === undefined) this.#kubelets.kill(kill.pod, { reason: OOM_KILLED })
    else this.#kubelets.killContainer(kill.pod, container, OOM_KILLED)
  }

  /** What a node's pods are held to; looked at once a node. */
  #boundsOf(node: NodeRow): Bounds {
    const known = this.#bounds[node]
    if (known !== undefined) return known
    const object = this.#api.nodeRows.nodeOf(node)
    if (object === undefined) return { limit: Number.POSITIVE_INFINITY, capacity: 0 }
    const room = nodeRoom(object)
    const { systemMemory, hardThreshold } = this.#options
    const ofPods = podsMemoryLimit(room, hardThreshold(room.memory))
    const free = room.memory - systemMemory
    // Within the pods' cgroup the kernel counts by its limit.
    const bounds =
      ofPods < free ? { limit: ofPods, capacity: ofPods } : { limit: free, capacity: room.memory }
    this.#bounds[node] = bounds
    return bounds
  }

  /** The containers of a pod with a worker, else the pod as a whole. */
  #candidates(pod: PodRow, node: NodeRow): Target[] {
    const capacity = this.#machines.memoryCapacity(node)
    const whole = this.#podOf(pod)
    const worked = this.#kubelets.workers.workerOf(pod)?.containers
    if (worked === undefined) {
      const [container] = whole.spec?.containers ?? []
      const score = container === undefined ? 0 : oomScoreAdj(whole, container, capacity)
      return [{ pod, container: undefined, oomScoreAdj: score, usage: this.#kubelets.memoryOf(pod) }]
    }
    return worked
      .filter(({ state, memory }) => state === 'running' && memory > 0)
      .map(({ plan, memory }) => ({
        pod,
        container: plan.index,
        oomScoreAdj: oomScoreAdj(whole, plan.spec, capacity),
        usage: memory,
      }))
  }

  /** Bytes that a pod may use at most; no bound where one of its containers has none. */
  #limitOf(pod: PodRow): number {
    const { pods } = this.#api
    const { template } = pods.infoOf(pod)
    if (template.sizing === 'guaranteed') return pods.table.memory(pod)
    if (template.sizing !== 'template') return Number.POSITIVE_INFINITY
    let limit = this.#limits.get(template)
    if (limit === undefined) {
      limit = memoryLimit(template)
      this.#limits.set(template, limit)
    }
    return limit
  }

  #podOf(pod: PodRow): Pod {
    const { pods } = this.#api
    const { template } = pods.infoOf(pod)
    const spec = { ...template.spec, priority: pods.table.priority(pod) }
    const [container] = spec.containers
    if (container === undefined || template.sizing === 'template')
      return { metadata: template.metadata, spec }
    const amounts = { cpu: `${pods.table.cpu(pod)}m`, memory: String(pods.table.memory(pod)) }
    return {
      metadata: template.metadata,
      spec: { ...spec, containers: [sized(container, template.sizing, amounts)] },
    }
  }
}

function sized(
  container: Container,
  sizing: PodTemplate['sizing'],
  amounts: Readonly<Record<string, string>>,
): Container {
  if (sizing === 'best-effort') return container
  const resources = sizing === 'guaranteed' ? { requests: amounts, limits: amounts } : { requests: amounts }
  return { ...container, resources }
}

/**
 * The limit of the pod's cgroup: of the pod level, else the sum over containers that all have one.
 *
 * Source: kubelet v1.37, cm/helpers_linux.go `ResourceConfigForPod`.
 */
function memoryLimit({ spec }: PodTemplate): number {
  const ofPod = spec.resources?.limits?.['memory']
  if (ofPod !== undefined) return quantityValue(ofPod)
  const { containers, initContainers = [] } = spec
  const isLimited = [...containers, ...initContainers].every((container) => {
    return quantityValue(container.resources?.limits?.['memory'] ?? 0) > 0
  })
  const sum = aggregateLimits({ spec }, {}).get('memory')
  return isLimited && sum !== undefined ? quantityValue(formatQuantity(sum)) : Number.POSITIVE_INFINITY
}
