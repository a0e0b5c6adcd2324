import type { ResourceQuota } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { PodDraft } from '../cluster/pod-draft.ts'
import { podForbidden } from './forbidden.ts'
import { chargeQuotas } from './quota.ts'
import { QuotaCounts, quotasOf } from './quota-counts.ts'

/**
 * Has new pods charged to the quotas of their namespace, at once, in `status.used`; refuses those that a quota has no room for.
 *
 * Source: kube-apiserver v1.37, admission/plugin/resourcequota.
 */
export function startQuotaAdmission(api: ApiServer): void {
  const counts = new QuotaCounts(api)
  const store = api.collection<ResourceQuota>('ResourceQuota')
  const reserve = (draft: PodDraft): string | undefined => {
    const { template, requests } = api.pods.templates.get(draft.template)
    const quotas = quotasOf(api, template.metadata.namespace)
    if (quotas.length === 0) return undefined
    const { cpu = requests.cpu, memory = requests.memory } = draft
    const { pod, usage } = counts.of(draft.template, { cpu, memory })
    const verdict = chargeQuotas(quotas, pod, usage)
    if (!verdict.ok) return podForbidden(draftName(draft), verdict.reason)
    verdict.quotas.forEach((quota, index) => {
      if (quota !== quotas[index]) store.update(quota)
    })
    return undefined
  }
  api.addPodGate({ name: 'ResourceQuota', reserve })
}
