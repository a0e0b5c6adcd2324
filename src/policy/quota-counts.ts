import type { ResourceList } from '../api/resource-list.ts'
import type { Pod, ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { TemplateId } from '../cluster/rows.ts'
import { sizedSpec } from '../cluster/sized-spec.ts'
import type { PodSize } from '../cluster/sized-spec.ts'
import { podQuotaUsage } from './quota-usage.ts'

/** Sizes kept of pods that bring their own: traces have a few that come again and again. */
const SIZES_MAX = 10_000

/** What quotas see of a pod. */
export interface CountedPod {
  readonly pod: Pod
  /** What it counts for before it has ended. */
  readonly usage: ResourceList
}

/** Pods as quotas count them; asked once for all pods of a template that are alike. */
export class QuotaCounts {
  readonly #api: ApiServer
  readonly #byTemplate = new Map<TemplateId, CountedPod>()
  readonly #bySize = new Map<string, CountedPod>()

  constructor(api: ApiServer) {
    this.#api = api
    api.pods.templates.onForgotten((template) => this.#byTemplate.delete(template))
  }

  of(id: TemplateId, size: PodSize): CountedPod {
    const known = this.#byTemplate.get(id)
    if (known !== undefined) return known
    const { template } = this.#api.pods.templates.get(id)
    if (template.sizing === 'template' || template.sizing === 'best-effort') {
      const counted = countedPod({ spec: template.spec })
      this.#byTemplate.set(id, counted)
      return counted
    }
    const key = `${id}/${size.cpu}/${size.memory}`
    let counted = this.#bySize.get(key)
    if (counted === undefined) {
      if (this.#bySize.size >= SIZES_MAX) this.#bySize.clear()
      counted = countedPod({ spec: sizedSpec(template, size) })
      this.#bySize.set(key, counted)
    }
    return counted
  }
}

function countedPod(pod: Pod): CountedPod {
  return { pod, usage: podQuotaUsage(pod, 0) }
}

/** The quotas of a namespace, in order of creation. */
export function quotasOf(api: ApiServer, namespace: string): readonly ResourceQuota[] {
  const store = api.collection<ResourceQuota>('ResourceQuota')
  return store.size === 0 ? [] : [...store.list()].filter(({ metadata }) => metadata?.namespace === namespace)
}
