import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_DELETED, POD_READINESS } from '../cluster/pod-event.ts'
import type { RingEntry } from '../cluster/change-ring.ts'
import type { WatchOptions } from '../cluster/watch.ts'

/** News of pods that are heard of set by set. */
const SEPARATE = POD_READINESS | POD_DELETED

/** How long a recording's controllers took to hear of writes, in microseconds of virtual time. */
export interface InformerLag {
  /** From the write of an object until it is in the caches, by kind. */
  readonly caches: Readonly<Record<string, Micros>>
  /** From a write of a pod until it is in the caches. */
  readonly pods: Micros
  /** From then until a worker takes its key. */
  readonly workers: Micros
  /** From news of the pods of one owner until those of the next: what follows from the first comes before. */
  readonly owners: Micros
  /**
   * From the news that a pod is ready until a worker takes its key, besides, if the controller also notes when the pod will be available:
   * the goroutine of its delayed keys goes before the worker.
   */
  readonly delayedKeys: Micros
}

/**
 * An API server as controllers see it that were recorded on client-go's fake clientset: they read objects of the kinds in
 * `lag.caches` from caches that lag behind, their writes never conflict, and a write of the status replaces the whole object by what
 * the cache had. `written` hears of each write that is none of the status alone. Pods are read as they are.
 *
 * Source: client-go v1.37, testing/fixture.go `ObjectReaction`.
 */
export function behindInformers(
  api: ApiServer,
  lag: InformerLag,
  written: (object: StoredObject) => void,
): ApiServer {
  const caches = new Map(Object.keys(lag.caches).map((kind) => [kind, new Map<string, StoredObject>()]))
  for (const [kind, latency] of Object.entries(lag.caches)) {
    api.watch({
      name: `informer/${kind}`,
      from: 1,
      latency,
      kinds: [kind],
      onObject: ({ key, new: object }) => {
        if (object === undefined) caches.get(kind)?.delete(key)
        else caches.get(kind)?.set(key, object)
      },
    })
  }
  const stores = new Map(
    [...caches].map(([kind, cache]) => [kind, cachedStore(api.collection(kind), cache, written)]),
  )
  return overridden(api, {
    collection: (kind: string) => stores.get(kind) ?? api.collection(kind),
    watch: (options: WatchOptions) => watchLate(api, lag, options),
  })
}

function cachedStore(
  store: ObjectStore<StoredObject>,
  cache: ReadonlyMap<string, StoredObject>,
  written: (object: StoredObject) => void,
): ObjectStore<StoredObject> {
  return overridden(store, {
    get: (key: string) => cache.get(key),
    list: () => cache.values(),
    create: (object: StoredObject) => {
      const result = store.create(object)
      if (result.ok) written(object)
      return result
    },
    update: (object: StoredObject) => {
      if (object.metadata !== cache.get(objectKey(object.metadata))?.metadata) written(object)
      const { resourceVersion: _, ...metadata } = object.metadata ?? {}
      return store.update({ ...object, metadata })
    },
  })
}

/**
 * Pods and objects are heard of apart, after what their caches take; a worker takes keys some time after the first news, with all that
 * came meanwhile.
 */
function watchLate(api: ApiServer, lag: InformerLag, options: WatchOptions): { readonly ok: true } {
  const { kinds = [], podEvents = 0, onObject, onPod, ...others } = options
  if (onObject !== undefined) {
    for (const kind of kinds) {
      const name = `${options.name}/${kind}`
      const tell = gathered(api, { name, delayOf: () => lag.workers, tell: onObject })
      api.watch({ ...others, name, latency: lag.caches[kind] ?? 0, kinds: [kind], onObject: tell })
    }
  }
  if (onPod !== undefined) {
    const name = `${options.name}/pods`
    const { table } = api.pods
    const isSeparate = (entry: RingEntry, first: RingEntry): boolean =>
      (first.podEvent & SEPARATE) === 0
        ? (entry.podEvent & SEPARATE) !== 0
        : table.owner(entry.pod) !== table.owner(first.pod)
    const delayOf = ({ podEvent, pod }: RingEntry): Micros =>
      lag.workers + (podEvent === POD_READINESS && table.isReady(pod) ? lag.delayedKeys : 0)
    const tell = gathered(api, { name, delayOf, tell: onPod, isSeparate, pause: lag.owners })
    // The entry is filled anew for the next one.
    api.watch({ ...others, name, latency: lag.pods, podEvents, onPod: (entry) => tell({ ...entry }) })
  }
  return { ok: true }
}

/** How news are gathered. */
interface Gathering<T> {
  readonly name: string
  /** From the first of them until they are told. */
  readonly delayOf: (first: T) => Micros
  readonly tell: (news: T) => void
  /** Whether one is told in another round than the first; none by default. */
  readonly isSeparate?: (news: T, first: T) => boolean
  /** Between rounds. */
  readonly pause?: Micros
}

/** Gathers news, and tells of them together some time after the first. */
function gathered<T>(api: ApiServer, gathering: Gathering<T>): (news: T) => void {
  const { name, delayOf, tell, isSeparate, pause = 0 } = gathering
  let waiting: T[] = []
  const flush = api.sim.handler(`${name}/told`, () => {
    const [first] = waiting
    if (first === undefined) return
    const end = waiting.findIndex((news) => isSeparate?.(news, first) === true)
    const due = end < 0 ? waiting : waiting.slice(0, end)
    waiting = end < 0 ? [] : waiting.slice(end)
    for (const news of due) tell(news)
    if (end >= 0) api.sim.after(pause, flush)
  })
  return (news) => {
    waiting.push(news)
    if (waiting.length === 1) api.sim.after(delayOf(news), flush)
  }
}

/** An object that answers as another one, but for some methods. */
function overridden<T extends object>(object: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(object, {
    get(target, name) {
      if (typeof name === 'string' && name in methods) return methods[name]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
