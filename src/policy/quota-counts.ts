import type { ResourceList } from '../api/resource-list.ts'
import type { Pod, ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { TemplateId } from '../cluster/rows.ts'
import { sizedSpec } from '../cluster/sized-spec.ts'
import type { PodSize } from '../cluster/sized-spec.ts'
import { podQuotaUsage } from './quota-usage.ts'

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

  constructor(api: ApiServer) {
    this.#api = api
  }

  of(id: TemplateId, size: PodSize): CountedPod {
    const known = this.#byTemplate.get(id)
    if (known !== undefined) return known
    const { template } = this.#api.pods.templates.get(id)
    const counted = countedPod({ spec: sizedSpec(template, size) })
    if (template.sizing === 'template' || template.sizing === 'best-effort') this.#byTemplate.set(id, counted)
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
