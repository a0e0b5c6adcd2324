import type { ControllerRevision, PersistentVolumeClaim, StatefulSet } from '../api/types.generated.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { createPod } from '../cluster/create-pod.ts'
import { SCALED_DOWN } from '../cluster/pod-reason.ts'
import { objectKey } from '../cluster/object-store.ts'
import { OwnedPods } from '../cluster/owned-pods.ts'
import { NO_TIME, PHASE_NAMES, PHASE_PENDING } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { WorkQueue } from '../cluster/work-queue.ts'
import { StatefulClaims } from '../controllers/stateful-claims.ts'
import { readStatefulPod } from '../controllers/stateful-pod.ts'
import type { StatefulPod } from '../controllers/stateful-pod.ts'
import { nextAvailability, statefulSetShared } from '../controllers/stateful-set.ts'
import { syncStatefulSet } from '../controllers/stateful-set-sync.ts'
import type { StatefulSetWrites } from '../controllers/stateful-set-sync.ts'
import { Simulation } from '../engine/simulation.ts'
import type { Handler } from '../engine/simulation.ts'
import { Processor } from './processor.ts'
import type { Routine } from './processor.ts'

/** When the set is created. */
const START = SECOND
const NODE = 'node'
/** Keeps a pod that is deleted until the script lets it go. */
const HELD = { finalizers: ['script/hold'] }

/** A call of the controller. */
interface Operation {
  readonly t: number
  readonly op: 'create' | 'delete'
  readonly pod: string
  readonly version?: string
}

/**
 * A StatefulSet whose pods do what a script says, and the controller's reconciliation on caches that hear of writes when it is
 * their turn, as those of the recording did.
 */
export class StatefulRecording {
  readonly #sim = new Simulation({ seed: 1 })
  readonly #api = new ApiServer(this.#sim, [])
  readonly #owned = new OwnedPods(this.#api)
  readonly #shared = statefulSetShared(this.#api)
  readonly #setClaims = new StatefulClaims(this.#api)
  readonly #sets = this.#api.collection<StatefulSet>('StatefulSet')
  readonly #claims = this.#api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
  readonly #revisions = this.#api.collection<ControllerRevision>('ControllerRevision')
  readonly #processor = new Processor()
  readonly #queue: WorkQueue
  readonly #key: string
  readonly #isGraceful: boolean
  readonly #node: NodeRow
  readonly #writes: StatefulSetWrites
  #operations: Operation[] = []
  #revisionWrites = 0
  /** What the caches hold. */
  #cachedSet: StatefulSet | undefined
  #cachedPods: readonly StatefulPod[] = []
  /** Generations that the store has not counted. */
  #generations = 0
  #erredAt = -SECOND
  readonly #awake: Handler
  #heardSet = 0
  #podEvents = 0

  constructor(set: StatefulSet, { isGraceful }: { readonly isGraceful: boolean }) {
    this.#isGraceful = isGraceful
    this.#key = objectKey(set.metadata)
    const turns = this.#sim.handler('turns', () => {
      while (this.#processor.runNext());
    })
    const wake = (): void => void this.#sim.after(0, turns)
    this.#awake = this.#sim.handler('awake', () => {
      this.#settle(true)
      this.#processor.ready(this.#worker)
      wake()
    })
    this.#queue = new WorkQueue(this.#sim, 'statefulset', () => {
      this.#processor.ready(this.#worker)
      wake()
    })
    this.#writes = this.#scriptedWrites()
    this.#api.nodes.create({ metadata: { name: NODE } })
    this.#node = this.#api.nodeRows.rowOf(NODE) ?? NO_NODE
    this.#sim.run(START)
    this.#sets.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', ...set })
    this.#processor.ready(this.#hearOfSet)
    wake()
    this.#wake = wake
  }

  readonly #wake: () => void

  /** Does to a pod what the script says. */
  movePod(name: string, to: string): void {
    const { pods } = this.#api
    const row = pods.rowOfGivenName(`${this.#key.split('/')[0] ?? ''}/${name}`)
    if (row === undefined) return
    if (to === 'deleted' || to === 'gone') pods.remove(row)
    else if (to === 'failed' || to === 'succeeded')
      pods.finish(row, { succeeded: to === 'succeeded', reason: '' })
    else if (to === 'unready') pods.setReady(row, false)
    else {
      if (pods.table.phase(row) === PHASE_PENDING) pods.markRunning(row, false)
      if (to === 'ready') pods.setReady(row, true)
    }
    this.#podEvents += 1
    this.#processor.ready(this.#hearOfPods)
    this.#wake()
  }

  /** Changes the spec of the set. */
  changeSet(change: (spec: StatefulSet['spec']) => StatefulSet['spec']): void {
    const set = this.#sets.get(this.#key)
    if (set === undefined) return
    const spec = change(set.spec)
    if (spec === set.spec || spec === undefined) return
    const updated = this.#sets.update({ ...set, spec })
    // The script counts a generation for each change, also for one that changes nothing.
    if (updated.ok && updated.object.metadata?.generation === set.metadata?.generation) this.#generations += 1
    this.#processor.ready(this.#hearOfSet)
    this.#wake()
  }

  /** Lets time pass; what was done meanwhile, and what is there then. */
  run(seconds: number): object {
    this.#operations = []
    this.#sim.run(this.#sim.now + seconds * SECOND)
    const status = this.#sets.get(this.#key)?.status
    return {
      t: this.#sim.now / SECOND,
      operations: this.#operations,
      pods: this.#rows().map((row) => ({
        name: this.#api.pods.nameOf(row),
        state: this.#stateOf(row),
        version: this.#versionOf(row),
      })),
      claims: [...this.#claims.list()].map(claimText),
      status: {
        availableReplicas: status?.availableReplicas ?? 0,
        currentReplicas: status?.currentReplicas ?? 0,
        currentRevision: this.#numberOf(status?.currentRevision),
        observedGeneration: status?.observedGeneration ?? 0,
        readyReplicas: status?.readyReplicas ?? 0,
        replicas: status?.replicas ?? 0,
        updateRevision: this.#numberOf(status?.updateRevision),
        updatedReplicas: status?.updatedReplicas ?? 0,
      },
    }
  }

  readonly #worker: Routine = () => {
    for (let key = this.#queue.take(); key !== undefined; key = this.#queue.take()) {
      const isFailed = this.#sync()
      if (isFailed && this.#sleepsAfterError()) return
      this.#settle(isFailed)
    }
  }

  /** Two errors within a millisecond make the worker sleep. Source: apimachinery v1.37, util/runtime `rudimentaryErrorBackoff`. */
  #sleepsAfterError(): boolean {
    const { now } = this.#sim
    const rest = this.#erredAt + MILLISECOND - now
    this.#erredAt = now
    if (rest <= 0) return false
    this.#sim.after(rest, this.#awake)
    return true
  }

  #settle(isFailed: boolean): void {
    if (isFailed) {
      this.#queue.addRateLimited(this.#key)
      this.#processor.ready(this.#hearOfDelays)
    } else this.#queue.forget(this.#key)
    this.#queue.done(this.#key)
  }

  readonly #enqueue: Routine = () => this.#queue.add(this.#key)

  readonly #hearOfSet: Routine = () => {
    const events = this.#sets.writes - this.#heardSet
    this.#heardSet = this.#sets.writes
    const set = this.#sets.get(this.#key)
    const generation = (set?.metadata?.generation ?? 0) + this.#generations
    this.#cachedSet = set === undefined ? undefined : { ...set, metadata: { ...set.metadata, generation } }
    if (events > 1) this.#processor.readyLast(this.#enqueue)
    else this.#enqueue()
  }

  readonly #hearOfPods: Routine = () => {
    const ready = new Set(this.#cachedPods.filter(isReady).map(({ name }) => name))
    this.#cachedPods = this.#rows().map((row) => readStatefulPod(this.#api, row))
    const events = this.#podEvents
    this.#podEvents = 0
    if (events > 1) this.#processor.readyLast(this.#enqueue)
    else this.#enqueue()
    const delay = (this.#cachedSet?.spec?.minReadySeconds ?? 0) * SECOND
    const becameReady = this.#cachedPods.some((pod) => isReady(pod) && !ready.has(pod.name))
    if (delay > 0 && becameReady) this.#addAfter(delay)
  }

  /** The recorder of events takes turns, too. */
  readonly #hearOfEvents: Routine = () => undefined
  readonly #hearOfRevisions: Routine = () => undefined
  readonly #hearOfDelays: Routine = () => undefined

  #addAfter(delay: number): void {
    this.#queue.addAfter(this.#key, delay)
    this.#processor.ready(this.#hearOfDelays)
  }

  /** Revisions are written before anything else. */
  #noticeRevisions(): void {
    if (this.#revisions.writes > this.#revisionWrites) this.#processor.ready(this.#hearOfRevisions)
    this.#revisionWrites = this.#revisions.writes
  }

  /** One reconciliation; whether it failed. */
  #sync(): boolean {
    const set = this.#cachedSet
    if (set === undefined) return false
    const pods = this.#cachedPods
    const { now } = this.#sim
    this.#revisionWrites = this.#revisions.writes
    const { status, isFailed } = syncStatefulSet(set, pods, {
      ...this.#shared,
      claims: this.#setClaims,
      writes: this.#writes,
      answers: { isAvailable: (pod) => nextAvailability(this.#api, set, pod) <= now },
      inBatches: (count, call) => this.#inBatches(count, call),
    })
    const { minReadySeconds = 0 } = set.spec ?? {}
    if (!isFailed && minReadySeconds > 0 && status.readyReplicas !== status.availableReplicas) {
      const later = pods.map((pod) => nextAvailability(this.#api, set, pod)).filter((at) => at > now)
      const next = Math.min(...later)
      this.#addAfter(Number.isFinite(next) ? next - now : minReadySeconds * SECOND)
    }
    return isFailed
  }

  #inBatches(count: number, call: (index: number) => boolean): boolean {
    this.#noticeRevisions()
    let hasFailed = false
    let done = 0
    for (let size = Math.min(count, 1); size > 0 && !hasFailed; size = Math.min(2 * size, count - done)) {
      const first = done
      this.#processor.runAll(
        Array.from({ length: size }, (_, place) => () => {
          if (!call(first + place)) hasFailed = true
        }),
      )
      done += size
    }
    return !hasFailed
  }

  #scriptedWrites(): StatefulSetWrites {
    const { pods } = this.#api
    return {
      createPod: ({ name, ordinal }, template) => {
        const set = this.#cachedSet
        if (set === undefined) return true
        const owner = this.#owned.ownerFor(set)
        const details = this.#isGraceful ? { details: HELD } : {}
        const created = createPod(this.#api, { owner, template, name, ordinal, ...details })
        if (!created.ok) return false
        pods.bind(created.row, this.#node, 0)
        this.#record('create', created.row)

        return true
      },
      deletePod: ({ name, stored }) => {
        const row = stored?.row
        if (row === undefined || pods.rowOfGivenName(`default/${name}`) !== row) return true
        this.#record('delete', row)
        if (this.#isGraceful) pods.requestDeletion(row, { grace: 30 * SECOND, reason: SCALED_DOWN })
        else pods.remove(row)
        return true
      },
      identifyPod: () => true,
      updateStatus: (status) => {
        this.#noticeRevisions()
        const set = this.#sets.get(this.#key)
        if (set === undefined) return
        this.#sets.update({ ...set, status })

        this.#processor.ready(this.#hearOfSet)
      },
    }
  }

  /** A call about a pod: the cache of pods and the recorder of events hear of it when it is their turn. */
  #record(op: 'create' | 'delete', row: PodRow): void {
    this.#noticeRevisions()
    const version = this.#versionOf(row)
    this.#operations.push({
      t: this.#sim.now / SECOND,
      op,
      pod: this.#api.pods.nameOf(row),
      ...(op === 'create' ? { version } : {}),
    })
    this.#podEvents += 1
    this.#processor.ready(this.#hearOfPods)
    this.#processor.ready(this.#hearOfEvents)
  }

  #rows(): readonly PodRow[] {
    return this.#owned.of(this.#sets.get(this.#key)?.metadata?.uid ?? '')
  }

  #stateOf(row: PodRow): string {
    const { table } = this.#api.pods
    const state = table.isReady(row) ? 'Ready' : (PHASE_NAMES[table.phase(row)] ?? '')
    return table.deletingAt(row) === NO_TIME ? state : `${state}/Terminating`
  }

  #versionOf(row: PodRow): string {
    return this.#api.pods.infoOf(row).template.metadata.annotations.v ?? ''
  }

  #numberOf(name: string | undefined): number {
    const namespace = this.#key.split('/')[0] ?? ''
    return this.#revisions.get(`${namespace}/${name ?? ''}`)?.revision ?? 0
  }
}

/** A claim with its owners, as the recording writes it. */
function claimText({ metadata }: PersistentVolumeClaim): string {
  const owners = (metadata?.ownerReferences ?? []).map(({ kind, name }) => ` owned by ${kind}/${name}`)
  return `${metadata?.name ?? ''}${owners.join('')}`
}

function isReady({ stored }: StatefulPod): boolean {
  return stored?.readySince !== undefined
}
