import { compileLabelMap } from '../../api/selectors.ts'
import type { LabelPredicate } from '../../api/selectors.ts'
import type { Service } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import { podAddress } from '../../cluster/pod-address.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow, TemplateId } from '../../cluster/rows.ts'
import type { EndpointPod } from './endpoint.ts'

const NONE: readonly string[] = []

/**
 * Which pods each service selects: a view that is told of changes. Pods of one template are selected alike, so that a change of a
 * pod that no service selects costs one look.
 */
export class ServicePods {
  readonly #api: ApiServer
  /** Keys of the services that select pods of a template. */
  readonly #byTemplate = new Map<TemplateId, readonly string[]>()
  readonly #members = new Map<string, { readonly selector: object; readonly rows: Set<PodRow> }>()
  /** Services that each pod was last seen in. */
  readonly #keysOf = new Map<PodRow, readonly string[]>()
  /** What was made of a pod at a revision of it. */
  readonly #made = new Map<PodRow, { readonly revision: number; readonly pod: EndpointPod }>()
  readonly #predicates = new WeakMap<object, LabelPredicate>()

  constructor(api: ApiServer) {
    this.#api = api
    api.pods.templates.onForgotten((template) => this.#byTemplate.delete(template))
  }

  /**
   * Pods of a service in the order in which they came; the same object for a pod that has not changed. O(pods in the store) the first
   * time, and after its selector has changed.
   */
  of(service: Service): readonly EndpointPod[] {
    const selector = service.spec?.selector
    if (selector === undefined) return []
    const key = objectKey(service.metadata)
    const { table } = this.#api.pods
    let known = this.#members.get(key)
    if (known?.selector !== selector) {
      const rows = [...table.stored()]
        .filter((row) => this.#note(row).includes(key))
        .sort((one, other) => table.serial(one) - table.serial(other))
      known = { selector, rows: new Set(rows) }
      this.#members.set(key, known)
    }
    const pods: EndpointPod[] = []
    for (const row of known.rows) {
      // One that is gone is in the set until its end is heard.
      if (!table.isRemoved(row)) pods.push(this.#podOf(row))
    }
    return pods
  }

  /** A pod came, changed or went; returns the keys of the services that select it, or did. */
  changed(row: PodRow): readonly string[] {
    const before = this.#keysOf.get(row) ?? NONE
    const now = this.#note(row)
    if (before.length === 0 && now.length === 0) return NONE
    const isThere = !this.#api.pods.isRemoved(row)
    if (!isThere) {
      this.#keysOf.delete(row)
      this.#made.delete(row)
    }
    for (const key of before) if (!isThere || !now.includes(key)) this.#members.get(key)?.rows.delete(row)
    if (isThere) for (const key of now) this.#members.get(key)?.rows.add(row)
    return before === now ? now : [...new Set([...before, ...now])]
  }

  /** A service was written: others may select a template's pods by now. */
  serviceWritten(key: string, isThere: boolean): void {
    this.#byTemplate.clear()
    if (!isThere) this.#members.delete(key)
  }

  #podOf(row: PodRow): EndpointPod {
    const revision = this.#api.pods.table.revision(row)
    const known = this.#made.get(row)
    if (known?.revision === revision) return known.pod
    const pod = endpointPodOf(this.#api, row)
    this.#made.set(row, { revision, pod })
    return pod
  }

  #note(row: PodRow): readonly string[] {
    const template = this.#api.pods.table.template(row)
    let keys = this.#byTemplate.get(template)
    if (keys === undefined) {
      keys = this.#selecting(template)
      this.#byTemplate.set(template, keys)
    }
    if (keys.length > 0) this.#keysOf.set(row, keys)
    else this.#keysOf.delete(row)
    return keys
  }

  #selecting(id: TemplateId): readonly string[] {
    const { namespace, labels } = this.#api.pods.templates.get(id).template.metadata
    const keys: string[] = []
    for (const { metadata, spec } of this.#api.collection<Service>('Service').list()) {
      const selector = spec?.selector
      if (selector === undefined || metadata?.namespace !== namespace) continue
      let matches = this.#predicates.get(selector)
      if (matches === undefined) {
        matches = compileLabelMap(selector)
        this.#predicates.set(selector, matches)
      }
      if (matches(labels)) keys.push(objectKey(metadata))
    }
    return keys.length === 0 ? NONE : keys
  }
}

/** What of a stored pod its endpoints follow from. */
function endpointPodOf(api: ApiServer, row: PodRow): EndpointPod {
  const { pods } = api
  const { table } = pods
  const { metadata, spec } = pods.infoOf(row).template
  const node = table.node(row)
  const address = podAddress(api, row)
  return {
    namespace: metadata.namespace,
    name: pods.nameOf(row),
    uid: pods.uidOf(row),
    nodeName: node === NO_NODE ? '' : api.nodeRows.nameOf(node),
    hostname: spec.hostname ?? '',
    subdomain: spec.subdomain ?? '',
    containers: spec.containers,
    initContainers: spec.initContainers ?? [],
    isReady: table.isReady(row),
    isTerminating: table.deletingAt(row) !== NO_TIME,
    isFinished: table.isFinished(row),
    addresses: address === undefined ? [] : [address],
  }
}
