import type { Micros } from '../base/time.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/** A change of a workload's pod template, and how long it took until all pods were of it. */
export interface Rollout {
  readonly namespace: string
  readonly kind: string
  readonly name: string
  /** The workload's generation that began it. */
  readonly generation: number
  readonly startedAt: Micros
  /** When it was complete, or the next began; undefined while it lasts. */
  endedAt: Micros | undefined
  /** `open` while it lasts; a Deployment's deadline may have been exceeded before it was complete. */
  outcome: 'open' | 'complete' | 'superseded'
  hasExceededDeadline: boolean
  /** Replicas wanted at its end. */
  replicas: number
  /** Most pods that its status counted meanwhile, and fewest that were available. */
  podsPeak: number
  availableMin: number
}

/** A workload with what tells how far its rollout is. */
interface Workload extends StoredObject {
  readonly spec?: {
    readonly replicas?: number
    readonly template?: object
    readonly updateStrategy?: { readonly rollingUpdate?: { readonly partition?: number } }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly desiredNumberScheduled?: number
    readonly currentNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[]
  }
}

/** How many pods there are, are of the newest template, and are available, of how many wanted. */
interface Progress {
  readonly wanted: number
  readonly pods: number
  readonly available: number
  readonly isComplete: boolean
}

const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/**
 * Follows the rollouts of workloads by what their controllers write in their status. The first begins when the workload is
 * created. Complete is what `kubectl rollout status` waits for (kubectl v1.37, polymorphichelpers).
 */
export class Rollouts {
  readonly all: Rollout[] = []
  readonly #open = new Map<string, Rollout>()
  readonly #templates = new Map<string, object>()
  /** Rollouts whose workload still says that the one before exceeded its deadline. */
  readonly #stale = new Set<Rollout>()

  /** Hears of a write of any object. */
  written({ kind, key, object }: WrittenObject, now: Micros): void {
    if (!KINDS.has(kind)) return
    const name = `${kind} ${key}`
    if (object === undefined) {
      this.#end(name, 'superseded', now)
      this.#templates.delete(name)
      return
    }
    const workload = object as Workload
    const template = workload.spec?.template ?? {}
    const known = this.#templates.get(name)
    // Writes of the status leave the template as it is.
    if (known !== template) {
      this.#templates.set(name, template)
      if (known === undefined || JSON.stringify(known) !== JSON.stringify(template)) {
        this.#end(name, 'superseded', now)
        this.#begin(name, kind, workload, now)
      }
    }
    this.#advance(name, workload, now)
  }

  #begin(name: string, kind: string, workload: Workload, now: Micros): void {
    const { metadata } = workload
    const rollout: Rollout = {
      namespace: metadata?.namespace ?? '',
      kind,
      name: metadata?.name ?? '',
      generation: metadata?.generation ?? 1,
      startedAt: now,
      endedAt: undefined,
      outcome: 'open',
      hasExceededDeadline: false,
      replicas: 0,
      podsPeak: 0,
      availableMin: Number.POSITIVE_INFINITY,
    }
    this.all.push(rollout)
    this.#open.set(name, rollout)
    if (hasExceededDeadline(workload)) this.#stale.add(rollout)
  }

  #advance(name: string, workload: Workload, now: Micros): void {
    const rollout = this.#open.get(name)
    if (rollout === undefined) return
    const progress = progressOf(rollout.kind, workload)
    rollout.replicas = progress.wanted
    rollout.podsPeak = Math.max(rollout.podsPeak, progress.pods)
    rollout.availableMin = Math.min(rollout.availableMin, progress.available)
    const { status, metadata } = workload
    if (!hasExceededDeadline(workload)) this.#stale.delete(rollout)
    else if (!this.#stale.has(rollout)) rollout.hasExceededDeadline = true
    const isObserved = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1)
    if (isObserved && progress.isComplete) this.#end(name, 'complete', now)
  }

  #end(name: string, outcome: 'complete' | 'superseded', now: Micros): void {
    const rollout = this.#open.get(name)
    if (rollout === undefined) return
    rollout.outcome = outcome
    rollout.endedAt = now
    this.#open.delete(name)
    this.#stale.delete(rollout)
  }
}

function hasExceededDeadline({ status }: Workload): boolean {
  return (
    status?.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === DEADLINE) === true
  )
}

const DEADLINE = 'ProgressDeadlineExceeded'

function progressOf(kind: string, { spec, status = {} }: Workload): Progress {
  if (kind === 'DaemonSet') {
    const { desiredNumberScheduled: wanted = 0, currentNumberScheduled: pods = 0 } = status
    const { updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = status
    return { wanted, pods, available, isComplete: updated >= wanted && available >= wanted }
  }
  const wanted = spec?.replicas ?? 1
  const { replicas: pods = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status
  if (kind === 'Deployment') {
    const isComplete = updated >= wanted && pods <= updated && available >= updated
    return { wanted, pods, available, isComplete }
  }
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  const { readyReplicas: ready = 0, currentRevision, updateRevision } = status
  const isUpdated =
    partition > 0 ? updated >= wanted - partition : currentRevision === updateRevision && updated >= wanted
  return { wanted, pods, available, isComplete: isUpdated && ready >= wanted && updateRevision !== undefined }
}
