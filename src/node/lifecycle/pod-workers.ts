import type { Sampler } from '../../base/distribution.ts'
import { MINUTE, wholeSpan } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { RuntimeClass } from '../../api/types.generated.ts'
import type { NodeRow, PodRow, TemplateId } from '../../cluster/rows.ts'
import type { Handler, Simulation } from '../../engine/simulation.ts'
import { Images } from '../images/images.ts'
import type { ImageOptions } from '../images/image-options.ts'
import type { Speed } from '../machine-strain.ts'
import { BACK_OFF_MAX } from './back-off.ts'
import { Behaviours } from './behaviour-rules.ts'
import type { BehaviourRule } from './behaviour-rules.ts'
import { Checkpoints } from './checkpoints.ts'
import { ContainerDraws } from './container-run.ts'
import type { ContainerRecord } from './container.ts'
import { CpuContention } from './cpu-contention.ts'
import type { CpuNodes } from './cpu-contention.ts'
import type { LifecycleObserver } from './lifecycle-observer.ts'
import { isSimpleSpec, planPod } from './pod-plan.ts'
import type { PodPlan } from './pod-plan.ts'
import { PodWorker } from './pod-worker.ts'
import { runtimeTimes } from './runtimes.ts'
import type { RuntimeTimes } from './runtimes.ts'
import type { PodAmounts, WorkerHandlers, WorkerHost } from './worker-host.ts'

/** How the life of pods is simulated that are more than one container that starts and ends. */
export interface LifecycleOptions {
  /** How containers behave, the later rules first. */
  readonly rules: readonly BehaviourRule[]
  /** How long pods of a Job run of which nothing is said; 1 min by default. */
  readonly jobDuration: Sampler
  /** Longest wait of a crash loop: `crashLoopBackOff.maxContainerRestartPeriod` of a kubelet's configuration. */
  readonly crashBackOffMax: Micros
  /** Times of container runtimes by handler, besides those that are known. */
  readonly runtimes: ReadonlyMap<string, RuntimeTimes>
  /** Images and their pulls; undefined: every node has every image. */
  readonly images: Partial<ImageOptions> | undefined
}

const DEFAULTS: LifecycleOptions = {
  rules: [],
  jobDuration: () => MINUTE,
  crashBackOffMax: BACK_OFF_MAX,
  runtimes: new Map(),
  images: undefined,
}

/** What workers need of the kubelets. */
export interface WorkerKubelets extends Pick<
  WorkerHost,
  'use' | 'running' | 'stopping' | 'ended' | 'over' | 'write' | 'reports' | 'speedOf'
> {
  readonly startup: Sampler
  readonly stop: Sampler
  readonly cpu: CpuNodes
  /** Share of a node's disk that is taken by nobody that Kubernetes knows of. */
  readonly diskTaken: (node: NodeRow) => number
  /** Bytes that a container that asks for so many uses at its peak. */
  readonly peakOf: (request: number) => number
}

const UNKNOWN = 0
const SIMPLE = 1
const WORKED = 2

/** The workers of all pods that need one. */
export class PodWorkers implements WorkerHost {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly draws: ContainerDraws
  readonly checkpoints: Checkpoints
  readonly cpu: CpuContention
  readonly images: Images | undefined
  readonly handlers: WorkerHandlers
  readonly observers: LifecycleObserver[] = []
  readonly #kubelets: WorkerKubelets
  readonly #options: LifecycleOptions
  readonly #behaviours: Behaviours
  readonly #workers = new Map<PodRow, PodWorker>()
  /** What is known of each template, by id. */
  #kinds = new Uint8Array(64)
  readonly #plans = new Map<TemplateId, PodPlan>()
  readonly #upSince = new Map<NodeRow, Micros>()
  /** Nodes whose kubelet does nothing. */
  readonly #idle = new Set<NodeRow>()

  constructor(sim: Simulation, api: ApiServer, kubelets: WorkerKubelets, options: Partial<LifecycleOptions>) {
    this.sim = sim
    this.api = api
    this.#kubelets = kubelets
    this.#options = { ...DEFAULTS, ...options }
    this.#behaviours = new Behaviours(this.#options.rules, this.#options.jobDuration)
    api.pods.templates.onForgotten((template) => this.#plans.delete(template))
    this.draws = new ContainerDraws(sim.random, kubelets.stop)
    this.checkpoints = new Checkpoints(api.pods, sim.random.stream('lifecycle/checkpoint'))
    this.cpu = new CpuContention(kubelets.cpu)
    const { images } = this.#options
    this.images =
      images === undefined
        ? undefined
        : new Images(sim, api, images, {
            arrived: (pod, container, failure) => this.#workers.get(pod)?.imageArrived(container, failure),
            speedOf: (node) => kubelets.speedOf(node),
            diskTaken: (node) => kubelets.diskTaken(node),
            reports: (node) => kubelets.reports(node),
          })
    this.handlers = {
      sandbox: this.#handler('sandbox', (worker) => worker.sandboxReady()),
      started: this.#handler('started', (worker, index) => worker.started(index)),
      hookDone: this.#handler('hook-done', (worker, index) => worker.hookDone(index)),
      end: this.#handler('end', (worker, index) => worker.workDone(index)),
      killed: this.#handler('killed', (worker, index) => worker.killed(index)),
      probe: this.#handler('probe', (worker, place) => worker.probed(place)),
      usage: this.#handler('usage', (worker, index) => worker.usageStep(index)),
      sync: this.#handler('sync', (worker) => worker.backOffOver()),
      deadline: this.#handler('deadline', (worker) => worker.deadlineOver()),
    }
  }

  /** Whether pods of a template need no worker; looked at once a template. */
  isSimple(template: TemplateId): boolean {
    if (template < this.#kinds.length && this.#kinds[template] !== UNKNOWN)
      return this.#kinds[template] === SIMPLE
    return this.#look(template)
  }

  /** Registers a measuring instrument. */
  observe(observer: LifecycleObserver): void {
    this.observers.push(observer)
  }

  /** Bytes that a pod with a worker uses on the disk of its node now, as its containers' behaviour has it; else 0. */
  diskOf(pod: PodRow): number {
    const containers = this.#workers.get(pod)?.containers ?? []
    return containers.reduce((sum, { disk }) => sum + disk, 0)
  }

  /** Whether there are pods that will end on their own. */
  get expectEnds(): boolean {
    for (const worker of this.#workers.values()) if (worker.willEnd) return true
    return false
  }

  /** The worker of a pod; undefined for one that has none. */
  workerOf(pod: PodRow): PodWorker | undefined {
    return this.#workers.get(pod)
  }

  /** Begins to look after a pod that its node has taken. */
  begin(pod: PodRow, node: NodeRow): void {
    this.#workers.get(pod)?.drop()
    const worker = new PodWorker(this, this.planOf(pod), pod, node)
    this.#workers.set(pod, worker)
    worker.begin()
  }

  /** A worker for a pod that ran without one until now. */
  adopt(
    pod: PodRow,
    node: NodeRow,
    run: {
      readonly template: TemplateId
      readonly startedAt: Micros
      readonly endsAt: Micros
      readonly memory: number
    },
  ): void {
    const worker = new PodWorker(this, this.planOf(pod, run.template), pod, node)
    this.#workers.set(pod, worker)
    if (this.#idle.has(node)) worker.kubeletGone()
    worker.adopt(run)
  }

  /** Kills a container of a pod that has a worker; false for one that has none. */
  killContainer(pod: PodRow, index: number, reason: string): boolean {
    const worker = this.#workers.get(pod)
    const container = worker?.containers[index]
    if (container !== undefined) worker?.killNow(container, reason)
    return worker !== undefined
  }

  /** The pod is not the node's any more. */
  drop(pod: PodRow): void {
    this.#workers.get(pod)?.drop()
    this.#workers.delete(pod)
  }

  /** The kubelet of a node starts, on a machine that does. */
  nodeUp(node: NodeRow): void {
    this.#kubeletStarts(node)
    this.images?.restart(node)
  }

  /** The kubelet of a node does nothing any more, while containers run. */
  kubeletGone(node: NodeRow): void {
    this.#idle.add(node)
    this.images?.interrupt(node)
  }

  /** The kubelet of a node starts, and finds what runs. */
  kubeletBack(node: NodeRow): void {
    this.#kubeletStarts(node)
    this.images?.resume(node)
  }

  /** The API server hears of a node again. */
  connected(node: NodeRow): void {
    this.images?.connected(node)
  }

  /** The machine of a node is faster or slower than it was, or has another share of its disk taken; `on` are its pods. */
  strained(node: NodeRow, on: readonly PodRow[]): void {
    for (const pod of on) this.#workers.get(pod)?.strained()
    this.images?.strained(node)
  }

  /** The plan of a pod: its template's, or that of another one, with its own size where it brings one. */
  planOf(pod: PodRow, template = this.api.pods.table.template(pod)): PodPlan {
    const { pods } = this.api
    let plan = this.#plans.get(template)
    if (plan === undefined) {
      plan = this.#planTemplate(template)
      this.#plans.set(template, plan)
    }
    if (pods.infoOf(pod).template.sizing === 'template') return plan
    const [first, ...others] = plan.containers
    if (first === undefined) return plan
    const own = { ...first, cpuRequest: pods.table.cpu(pod), memoryRequest: pods.table.memory(pod) }
    return { ...plan, containers: [own, ...others] }
  }

  get crashBackOffMax(): Micros {
    return this.#options.crashBackOffMax
  }

  sandboxTime(runtimeHandler: string | undefined, node: NodeRow): Micros {
    const startup = this.#kubelets.startup(this.sim.random.stream('lifecycle/startup'))
    const { sandbox } = runtimeTimes(this.#options.runtimes, runtimeHandler)
    const span = wholeSpan(startup) + wholeSpan(sandbox(this.sim.random.stream('lifecycle/sandbox')))
    return Math.ceil(span / this.speedOf(node).cpu)
  }

  containerTime(runtimeHandler: string | undefined, node: NodeRow): Micros {
    const { container } = runtimeTimes(this.#options.runtimes, runtimeHandler)
    const span = wholeSpan(container(this.sim.random.stream('lifecycle/container')))
    return Math.ceil(span / this.speedOf(node).disk)
  }

  speedOf(node: NodeRow): Speed {
    return this.#kubelets.speedOf(node)
  }

  reports(node: NodeRow): boolean {
    return this.#kubelets.reports(node)
  }

  memoryOf(pod: PodRow, { plan }: ContainerRecord): number {
    const known = this.api.pods.table.usedMemory(pod)
    if (known >= 0 && plan.kind === 'regular' && plan.index === this.planOf(pod).initCount) return known
    return this.#kubelets.peakOf(plan.memoryRequest)
  }

  /** Source: kubelet v1.37, prober/worker.go `run`: a worker of a young kubelet sleeps a part of its period first. */
  probePhase(node: NodeRow, period: Micros): Micros {
    const { now } = this.sim
    const upSince = this.#upSince.get(node)
    if (upSince === undefined || now - upSince >= period) return now
    return now + this.sim.random.stream(`lifecycle/probe/${this.api.nodeRows.nameOf(node)}`).integer(period)
  }

  use(pod: PodRow, node: NodeRow, amounts: PodAmounts): void {
    this.#kubelets.use(pod, node, amounts)
  }

  running(pod: PodRow, isFirst: boolean): void {
    this.#kubelets.running(pod, isFirst)
  }

  stopping(pod: PodRow): void {
    this.#kubelets.stopping(pod)
  }

  ended(pod: PodRow): void {
    this.#kubelets.ended(pod)
  }

  over(pod: PodRow, cause: string | undefined): void {
    this.#workers.delete(pod)
    this.#kubelets.over(pod, cause)
  }

  write(body: () => void): void {
    this.#kubelets.write(body)
  }

  #kubeletStarts(node: NodeRow): void {
    this.#upSince.set(node, this.sim.now)
    this.#idle.delete(node)
  }

  #look(template: TemplateId): boolean {
    const { template: object } = this.api.pods.templates.get(template)
    const isPulled =
      this.images !== undefined && object.spec.containers.some(({ image }) => image !== undefined)
    const isSimple = isSimpleSpec(object.spec) && !isPulled && !this.#behaviours.hasAny(object)
    if (template >= this.#kinds.length) {
      const wider = new Uint8Array(Math.max(template + 1, this.#kinds.length * 2))
      wider.set(this.#kinds)
      this.#kinds = wider
    }
    this.#kinds[template] = isSimple ? SIMPLE : WORKED
    return isSimple
  }

  #planTemplate(template: TemplateId): PodPlan {
    const { template: object } = this.api.pods.templates.get(template)
    const { runtimeClassName } = object.spec
    const runtime =
      runtimeClassName === undefined
        ? undefined
        : this.api.collection<RuntimeClass>('RuntimeClass').get(runtimeClassName)
    return planPod(object, this.#behaviours.of(object), runtime?.handler)
  }

  #handler(name: string, run: (worker: PodWorker, second: number) => void): Handler {
    return this.sim.handler(`lifecycle/${name}`, (pod, second) => {
      const worker = this.#workers.get(pod as PodRow)
      if (worker !== undefined) run(worker, second)
    })
  }
}
