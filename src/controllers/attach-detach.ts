import { MILLISECOND, MINUTE, NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_FINISHED } from '../cluster/pod-event.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { Handler, PayloadHandler, Simulation, Timer } from '../engine/simulation.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Kubelets } from '../node/kubelet.ts'
import { MACHINE_FAULTS } from '../node/machine.ts'
import type { Machines } from '../node/machine.ts'
import { attachableVolumes, hasClaims } from '../storage/attachable-volumes.ts'
import { AttachmentState } from './attachment-state.ts'
import type { Attachment, Volume, WaitingPod } from './attachment-state.ts'
import { detachVerdict } from './detach-verdict.ts'
import type { Led } from './leader-election.ts'
import { nextMountRetry } from './mount-retry.ts'

/** Settings of the attach-detach controller. */
export interface AttachDetachOptions {
  /** How long a volume stays attached to a node that does not say that it is unmounted (`maxWaitForUnmountDuration`); 6 min by default. */
  readonly maxWaitForUnmount?: Micros
  /** `--disable-force-detach-on-timeout`; false by default. */
  readonly disableForceDetach?: boolean
}

/** What happened to a volume: in the words of the events of pods, and `ForcedDetach` for what is only counted there. */
export interface VolumeEvent {
  readonly reason: 'FailedAttachVolume' | 'SuccessfulAttachVolume' | 'ForcedDetach'
  /** The pod, or the volume. */
  readonly object: string
  readonly node: string
  readonly message: string
}

/** What the controller works on. */
export interface AttachDetachParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly kubelets: Kubelets
  /** Attaches and detaches by calls that take time; without it both are done at once. */
  readonly cloud?: CloudApi | undefined
  /** Hears of what happens to volumes. */
  readonly heard?: (event: VolumeEvent) => void
  /** Hears of a pod that waits for its volumes on its node, and that it has them. */
  readonly awaited?: (pod: PodRow, waits: boolean) => void
}

/** `reconcilerLoopPeriod` of the real controller. */
const PERIOD: Micros = 100 * MILLISECOND

interface Operation {
  readonly volume: Volume
  readonly node: NodeRow
  readonly attachment: Attachment
}

/**
 * Attaches the volumes of pods to their nodes, and detaches those that no pod of a node needs; a pod starts when all of its volumes are there.
 *
 *     pod bound ─▶ attaching ─▶ attached ─ pod gone ─▶ unmounted ─▶ detaching ─▶ free
 *                                             └ node silent: mounted ─ 6 min, node not Ready, or out of service ─▶ detaching
 *
 * A volume that may be on one node only waits for its detachment (`Multi-Attach error`). The kubelet of the pod asks whether its volumes are
 * there with a back-off of 500 ms that doubles up to 2 min 2 s, so a long wait is longer still.
 *
 * Source: kube-controller-manager v1.37, attachdetach/reconciler `reconcile`; kubelet v1.37, operationexecutor
 * `GenerateVerifyControllerAttachedVolumeFunc`. Departs from them in that a kubelet that answers unmounts at once, and its node's
 * `volumesInUse` says so without a delay; and in that no VolumeAttachment is written.
 */
export class AttachDetach implements Led {
  readonly #parts: AttachDetachParts
  readonly #maxWait: Micros
  readonly #isForceDisabled: boolean
  readonly #state = new AttachmentState()
  readonly #reconciler: Handler
  readonly #attached: PayloadHandler<Operation>
  readonly #detached: PayloadHandler<Operation>
  readonly #retry: PayloadHandler<WaitingPod>
  #timer: Timer | undefined
  #timerAt: Micros = NEVER
  #isPaused = false

  constructor(parts: AttachDetachParts, options: AttachDetachOptions = {}) {
    this.#parts = parts
    this.#maxWait = options.maxWaitForUnmount ?? 6 * MINUTE
    this.#isForceDisabled = options.disableForceDetach ?? false
    const { sim, api, machines, kubelets } = parts
    this.#reconciler = sim.handler('attach-detach/reconcile', () => this.#reconcile())
    this.#attached = sim.payloadHandler<Operation>('attach-detach/attached', (one) => this.#onAttached(one))
    this.#detached = sim.payloadHandler<Operation>('attach-detach/detached', (one) => this.#onDetached(one))
    this.#retry = sim.payloadHandler<WaitingPod>('attach-detach/retry', (pod) => this.#onRetry(pod))
    kubelets.holdStarts({ holds: (pod, node) => this.#holds(pod, node) })
    api.watch({
      name: 'attach-detach',
      from: 1,
      assigned: true,
      podEvents: POD_CREATED | POD_BOUND | POD_FINISHED | POD_DELETED,
      podEventsOnceFinished: 0,
      kinds: ['Node'],
      onPod: (entry) => this.#onPod(entry),
      onObject: ({ key }) => this.#look(this.#state.touching(api.nodeRows.everRowOf(key))),
    })
    machines.watch('attach-detach', ({ row }) => this.#onMachine(row), MACHINE_FAULTS)
  }

  /** Volumes attached to a node, by name. */
  attachedTo(node: NodeRow): readonly string[] {
    return this.#state
      .touching(node)
      .filter(({ attachments }) => attachments.get(node)?.state === 'attached')
      .map(({ name }) => name)
  }

  /** While paused nothing new begins; the process that leads afterwards waits six minutes again for what is not unmounted. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (this.#timer !== undefined) this.#parts.sim.cancel(this.#timer)
    this.#timer = undefined
    this.#timerAt = NEVER
    if (isPaused) return
    for (const { attachments } of this.#state.all) {
      for (const attachment of attachments.values()) attachment.detachAskedAt = undefined
    }
    this.#look([...this.#state.all])
  }

  /** The kubelet of the node is about to start the pod. */
  #holds(pod: PodRow, node: NodeRow): boolean {
    const waiting = this.#admit(pod, node)
    if (waiting === undefined) return false
    for (const volume of waiting.volumes) {
      const attachment = volume.attachments.get(node)
      if (attachment !== undefined) attachment.isMounted = true
    }
    waiting.isHeld = !this.#state.isReady(waiting)
    if (!waiting.isHeld) return false
    waiting.heldAt = this.#parts.sim.now
    this.#parts.awaited?.(pod, true)
    return true
  }

  /** The pod's volumes are wanted on its node; undefined for a pod that has none. */
  #admit(pod: PodRow, node: NodeRow): WaitingPod | undefined {
    const { api } = this.#parts
    const serial = api.pods.table.serial(pod)
    const known = this.#state.podOf(pod, serial)
    if (known !== undefined) return known
    if (!hasClaims(api.pods.infoOf(pod).template.spec)) return undefined
    const volumes = attachableVolumes(api, pod)
    if (volumes.length === 0) return undefined
    const waiting = this.#state.want({ pod, serial, node }, volumes)
    if (this.#parts.cloud === undefined && !this.#isPaused) {
      for (const volume of waiting.volumes) this.#attachWanted(volume)
    }
    this.#look(waiting.volumes)
    return waiting
  }

  #onPod({ pod, serial, node, podEvent }: RingEntry): void {
    if (podEvent === POD_FINISHED || podEvent === POD_DELETED) this.#release(pod, serial)
    else if (node !== NO_NODE && this.#parts.api.pods.isCurrent(pod, serial)) {
      const { pods } = this.#parts.api
      if (!pods.isRemoved(pod) && !pods.isFinished(pod)) this.#admit(pod, node)
    }
  }

  /** The pod is gone: a kubelet that answers has unmounted its volumes. */
  #release(pod: PodRow, serial: number): void {
    const gone = this.#state.podOf(pod, serial)
    if (gone === undefined) return
    this.#state.unwant(gone)
    const answers = this.#parts.machines.reports(gone.node)
    for (const volume of gone.volumes) {
      const attachment = volume.attachments.get(gone.node)
      if (attachment !== undefined && answers && !volume.wanted.has(gone.node)) attachment.isMounted = false
      if (this.#parts.cloud === undefined && !this.#isPaused) this.#detachUnwanted(volume)
    }
    this.#look(gone.volumes)
  }

  /** A kubelet that is back unmounts what nobody needs, and starts what has waited for its volumes. */
  #onMachine(node: NodeRow): void {
    if (!this.#parts.machines.reports(node)) return
    const volumes = this.#state.touching(node)
    for (const { wanted, attachments } of volumes) {
      const attachment = attachments.get(node)
      if (attachment !== undefined) attachment.isMounted = wanted.has(node)
    }
    this.#look(volumes)
    for (const waiting of this.#state.heldOn(node)) this.#startIfReady(waiting)
  }

  /** Has the next reconciliation look at those of these volumes with which something is to be done. */
  #look(volumes: readonly Volume[]): void {
    for (const volume of volumes) {
      this.#state.forgetLeft(volume)
      if (!this.#state.isOpen(volume)) continue
      this.#state.due.add(volume)
      this.#reconcileFrom(this.#parts.sim.now)
    }
  }

  #reconcileFrom(earliest: Micros): void {
    const at = Math.ceil(earliest / PERIOD) * PERIOD
    if (this.#isPaused || at >= this.#timerAt) return
    if (this.#timer !== undefined) this.#parts.sim.cancel(this.#timer)
    this.#timerAt = at
    this.#timer = this.#parts.sim.at(at, this.#reconciler)
  }

  /** Detaches before it attaches, as the real one does. */
  #reconcile(): void {
    this.#timer = undefined
    this.#timerAt = NEVER
    const volumes = [...this.#state.due]
    this.#state.due.clear()
    for (const volume of volumes) this.#detachUnwanted(volume)
    for (const volume of volumes) this.#attachWanted(volume)
    for (const volume of volumes) this.#state.forgetLeft(volume)
  }

  #detachUnwanted(volume: Volume): void {
    const { now } = this.#parts.sim
    for (const [node, attachment] of volume.attachments) {
      if (volume.wanted.has(node)) {
        attachment.detachAskedAt = undefined
        continue
      }
      if (attachment.state !== 'attached' || this.#state.isBusy(volume, node)) continue
      attachment.detachAskedAt ??= now
      const verdict = detachVerdict(attachment, {
        now,
        node: this.#parts.api.nodeRows.nodeOf(node),
        maxWait: this.#maxWait,
        isForceDisabled: this.#isForceDisabled,
      })
      if (verdict.act === 'wait') {
        if (verdict.until === NEVER) continue
        this.#state.due.add(volume)
        this.#reconcileFrom(verdict.until)
        continue
      }
      if (verdict.isForced) this.#tellForced(volume, node, verdict.reason)
      attachment.state = 'detaching'
      this.#begin('detachVolume', { volume, node, attachment })
    }
  }

  #attachWanted(volume: Volume): void {
    for (const [node, pods] of volume.wanted) {
      if (volume.attachments.has(node) || this.#state.isBusy(volume, node)) continue
      if (!volume.isShared && volume.attachments.size > 0) {
        this.#tellMultiAttach(volume, pods)
        continue
      }
      const attachment: Attachment = {
        state: 'attaching',
        // A kubelet says that it uses a volume before it is there.
        isMounted: this.#parts.machines.reports(node),
        detachAskedAt: undefined,
      }
      volume.attachments.set(node, attachment)
      this.#begin('attachVolume', { volume, node, attachment })
    }
  }

  #begin(call: 'attachVolume' | 'detachVolume', operation: Operation): void {
    const { cloud } = this.#parts
    if (cloud !== undefined) {
      cloud.call(call, call === 'attachVolume' ? this.#attached : this.#detached, operation)
    } else if (call === 'attachVolume') this.#onAttached(operation)
    else this.#onDetached(operation)
  }

  #onAttached({ volume, node, attachment }: Operation): void {
    attachment.state = 'attached'
    for (const waiting of volume.wanted.get(node) ?? []) if (waiting.isHeld) this.#startIfReady(waiting)
    if (!volume.wanted.has(node)) this.#look([volume])
  }

  #onDetached({ volume, node }: Operation): void {
    volume.attachments.delete(node)
    this.#look([volume])
  }

  /** The kubelet finds out at its next try. */
  #startIfReady(waiting: WaitingPod): void {
    const { sim, machines } = this.#parts
    if (!this.#state.isReady(waiting) || !machines.reports(waiting.node)) return
    sim.atWith(nextMountRetry(waiting.heldAt, sim.now), this.#retry, waiting)
  }

  #onRetry(waiting: WaitingPod): void {
    const { api, machines, kubelets } = this.#parts
    const { pod, serial, node } = waiting
    if (!waiting.isHeld || this.#state.podOf(pod, serial) !== waiting) return
    if (!machines.reports(node) || !this.#state.isReady(waiting)) return
    waiting.isHeld = false
    const message = `AttachVolume.Attach succeeded for volume "${waiting.volumes.map(({ name }) => name).join()}"`
    this.#tell('SuccessfulAttachVolume', { object: api.pods.keyOf(pod), node, message })
    this.#parts.awaited?.(pod, false)
    kubelets.begin(pod)
  }

  #tellMultiAttach({ name, attachments }: Volume, pods: ReadonlySet<WaitingPod>): void {
    const { api } = this.#parts
    const elsewhere = [...attachments.keys()].map((node) => api.nodeRows.nameOf(node)).join()
    for (const waiting of pods) {
      if (waiting.isTold) continue
      waiting.isTold = true
      const message = `Multi-Attach error for volume "${name}" Volume is already exclusively attached to ${elsewhere}`
      this.#tell('FailedAttachVolume', { object: api.pods.keyOf(waiting.pod), node: waiting.node, message })
    }
  }

  #tellForced({ name }: Volume, node: NodeRow, reason: string): void {
    this.#tell('ForcedDetach', { object: name, node, message: reason })
  }

  #tell(
    reason: VolumeEvent['reason'],
    { object, node, message }: { readonly object: string; readonly node: NodeRow; readonly message: string },
  ): void {
    this.#parts.heard?.({ reason, object, node: this.#parts.api.nodeRows.nameOf(node), message })
  }
}
