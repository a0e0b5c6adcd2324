import type { Micros } from '../base/time.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { AttachableVolume } from '../storage/attachable-volumes.ts'

/** How a volume is on a node. */
export interface Attachment {
  state: 'attaching' | 'attached' | 'detaching'
  /** Whether the node's kubelet uses it, as far as the API server knows (`volumesInUse`). */
  isMounted: boolean
  /** Since when it is not wanted there; undefined before that was seen. */
  detachAskedAt: Micros | undefined
}

/** A pod with volumes that have to be attached. */
export interface WaitingPod {
  readonly pod: PodRow
  readonly serial: number
  readonly node: NodeRow
  readonly volumes: readonly Volume[]
  /** Whether its kubelet waits for a volume, and since when. */
  isHeld: boolean
  heldAt: Micros
  /** Whether somebody was told that its volume is elsewhere. */
  isTold: boolean
}

/** A volume: where it is wanted, by which pods, and where it is. */
export interface Volume extends AttachableVolume {
  /** Nodes on which it is wanted, or is, or was until a moment ago. */
  readonly nodes: Set<NodeRow>
  readonly wanted: Map<NodeRow, Set<WaitingPod>>
  readonly attachments: Map<NodeRow, Attachment>
}

/**
 * Which volumes are wanted on which nodes, and where they are: the desired and the actual state of the world of the real
 * controller (kube-controller-manager v1.37, attachdetach/cache).
 */
export class AttachmentState {
  /** Volumes that the next reconciliation looks at. */
  readonly due = new Set<Volume>()
  readonly #volumes = new Map<string, Volume>()
  readonly #pods = new Map<PodRow, WaitingPod>()
  readonly #byNode = new Map<NodeRow, Set<Volume>>()

  get all(): Iterable<Volume> {
    return this.#volumes.values()
  }

  /** The pod with this serial, if its volumes are known. */
  podOf(pod: PodRow, serial: number): WaitingPod | undefined {
    const known = this.#pods.get(pod)
    return known?.serial === serial ? known : undefined
  }

  /** Notes that a pod wants volumes on its node. */
  want(one: Pick<WaitingPod, 'pod' | 'serial' | 'node'>, volumes: readonly AttachableVolume[]): WaitingPod {
    const before = this.#pods.get(one.pod)
    // Nobody said that the pod that had the row before is gone.
    if (before !== undefined) this.unwant(before)
    const wanted = volumes.map((volume) => this.#volumeOf(volume))
    const waiting: WaitingPod = { ...one, volumes: wanted, isHeld: false, heldAt: 0, isTold: false }
    this.#pods.set(one.pod, waiting)
    for (const volume of wanted) {
      const pods = volume.wanted.get(one.node)
      if (pods === undefined) volume.wanted.set(one.node, new Set([waiting]))
      else pods.add(waiting)
      this.#touch(one.node, volume)
    }
    return waiting
  }

  /** The pod wants nothing any more. */
  unwant(waiting: WaitingPod): void {
    this.#pods.delete(waiting.pod)
    for (const { wanted } of waiting.volumes) {
      const pods = wanted.get(waiting.node)
      pods?.delete(waiting)
      if (pods?.size === 0) wanted.delete(waiting.node)
    }
  }

  /** Whether all volumes of a pod are on its node. */
  isReady({ volumes, node }: WaitingPod): boolean {
    return volumes.every(({ attachments }) => attachments.get(node)?.state === 'attached')
  }

  /** Whether something is under way with a volume that forbids another step: on any node, or on this one if it is shared. */
  isBusy({ isShared, attachments }: Volume, node: NodeRow): boolean {
    const concerned = isShared ? [attachments.get(node)] : [...attachments.values()]
    return concerned.some((attachment) => attachment !== undefined && attachment.state !== 'attached')
  }

  /** Volumes that are wanted on a node, or are there, or were. */
  touching(node: NodeRow): readonly Volume[] {
    return [...(this.#byNode.get(node) ?? [])]
  }

  /** Pods of a node whose kubelet waits for their volumes. */
  heldOn(node: NodeRow): readonly WaitingPod[] {
    const held = new Set<WaitingPod>()
    for (const { wanted } of this.touching(node)) {
      for (const waiting of wanted.get(node) ?? []) if (waiting.isHeld) held.add(waiting)
    }
    return [...held]
  }

  /** Whether something is to be done with a volume, and nothing is under way that ends by itself. */
  isOpen({ wanted, attachments }: Volume): boolean {
    for (const node of wanted.keys()) if (!attachments.has(node)) return true
    for (const [node, { state }] of attachments) if (state === 'attached' && !wanted.has(node)) return true
    return false
  }

  /** Forgets which nodes a volume has left, and the volume if it is nowhere and nobody wants it. */
  forgetLeft(volume: Volume): void {
    for (const node of volume.nodes) {
      if (volume.wanted.has(node) || volume.attachments.has(node)) continue
      volume.nodes.delete(node)
      const others = this.#byNode.get(node)
      others?.delete(volume)
      if (others?.size === 0) this.#byNode.delete(node)
    }
    if (volume.nodes.size === 0) this.#volumes.delete(volume.name)
  }

  #volumeOf({ name, isShared }: AttachableVolume): Volume {
    let volume = this.#volumes.get(name)
    if (volume === undefined) {
      volume = { name, isShared, nodes: new Set(), wanted: new Map(), attachments: new Map() }
      this.#volumes.set(name, volume)
    }
    return volume
  }

  #touch(node: NodeRow, volume: Volume): void {
    volume.nodes.add(node)
    const volumes = this.#byNode.get(node)
    if (volumes === undefined) this.#byNode.set(node, new Set([volume]))
    else volumes.add(volume)
  }
}
