import { defaultCreatedPod } from '../../api/defaults/pod-level.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import { assert } from '../../base/assert.ts'
import { MILLISECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { deepFreeze } from '../../cluster/object-store.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { ClusterChange } from '../framework/cluster-change.ts'
import { podUpdates } from '../pod-updates.ts'
import type { Profile } from '../profile.ts'
import type { SchedulingQueue } from '../queue.ts'
import type { QueuedPod } from '../queued-pod.ts'
import type { QueueOperation } from './case.ts'
import { podKey } from './load-cluster.ts'
import type { LoadedCluster } from './load-cluster.ts'

/** State of the queue after an operation, as the cases print it. */
export interface QueueStep {
  pod?: string
  attempts?: number
  active: string[]
  backoff: Record<string, number>
  unschedulable: string[]
  gated: string[]
  inFlight: string[]
}

/** Plays the script of a `queue` case against the scheduling queue, on a clock that moves as the script says. */
export class QueueScript {
  readonly #loaded: LoadedCluster
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #queue: SchedulingQueue
  readonly #flying: QueuedPod[] = []
  /** Pods that are bound to a node that is not there, with its name. */
  readonly #elsewhere = new Map<PodRow, string>()
  #now: Micros = 0

  constructor(loaded: LoadedCluster, profiles: ReadonlyMap<string, Profile>, queue: SchedulingQueue) {
    this.#loaded = loaded
    this.#profiles = profiles
    this.#queue = queue
  }

  run(script: readonly QueueOperation[]): QueueStep[] {
    return script.map((operation) => {
      this.#advance(operation.at * MILLISECOND)
      const done = this.#apply(operation)
      return { ...done, ...this.#state() }
    })
  }

  /** Runs the timers that fall due until the time, at it as well. */
  #advance(to: Micros): void {
    for (let due = this.#queue.nextFlush(this.#now); due <= to; due = this.#queue.nextFlush(this.#now)) {
      this.#now = due
      this.#queue.flush(due)
    }
    this.#now = to
  }

  #apply(operation: QueueOperation): { pod?: string; attempts?: number } {
    switch (operation.op) {
      case 'create':
      case 'update':
        this.#write(operation)
        return {}
      case 'delete':
        this.#delete(operation)
        return {}
      case 'pop':
        return this.#pop()
      case 'fail':
        return this.#fail(operation)
      case 'bind':
        return this.#bind(operation)
      case 'activate':
        this.#activate(operation.pod ?? '')
        return {}
      case 'wait':
        return {}
    }
  }

  #write(operation: QueueOperation): void {
    const { object } = operation
    assert(object !== undefined, 'an operation of a queue case has no object')
    if (object.kind === 'Node') this.#writeNode(object as Node)
    else this.#writePod(object as Pod)
  }

  #writeNode(node: Node): void {
    const { api, cluster } = this.#loaded
    const old = api.nodes.get(node.metadata?.name ?? '')
    const written = old === undefined ? api.nodes.create(node) : api.nodes.update(node)
    assert(written.ok, 'a node of a queue case was refused')
    cluster.nodes.setNode(api.nodeRows.everRowOf(node.metadata?.name ?? ''), written.object)
    const change: ClusterChange =
      old === undefined
        ? { type: 'node-added', node: written.object }
        : { type: 'node-updated', old, node: written.object }
    this.#queue.move(change, this.#now)
  }

  #writePod(pod: Pod): void {
    const { api, cluster } = this.#loaded
    const key = podKey(pod)
    const interned = api.pods.templates.internPod(deepFreeze(defaultCreatedPod(pod)))
    assert(interned.ok, 'a template was refused by an empty admission chain')
    const known = api.pods.rowOfGivenName(key)
    if (known !== undefined) {
      this.#updatePod(known, pod, interned.id)
      return
    }
    const row = api.pods.create({ template: interned.id, name: pod.metadata?.name ?? '' })
    const shape = cluster.shapes.shapeOf(row)
    const nodeName = pod.spec?.nodeName ?? ''
    if (nodeName !== '') {
      this.#assign(row, nodeName)
      return
    }
    const profile = this.#profiles.get(api.pods.infoOf(row).schedulerName)
    if (profile === undefined) return
    const serial = api.pods.table.serial(row)
    this.#queue.add({ row, serial, profile, podClass: profile.classOf(shape) }, this.#now)
  }

  #updatePod(
    row: PodRow,
    pod: Pod,
    template: Parameters<LoadedCluster['api']['pods']['updateTemplate']>[1],
  ): void {
    const { api, cluster } = this.#loaded
    const node = cluster.nodes.placementOf(row)
    const nodeName = pod.spec?.nodeName ?? ''
    const isPending = node === NO_NODE && !this.#elsewhere.has(row)
    if (isPending && nodeName === '') {
      api.pods.updateTemplate(row, template)
      const queued = this.#queue.get(row)
      if (queued === undefined) return
      this.#queue.update(row, queued.profile.classOf(cluster.shapes.shapeOf(row)), this.#now)
      return
    }
    if (nodeName === '') return
    const old = cluster.shapes.shapeOf(row)
    if (node !== NO_NODE) cluster.nodes.removePod(row)
    api.pods.updateTemplate(row, template)
    if (isPending) {
      // Somebody else has bound it.
      if (this.#queue.get(row)?.place !== 'in-flight') this.#queue.remove(row)
      this.#assign(row, nodeName)
      return
    }
    if (node !== NO_NODE) cluster.nodes.addPod(row, node, 0)
    const shape = cluster.shapes.shapeOf(row)
    const updates = podUpdates(old, shape)
    if (updates.length === 0) return
    this.#queue.move({ type: 'assigned-pod-updated', old, pod: shape, node: nodeName, updates }, this.#now)
  }

  /** The pod is on the node, which may not be there. */
  #assign(row: PodRow, nodeName: string): void {
    const { api, cluster } = this.#loaded
    const node = api.nodeRows.rowOf(nodeName)
    if (node === undefined) this.#elsewhere.set(row, nodeName)
    else cluster.nodes.addPod(row, node, 0)
    const shape = cluster.shapes.shapeOf(row)
    this.#queue.move({ type: 'assigned-pod-added', pod: shape, node: nodeName }, this.#now)
  }

  #delete(operation: QueueOperation): void {
    const { api, cluster } = this.#loaded
    const name = operation.name ?? ''
    if (operation.kind === 'Node') {
      const old = api.nodes.get(name)
      if (old === undefined) return
      cluster.nodes.setNode(api.nodeRows.everRowOf(name), undefined)
      api.nodes.delete(name)
      this.#queue.move({ type: 'node-deleted', node: old }, this.#now)
      return
    }
    const row = api.pods.rowOfGivenName(name)
    if (row === undefined) return
    const node = cluster.nodes.placementOf(row)
    const shape = cluster.shapes.shapeOf(row)
    api.pods.remove(row)
    const elsewhere = this.#elsewhere.get(row)
    this.#elsewhere.delete(row)
    if (elsewhere !== undefined) {
      this.#queue.move({ type: 'assigned-pod-deleted', pod: shape, node: elsewhere }, this.#now)
      return
    }
    if (node === NO_NODE) {
      if (this.#queue.get(row)?.place !== 'in-flight') this.#queue.remove(row)
      if (cluster.nominations.nodeOf(row) === NO_NODE) return
      cluster.nominations.remove(row)
      this.#queue.move({ type: 'pending-pod-deleted', pod: shape }, this.#now)
      return
    }
    cluster.nodes.removePod(row)
    this.#queue.move({ type: 'assigned-pod-deleted', pod: shape, node: api.nodeRows.nameOf(node) }, this.#now)
  }

  #pop(): { pod?: string; attempts?: number } {
    const pod = this.#queue.pop(this.#now)
    if (pod === undefined) return {}
    this.#flying.push(pod)
    return { pod: this.#keyOf(pod), attempts: pod.attempts }
  }

  #fail(operation: QueueOperation): { pod?: string } {
    const pod = this.#flying.shift()
    if (pod === undefined) return {}
    const key = this.#keyOf(pod)
    if (this.#loaded.api.pods.isRemoved(pod.row)) this.#queue.done(pod)
    else {
      const failure = { rejectedBy: operation.plugins ?? [], pendingBy: operation.pending ?? [] }
      this.#queue.fail(pod, failure, this.#now)
    }
    return { pod: key }
  }

  #bind(operation: QueueOperation): { pod?: string } {
    const pod = this.#flying.shift()
    if (pod === undefined) return {}
    const { api } = this.#loaded
    const key = this.#keyOf(pod)
    this.#queue.done(pod)
    if (api.pods.isRemoved(pod.row)) return { pod: key }
    const nodeName = operation.node ?? ''
    const node = api.nodeRows.rowOf(nodeName)
    this.#assign(pod.row, nodeName)
    if (node !== undefined) api.pods.bind(pod.row, node, 0)
    return { pod: key }
  }

  #activate(key: string): void {
    const row = this.#loaded.api.pods.rowOfGivenName(key)
    if (row !== undefined) this.#queue.activate(row, this.#now)
  }

  #keyOf(pod: QueuedPod): string {
    return this.#loaded.api.pods.keyOf(pod.row)
  }

  #state(): QueueStep {
    const state: QueueStep = { active: [], backoff: {}, unschedulable: [], gated: [], inFlight: [] }
    for (const pod of this.#queue.list()) {
      const key = this.#keyOf(pod)
      if (pod.place === 'active') state.active.push(key)
      else if (pod.place === 'unschedulable') state.unschedulable.push(key)
      else if (pod.place === 'gated') state.gated.push(key)
      else if (pod.place === 'in-flight') state.inFlight.push(key)
      else state.backoff[key] = pod.backoffUntil / MILLISECOND
    }
    for (const list of [state.active, state.unschedulable, state.gated, state.inFlight]) list.sort()
    return state
  }
}
