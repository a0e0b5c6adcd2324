import type { EndpointSlice } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { ObjectChange } from '../../cluster/change-ring.ts'
import { objectKey } from '../../cluster/object-store.ts'
import { isManaged, serviceKeyOf } from './slice.ts'

const NO_KEYS: readonly string[] = []

/**
 * The slices of each service that the EndpointSlice controller looks after, from the write on; and which changes of them are the
 * controller's own. Source of the latter: Kubernetes v1.37, endpointslice util `EndpointSliceTracker`.
 */
export class ServiceSlices {
  readonly #api: ApiServer
  readonly #byService = new Map<string, Set<string>>()
  readonly #serviceOf = new Map<string, string>()
  /** Revision of the controller's last write of each slice. */
  readonly #written = new Map<string, number>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const slice of api.collection<EndpointSlice>('EndpointSlice').list()) {
      this.#place(objectKey(slice.metadata), slice)
    }
    api.observeObjects(({ kind, key, object }) => {
      if (kind === 'EndpointSlice') this.#place(key, object as EndpointSlice | undefined)
    })
  }

  /** Slices of a service that are not going, in order of creation. */
  of(serviceKey: string): readonly EndpointSlice[] {
    const store = this.#api.collection<EndpointSlice>('EndpointSlice')
    const slices: EndpointSlice[] = []
    for (const key of this.#byService.get(serviceKey) ?? []) {
      const slice = store.get(key)
      if (slice !== undefined && slice.metadata?.deletionTimestamp === undefined) slices.push(slice)
    }
    return slices
  }

  /** The controller has written a slice, or, with undefined, is about to delete it. */
  noteOwn(key: string, slice: EndpointSlice | undefined): void {
    if (slice === undefined) this.#written.delete(key)
    else this.#written.set(key, Number(slice.metadata?.resourceVersion))
  }

  /** Keys of the services that have to be looked at because somebody else changed a slice. */
  servicesToSync({ key, old: before, new: after }: ObjectChange): readonly string[] {
    const old = before as EndpointSlice | undefined
    const now = after as EndpointSlice | undefined
    if (now === undefined) return this.#written.delete(key) ? keysOf(old) : NO_KEYS
    if (old !== undefined && serviceKeyOf(old) !== serviceKeyOf(now)) return [...keysOf(now), ...keysOf(old)]
    const isOwn = Number(now.metadata?.resourceVersion) <= (this.#written.get(key) ?? 0)
    const hasChangedHands = old !== undefined && isManaged(old) !== isManaged(now)
    return hasChangedHands || (isManaged(now) && !isOwn) ? keysOf(now) : NO_KEYS
  }

  #place(key: string, slice: EndpointSlice | undefined): void {
    const service = slice === undefined || !isManaged(slice) ? undefined : serviceKeyOf(slice)
    const before = this.#serviceOf.get(key)
    if (before === service) return
    if (before !== undefined) this.#byService.get(before)?.delete(key)
    if (service === undefined) {
      this.#serviceOf.delete(key)
      return
    }
    this.#serviceOf.set(key, service)
    const keys = this.#byService.get(service) ?? new Set()
    this.#byService.set(service, keys.add(key))
  }
}

function keysOf(slice: EndpointSlice | undefined): readonly string[] {
  const key = slice === undefined ? undefined : serviceKeyOf(slice)
  return key === undefined ? NO_KEYS : [key]
}
