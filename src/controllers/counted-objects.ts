import type { ResourceList } from '../api/resource-list.ts'
import type { ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { mayGrow, namespaceUsage } from '../policy/object-usage.ts'
import { hasScopes } from '../policy/quota.ts'
import { quotasOf } from '../policy/quota-counts.ts'
import { isPodQuotaResource } from '../policy/quota-usage.ts'

const NOTHING: ResourceList = new Map()

/**
 * Which namespaces have other objects than before, of those with quotas that bound objects other than pods; and what these come
 * to, counted when it is asked for.
 */
export class CountedObjects {
  readonly #api: ApiServer
  readonly #changed = new Set<string>()
  /** Objects of a kind at its last write. */
  readonly #sizes = new Map<string, number>()
  #heard: () => void = () => undefined

  constructor(api: ApiServer) {
    this.#api = api
    for (const kind of api.kinds) this.#sizes.set(kind, api.collection(kind).size)
    api.observeObjects(({ kind, key }) => this.#onWrite(kind, key))
  }

  /** Registers who hears when there is a namespace to take, once before it is taken. */
  onChange(heard: () => void): void {
    this.#heard = heard
  }

  /** Namespaces that have changed, in order; afterwards there are none. */
  takeChanged(): readonly string[] {
    const namespaces = [...this.#changed]
    this.#changed.clear()
    return namespaces
  }

  /** What the objects in the namespace of a quota come to in it. */
  usageOf(quota: ResourceQuota): ResourceList {
    if (hasScopes(quota) || !boundsObjects(quota)) return NOTHING
    return namespaceUsage(this.#api, quota.metadata?.namespace ?? '')
  }

  #onWrite(kind: string, key: string): void {
    const { size } = this.#api.collection(kind)
    const isSame = this.#sizes.get(kind) === size
    this.#sizes.set(kind, size)
    const slash = key.indexOf('/')
    if (slash < 0 || (isSame && !mayGrow(kind))) return
    const namespace = key.slice(0, slash)
    if (!quotasOf(this.#api, namespace).some(boundsObjects)) return
    this.#changed.add(namespace)
    if (this.#changed.size === 1) this.#heard()
  }
}

/** Whether a quota bounds something that is not of pods. */
function boundsObjects({ spec }: ResourceQuota): boolean {
  return Object.keys(spec?.hard ?? {}).some((resource) => !isPodQuotaResource(resource))
}
