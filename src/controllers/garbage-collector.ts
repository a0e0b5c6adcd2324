import type { OwnerReference } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls, ClientLimits } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { Dependents, nameFromText, nameText } from '../cluster/dependents.ts'
import type { ObjectName } from '../cluster/dependents.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { POD_DELETED } from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { Simulation } from '../engine/simulation.ts'

/** `metadata.finalizers` by which an object says what is to become of its dependents before it goes. */
const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

/** `status.reason` of pods that are deleted because their owner is gone. */
const REASON = 'OwnerDeleted'

/**
 * Deletes objects whose owners are all gone; deletes the dependents of an object that waits for them first (Foreground); takes the
 * reference from the dependents of one that leaves them behind (Orphan).
 *
 * Source: kube-controller-manager v1.37, garbagecollector `attemptToDeleteItem`, `processDeletingDependentsItem`, `orphanDependents`
 * (20 workers).
 */
export function startGarbageCollector(parts: {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly limits?: ClientLimits
}): Controller {
  const { sim, api, limits } = parts
  const graph = new Dependents(api)
  const controller = new Controller(sim, {
    name: 'garbage-collector',
    workers: 20,
    ...(limits === undefined ? {} : { limits }),
    reconcile: (text, calls) => reconcile({ api, graph, calls }, nameFromText(text)),
  })
  const addDependents = (uid: string): void => {
    for (const dependent of graph.of(uid)) controller.queue.add(nameText(dependent))
  }
  /** Uids of objects with dependents, by name: those of deleted ones are asked for after they are gone. */
  api.observeObjects(({ kind, key, object }) => {
    const { uid, deletionTimestamp, ownerReferences = [] } = object?.metadata ?? {}
    if (object === undefined) {
      controller.queue.add(nameText({ kind, key }))
      return
    }
    // A child of an owner that is gone already is found when it comes; one that is going waits for its dependents.
    if (deletionTimestamp !== undefined) controller.queue.add(nameText({ kind, key }))
    else if (ownerReferences.length > 0) controller.queue.add(nameText({ kind, key }))
    if (deletionTimestamp !== undefined && uid !== undefined) addDependents(uid)
  })
  api.watch({
    name: 'garbage-collector',
    podEvents: POD_DELETED,
    onPod: ({ pod }) => {
      const owner = api.pods.table.owner(pod)
      if (owner !== undefined && 'uid' in owner) addOwner(graph, controller, String(owner.uid))
    },
  })
  const uids = new Map<string, string>()
  api.observeObjects(({ kind, key, object }) => {
    const name = nameText({ kind, key })
    const uid = object?.metadata?.uid
    if (uid !== undefined) uids.set(name, uid)
    else {
      const gone = uids.get(name)
      uids.delete(name)
      if (gone !== undefined) addDependents(gone)
    }
  })
  return controller
}

/** An owner that waits for its dependents looks again when one is gone. */
function addOwner(graph: Dependents, controller: Controller, uid: string): void {
  const owner = graph.named(uid)
  if (owner !== undefined) controller.queue.add(nameText(owner))
}

interface Work {
  readonly api: ApiServer
  readonly graph: Dependents
  readonly calls: Calls
}

function reconcile(work: Work, name: ObjectName): Reconciled | void {
  const { api, graph } = work
  const object = objectOf(api, name)
  if (object === undefined) return undefined
  const { deletionTimestamp, finalizers = [], uid = '' } = object.metadata ?? {}
  if (deletionTimestamp !== undefined) {
    if (finalizers.includes(ORPHAN)) orphanDependents(work, name, uid)
    else if (finalizers.includes(FOREGROUND)) awaitDependents(work, name, uid)
    return undefined
  }
  const references = graph.referencesOf(name)
  if (references.length === 0) return undefined
  const solid = references.filter((reference) => stateOf(work, reference) === 'solid')
  const waiting = references.filter((reference) => stateOf(work, reference) === 'waiting')
  if (solid.length > 0) {
    if (solid.length < references.length) work.calls.do(() => setReferences(api, name, solid))
    return undefined
  }
  const isForeground = waiting.length > 0 && graph.of(uid).length > 0
  work.calls.do(() => remove(api, name, isForeground || finalizers.includes(FOREGROUND)))
  return undefined
}

/** Whether an owner is there to stay, is going and waits for its dependents, or is gone. */
function stateOf({ api, graph }: Work, { uid }: OwnerReference): 'solid' | 'waiting' | 'gone' {
  const name = graph.named(uid)
  const metadata = name === undefined ? undefined : objectOf(api, name)?.metadata
  if (metadata === undefined) return 'gone'
  const isWaiting =
    metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(FOREGROUND)
  return isWaiting ? 'waiting' : 'solid'
}

/** Foreground: the object goes when no dependent is left that blocks it. */
function awaitDependents({ api, graph, calls }: Work, name: ObjectName, uid: string): void {
  const blocking = graph
    .of(uid)
    .filter((dependent) =>
      graph
        .referencesOf(dependent)
        .some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true),
    )
  if (blocking.length === 0) calls.do(() => withoutFinalizer(api, name, FOREGROUND))
}

/** Orphan: its dependents are there without it. */
function orphanDependents({ api, graph, calls }: Work, name: ObjectName, uid: string): void {
  for (const dependent of graph.of(uid)) {
    calls.do(() => {
      const others = graph.referencesOf(dependent).filter((reference) => reference.uid !== uid)
      return setReferences(api, dependent, others)
    })
  }
  calls.do(() => withoutFinalizer(api, name, ORPHAN))
}

function objectOf(api: ApiServer, { kind, key }: ObjectName): StoredObject | undefined {
  if (kind !== 'Pod') return api.collection(kind).get(key)
  const row = api.pods.rowOfGivenName(key)
  if (row === undefined) return undefined
  const isGoing = api.pods.table.deletingAt(row) !== NO_TIME
  return { kind, metadata: { uid: api.pods.uidOf(row), ...(isGoing ? { deletionTimestamp: 'set' } : {}) } }
}

function setReferences(
  api: ApiServer,
  { kind, key }: ObjectName,
  references: readonly OwnerReference[],
): boolean {
  if (kind === 'Pod') {
    const row = api.pods.rowOfGivenName(key)
    if (row === undefined) return true
    const hasController = references.some(({ controller }) => controller === true)
    api.pods.updateDetails(row, {
      ownerReferences: references.filter(({ controller }) => controller !== true),
    })
    if (!hasController && api.pods.table.owner(row) !== undefined) api.pods.setOwner(row, undefined)
    return true
  }
  const store = api.collection(kind)
  const object = store.get(key)
  if (object === undefined) return true
  const { ownerReferences: _, ...metadata } = object.metadata ?? {}
  const kept = references.length === 0 ? metadata : { ...metadata, ownerReferences: references }
  return store.update({ ...object, metadata: kept }).ok
}

function remove(api: ApiServer, { kind, key }: ObjectName, isForeground: boolean): boolean {
  if (kind === 'Pod') {
    const row = api.pods.rowOfGivenName(key)
    if (row !== undefined) {
      api.pods.requestDeletion(row, { grace: api.pods.infoOf(row).terminationGrace, reason: REASON })
    }
    return true
  }
  const store = api.collection(kind)
  const { finalizers = [] } = store.get(key)?.metadata ?? {}
  const propagationPolicy = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : isForeground
      ? 'Foreground'
      : 'Background'
  store.delete(key, { propagationPolicy })
  return true
}

function withoutFinalizer(api: ApiServer, { kind, key }: ObjectName, finalizer: string): boolean {
  const store = api.collection(kind)
  const object = store.get(key)
  if (object === undefined) return true
  const finalizers = (object.metadata?.finalizers ?? []).filter((one) => one !== finalizer)
  return store.update({ ...object, metadata: { ...object.metadata, finalizers } }).ok
}
