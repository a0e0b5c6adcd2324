import { quantityValue } from '../../api/quantity.ts'
import { NEVER } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Handler, Simulation, Timer } from '../../engine/simulation.ts'
import type { Speed } from '../machine-strain.ts'
import type { ImageAsk, ImageService } from '../lifecycle/worker-host.ts'
import { ImageReport } from './image-report.ts'
import { fullImageName, pullPolicyOf } from './image-name.ts'
import { COLLECT_EVERY, IMAGE_DEFAULTS } from './image-options.ts'
import type { ImageLayer, ImageOptions } from './image-options.ts'
import { NodeImages } from './node-images.ts'
import { NodePulls } from './node-pulls.ts'
import { Registries } from './registries.ts'
import type { Pull } from './node-pulls.ts'

/** Why an image is not there. */
export interface ImageFailure {
  readonly reason: string
  readonly message: string
}

/** A pull with who waits for it. */
interface AskedPull extends Pull {
  readonly pod: PodRow
  readonly serial: number
  readonly container: number
  failure: ImageFailure | undefined
}

interface NodeState {
  readonly images: NodeImages
  pulls: NodePulls<AskedPull>
  /** Whether its kubelet does nothing. */
  isIdle: boolean
  /** Bytes for images; 0: nobody knows, and none are removed. */
  readonly disk: number
  timer: Timer | undefined
  collectTimer: Timer | undefined
}

/** What images need to know of nodes and tell them. */
export interface ImageNodes {
  /** Tells a pod's worker that an image is there, or why not. */
  readonly arrived: (pod: PodRow, container: number, failure: ImageFailure | undefined) => void
  readonly speedOf: (node: NodeRow) => Speed
  /** Share of the disk that is taken by nobody that Kubernetes knows of. */
  readonly diskTaken: (node: NodeRow) => number
  /** Whether the node and the API server hear of each other. */
  readonly reports: (node: NodeRow) => boolean
}

/**
 * The images of all nodes: what each has, what it pulls, and what it removes when its disk fills up.
 *
 * A node has from the start what its `status.images` lists. Compressed and on disk an image counts the same.
 * Source: kubelet v1.37, images/image_manager.go, puller.go, image_gc_manager.go.
 */
export class Images implements ImageService {
  /** What is wrong with the registries. */
  readonly registries = new Registries()
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #options: ImageOptions
  readonly #nodes: ImageNodes
  readonly #states = new Map<NodeRow, NodeState>()
  readonly #report: ImageReport
  readonly #progress: Handler
  readonly #collect: Handler

  constructor(sim: Simulation, api: ApiServer, options: Partial<ImageOptions>, nodes: ImageNodes) {
    this.#sim = sim
    this.#api = api
    this.#options = { ...IMAGE_DEFAULTS, ...options }
    this.#nodes = nodes
    this.#report = new ImageReport(sim, api, {
      imagesOf: (node) => this.#stateOf(node).images.list(),
      reports: nodes.reports,
    })
    this.#progress = sim.handler('images/progress', (node) => this.#onProgress(node as NodeRow))
    this.#collect = sim.handler('images/collect', (node) => this.#onCollect(node as NodeRow))
  }

  /** Full names of the images that a node has. */
  namesOn(node: NodeRow): readonly string[] {
    return this.#stateOf(node).images.names()
  }

  /** Bytes of images on a node. */
  bytesOn(node: NodeRow): number {
    return this.#stateOf(node).images.bytes
  }

  needsPull({ node, container }: ImageAsk): boolean | 'never' {
    const { image = '', imagePullPolicy } = container.plan.spec
    const policy = pullPolicyOf(image, imagePullPolicy)
    if (policy === 'Always') return true
    if (this.#stateOf(node).images.has(fullImageName(image))) return false
    return policy === 'Never' ? 'never' : true
  }

  pull({ pod, node, container }: ImageAsk): void {
    const state = this.#stateOf(node)
    state.pulls.add({
      image: fullImageName(container.plan.spec.image ?? ''),
      left: undefined,
      answerAt: 0,
      pod,
      serial: this.#api.pods.table.serial(pod),
      container: container.plan.index,
      failure: undefined,
    })
    this.#beginAll(state)
    this.#wait(node, state)
  }

  setUsed({ node, container }: ImageAsk, isUsed: boolean): void {
    const { image } = container.plan.spec
    if (image !== undefined) this.#stateOf(node).images.use(fullImageName(image), isUsed, this.#sim.now)
  }

  /** Removes all images of a node that nobody uses, as node-pressure eviction asks for; returns the bytes. */
  reclaim(node: NodeRow): number {
    this.#report.changed(node)
    return this.#stateOf(node).images.free(Number.POSITIVE_INFINITY, this.#sim.now, 0)
  }

  /** The kubelet of a node starts: it pulls nothing yet, and nothing runs. */
  restart(node: NodeRow): void {
    this.interrupt(node)
    this.#states.get(node)?.images.release()
    this.resume(node)
  }

  /** The kubelet of a node does nothing any more: its pulls end, and no image is removed. */
  interrupt(node: NodeRow): void {
    const state = this.#states.get(node)
    if (state === undefined) return
    if (state.timer !== undefined) this.#sim.cancel(state.timer)
    state.timer = undefined
    state.pulls = this.#newPulls(node)
    state.isIdle = true
  }

  /** The kubelet of a node works again. */
  resume(node: NodeRow): void {
    const state = this.#states.get(node)
    if (state === undefined) return
    state.isIdle = false
    if (this.#percentUsed(node, state) >= this.#options.highPercent) this.#collectLater(node, state)
  }

  /** The API server hears of the node again. */
  connected(node: NodeRow): void {
    this.#report.connected(node)
  }

  /** The machine of a node is faster or slower than it was, or has another share of its disk taken. */
  strained(node: NodeRow): void {
    const state = this.#nodes.diskTaken(node) > 0 ? this.#stateOf(node) : this.#states.get(node)
    if (state === undefined) return
    state.pulls.setSpeed(this.#pullSpeed(node), this.#sim.now)
    this.#wait(node, state)
    if (this.#percentUsed(node, state) >= this.#options.highPercent) this.#collectLater(node, state)
  }

  /** Begins the pulls that may begin now. */
  #beginAll(state: NodeState): void {
    const { now } = this.#sim
    for (let pull = state.pulls.begin(now); pull !== undefined; pull = state.pulls.begin(now)) {
      const mayAsk = state.pulls.mayAsk(now)
      pull.answerAt = mayAsk ? now + Math.round(this.#options.latency * this.#slownessOf(pull)) : now
      if (!mayAsk) pull.failure = { reason: 'ErrImagePull', message: 'pull QPS exceeded' }
    }
  }

  #onProgress(node: NodeRow): void {
    const state = this.#stateOf(node)
    const { now } = this.#sim
    state.timer = undefined
    const over: AskedPull[] = []
    for (const pull of state.pulls.unanswered(now)) {
      const bytes = state.images.missing(this.#layersOf(pull.image))
      pull.failure ??= this.#unavailable(pull.image) ?? this.#noRoom(node, state, pull.image, bytes)
      if (pull.failure === undefined) state.pulls.answered(pull, bytes * this.#slownessOf(pull), now)
      else {
        state.pulls.end(pull, now)
        over.push(pull)
      }
    }
    for (const pull of state.pulls.finished(now)) {
      if (!state.images.has(pull.image)) this.#report.changed(node)
      state.images.add(pull.image, this.#layersOf(pull.image), now)
      over.push(pull)
    }
    this.#beginAll(state)
    this.#wait(node, state)
    if (this.#percentUsed(node, state) >= this.#options.highPercent) this.#collectLater(node, state)
    for (const { pod, serial, container, failure } of over) {
      if (this.#api.pods.isCurrent(pod, serial)) this.#nodes.arrived(pod, container, failure)
    }
  }

  /** How many times as long a pull takes: 1 also where its registry is down, which it learns as it should have been answered. */
  #slownessOf({ image }: AskedPull): number {
    const slowness = this.registries.slownessOf(image)
    return Number.isFinite(slowness) ? slowness : 1
  }

  #unavailable(image: string): ImageFailure | undefined {
    const { now } = this.#sim
    if (this.registries.slownessOf(image) === Number.POSITIVE_INFINITY) {
      return {
        reason: 'ErrImagePull',
        message: `failed to pull image "${image}": the registry does not answer`,
      }
    }
    const spans = this.#options.unavailable.get(image) ?? []
    if (!spans.some(({ from, to }) => now >= from && now < to)) return undefined
    return { reason: 'ErrImagePull', message: `failed to pull and unpack image "${image}": not found` }
  }

  /** On a disk that somebody fills there may be no room for so many bytes: the runtime fails to unpack them. */
  #noRoom(node: NodeRow, state: NodeState, image: string, bytes: number): ImageFailure | undefined {
    const taken = this.#takenOn(node, state)
    const used = taken + state.images.bytes + state.pulls.bytesLeft
    if (taken === 0 || used + bytes <= state.disk) return undefined
    return {
      reason: 'ErrImagePull',
      message: `failed to pull and unpack image "${image}": no space left on device`,
    }
  }

  /** Bytes of the disk for images that somebody else has taken. */
  #takenOn(node: NodeRow, { disk }: NodeState): number {
    return Math.round(this.#nodes.diskTaken(node) * disk)
  }

  /** What is pulled is written as it comes: the slower of both decides. */
  #pullSpeed(node: NodeRow): number {
    const { disk, network } = this.#nodes.speedOf(node)
    return Math.min(disk, network)
  }

  /** Source: kubelet v1.37, images/image_gc_manager.go `GarbageCollect`. */
  #onCollect(node: NodeRow): void {
    const state = this.#stateOf(node)
    state.collectTimer = undefined
    const { highPercent, lowPercent, minAge } = this.#options
    if (state.isIdle || this.#percentUsed(node, state) < highPercent) return
    const used = state.images.bytes + this.#takenOn(node, state)
    const toFree = Math.floor((state.disk * (100 - lowPercent)) / 100) - (state.disk - used)
    if (state.images.free(toFree, this.#sim.now, minAge) > 0) this.#report.changed(node)
    if (this.#percentUsed(node, state) >= highPercent) this.#collectLater(node, state)
  }

  #collectLater(node: NodeRow, state: NodeState): void {
    const at = (Math.floor(this.#sim.now / COLLECT_EVERY) + 1) * COLLECT_EVERY
    state.collectTimer ??= this.#sim.at(at, this.#collect, node)
  }

  /** Whole percents, what is free rounded down. */
  #percentUsed(node: NodeRow, state: NodeState): number {
    const { disk, images } = state
    if (disk === 0) return 0
    return 100 - Math.floor((Math.max(0, disk - images.bytes - this.#takenOn(node, state)) * 100) / disk)
  }

  #wait(node: NodeRow, state: NodeState): void {
    if (state.timer !== undefined) this.#sim.cancel(state.timer)
    const at = state.pulls.nextAt()
    state.timer = at === NEVER ? undefined : this.#sim.at(Math.max(at, this.#sim.now), this.#progress, node)
  }

  #layersOf(image: string): readonly ImageLayer[] {
    const { layers, sizes, defaultSize } = this.#options
    return layers.get(image) ?? [{ digest: image, size: sizes.get(image) ?? defaultSize }]
  }

  #stateOf(node: NodeRow): NodeState {
    let state = this.#states.get(node)
    if (state === undefined) {
      state = this.#newState(node)
      this.#states.set(node, state)
    }
    return state
  }

  #newPulls(node: NodeRow): NodePulls<AskedPull> {
    const pulls = new NodePulls<AskedPull>(this.#options)
    pulls.setSpeed(this.#pullSpeed(node), this.#sim.now)
    return pulls
  }

  #newState(node: NodeRow): NodeState {
    const status = this.#api.nodeRows.nodeOf(node)?.status
    const storage = status?.capacity?.['ephemeral-storage']
    const { disk = storage === undefined ? 0 : quantityValue(storage) } = this.#options
    const images = new NodeImages()
    for (const { names = [], sizeBytes = 0 } of status?.images ?? []) {
      const [digest = ''] = names
      for (const name of names) images.add(fullImageName(name), [{ digest, size: sizeBytes }], 0)
    }
    const pulls = this.#newPulls(node)
    return { images, pulls, disk, isIdle: false, timer: undefined, collectTimer: undefined }
  }
}
