import type { ObjectMeta, OwnerReference } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls, ClientLimits } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import { Dependents, nameFromText, nameText } from '../cluster/dependents.ts'
import type { ObjectName } from '../cluster/dependents.ts'
import type { Simulation } from '../engine/simulation.ts'
import {
  FOREGROUND,
  ORPHAN,
  deleteObject,
  metadataOf,
  setOwnerReferences,
  takeFinalizer,
} from './owned-object-writes.ts'

/** The client may make 40 calls a second, 30 at once; each object takes two. */
const COLLECTOR_LIMITS: ClientLimits = { qps: 20, burst: 15 }

interface Work {
  readonly api: ApiServer
  readonly graph: Dependents
  readonly calls: Calls
}

/**
 * Deletes objects whose owners are all gone; deletes the dependents of an object that waits for them first (Foreground); takes the
 * reference from the dependents of one that leaves them behind (Orphan).
 *
 * Source: kube-controller-manager v1.37, garbagecollector `attemptToDeleteItem`, `processDeletingDependentsItem`, `orphanDependents`
 * (20 workers). Departs from it in that dependents of a pod always go after it, and in that claims of pods that have no uid of
 * their own are left to who made them.
 */
export function startGarbageCollector(parts: {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly limits?: ClientLimits
}): Controller {
  const { sim, api, limits = COLLECTOR_LIMITS } = parts
  const graph = new Dependents(api)
  const controller = new Controller(sim, {
    name: 'garbage-collector',
    workers: 20,
    limits,
    reconcile: (text, calls) => reconcile({ api, graph, calls }, nameFromText(text)),
  })
  const add = (name: ObjectName): void => controller.queue.add(nameText(name))
  graph.listen({
    written: (name) => {
      const metadata = metadataOf(api, name)
      if (metadata?.deletionTimestamp === undefined) {
        if (graph.referencesOf(name).some((one) => stateOf(api, graph, name, one) !== 'solid')) add(name)
        return
      }
      if (isGoingWith(metadata, ORPHAN) || isGoingWith(metadata, FOREGROUND)) add(name)
      if (isGoingWith(metadata, FOREGROUND)) graph.of(metadata.uid ?? '').forEach(add)
    },
    gone: (uid) => graph.of(uid).forEach(add),
    released: (uid) => {
      const owner = graph.named(uid)
      if (owner !== undefined && isGoingWith(metadataOf(api, owner), FOREGROUND)) add(owner)
    },
  })
  return controller
}

/** Whether an object is going and first something is to become of its dependents. */
function isGoingWith(metadata: ObjectMeta | undefined, finalizer: string): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(finalizer)
}

function reconcile(work: Work, name: ObjectName): void {
  const { api, graph, calls } = work
  const metadata = metadataOf(api, name)
  if (metadata === undefined) return
  const { deletionTimestamp, uid = '' } = metadata
  if (deletionTimestamp !== undefined) {
    if (isGoingWith(metadata, ORPHAN)) orphanDependents(work, name, uid)
    else if (isGoingWith(metadata, FOREGROUND) && !isBlocked(graph, uid)) {
      calls.do(() => isBlocked(graph, uid) || takeFinalizer(api, name, FOREGROUND))
    }
    return
  }
  if (verdictOf(work, name) !== undefined) calls.do(() => collect(work, name))
}

/** What is to become of an object: some of its references are taken from it, or it goes; undefined when it stays as it is. */
type Verdict =
  | { readonly keep: readonly OwnerReference[] }
  | { readonly isForeground: boolean; readonly isCircle: boolean }

function verdictOf({ api, graph }: Work, name: ObjectName): Verdict | undefined {
  const metadata = metadataOf(api, name)
  const references = graph.referencesOf(name)
  if (metadata === undefined || metadata.deletionTimestamp !== undefined || references.length === 0) {
    return undefined
  }
  const states = references.map((reference) => stateOf(api, graph, name, reference))
  const solid = references.filter((_, index) => states[index] === 'solid')
  if (solid.length === references.length) return undefined
  if (solid.length > 0) return { keep: solid }
  const dependents = graph.of(metadata.uid ?? '')
  const isWaitedFor = states.includes('waiting') && dependents.length > 0
  return {
    isForeground: isWaitedFor || (metadata.finalizers ?? []).includes(FOREGROUND),
    isCircle:
      isWaitedFor && dependents.some((dependent) => isGoingWith(metadataOf(api, dependent), FOREGROUND)),
  }
}

function collect(work: Work, name: ObjectName): boolean {
  const { api, graph } = work
  // The client may have made it wait: it looks again.
  const verdict = verdictOf(work, name)
  if (verdict === undefined) return true
  if ('keep' in verdict) return setOwnerReferences(api, name, verdict.keep)
  if (verdict.isCircle) {
    const references = graph.referencesOf(name)
    setOwnerReferences(
      api,
      name,
      references.map((reference) => ({ ...reference, blockOwnerDeletion: false })),
    )
  }
  return deleteObject(api, name, verdict.isForeground)
}

/**
 * Whether an owner is there to stay, is going and waits for its dependents, or is gone. Nodes have no uid here: their name tells them.
 * An owner in another namespace is none; one with a namespace of an object without one is a mistake, for which nothing is deleted.
 */
function stateOf(
  api: ApiServer,
  graph: Dependents,
  dependent: ObjectName,
  { kind, name, uid }: OwnerReference,
): 'solid' | 'waiting' | 'gone' {
  if (kind === 'Node' && api.nodes.get(name)?.metadata?.uid === undefined) {
    return api.nodes.get(name) === undefined ? 'gone' : 'solid'
  }
  const own = namespaceOf(dependent)
  if (uid === (own === undefined ? name : `${own}/${name}`)) return 'solid'
  const owner = graph.named(uid)
  if (owner === undefined) return 'gone'
  const namespace = namespaceOf(owner)
  if (namespace !== undefined && namespace !== own) return own === undefined ? 'solid' : 'gone'
  return isGoingWith(metadataOf(api, owner), FOREGROUND) ? 'waiting' : 'solid'
}

/** The namespace that an object lies in; undefined for kinds that lie in none. */
function namespaceOf({ key }: ObjectName): string | undefined {
  const end = key.indexOf('/')
  return end < 0 ? undefined : key.slice(0, end)
}

/** Whether an object that waits for its dependents has to wait: one of them blocks it. */
function isBlocked(graph: Dependents, uid: string): boolean {
  return graph
    .of(uid)
    .some((dependent) =>
      graph
        .referencesOf(dependent)
        .some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true),
    )
}

/** Orphan: its dependents are there without it. */
function orphanDependents({ api, graph, calls }: Work, name: ObjectName, uid: string): void {
  for (const dependent of graph.of(uid)) {
    calls.do(() => {
      const references = graph.referencesOf(dependent)
      const others = references.filter((reference) => reference.uid !== uid)
      return others.length === references.length || setOwnerReferences(api, dependent, others)
    })
  }
  calls.do(() => graph.of(uid).length === 0 && takeFinalizer(api, name, ORPHAN))
}
