import type { ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { PodDraft } from '../cluster/pod-draft.ts'
import { objectForbidden, podForbidden } from './forbidden.ts'
import { objectQuotaUsage } from './object-usage.ts'
import { chargeObject, chargeQuotas } from './quota.ts'
import { QuotaCounts, quotasOf } from './quota-counts.ts'

/**
 * Has new pods and other objects charged to the quotas of their namespace, at once, in `status.used`; refuses those that a quota
 * has no room for. An object that grows once it is there is not refused for that.
 *
 * Source: kube-apiserver v1.37, admission/plugin/resourcequota.
 */
export function startQuotaAdmission(api: ApiServer): void {
  const counts = new QuotaCounts(api)
  const store = api.collection<ResourceQuota>('ResourceQuota')
  const write = (before: readonly ResourceQuota[], after: readonly ResourceQuota[]): void => {
    after.forEach((quota, index) => {
      if (quota !== before[index]) store.update(quota)
    })
  }
  const reservePod = (draft: PodDraft): string | undefined => {
    const { template, requests } = api.pods.templates.get(draft.template)
    const quotas = quotasOf(api, template.metadata.namespace)
    if (quotas.length === 0) return undefined
    const { cpu = requests.cpu, memory = requests.memory } = draft
    const { pod, usage } = counts.of(draft.template, { cpu, memory })
    const verdict = chargeQuotas(quotas, pod, usage)
    if (!verdict.ok) return podForbidden(draftName(draft), verdict.reason)
    write(quotas, verdict.quotas)
    return undefined
  }
  const reserveObject = (kind: string, object: StoredObject): string | undefined => {
    const quotas = quotasOf(api, object.metadata?.namespace ?? '')
    if (quotas.length === 0) return undefined
    const verdict = chargeObject(quotas, objectQuotaUsage(kind, object))
    if (!verdict.ok) return objectForbidden(kind, object, verdict.reason)
    write(quotas, verdict.quotas)
    return undefined
  }
  api.gates.add({ name: 'ResourceQuota', reservePod, reserveObject })
}
