import { listTexts } from '../../api/resources.ts'
import type { Pod, ResourceQuota } from '../../api/types.generated.ts'
import { MILLISECOND } from '../../base/time.ts'
import { chargeQuotas, matchesQuota } from '../../policy/quota.ts'
import { podQuotaUsage } from '../../policy/quota-usage.ts'
import { logicFamily } from '../family.ts'
import { podForbidden } from '../../policy/forbidden.ts'

interface Input {
  /** RFC 3339. */
  readonly now: string
  readonly pod: Pod
  readonly quota: ResourceQuota
}

/** What a pod counts for in a quota, whether the quota is about it, and whether it may be created. */
export const quota = logicFamily('quota', ({ now, pod, quota: given }: Input) => {
  const usage = podQuotaUsage(pod, Date.parse(now) * MILLISECOND)
  const verdict = chargeQuotas([given], pod, usage)
  const judged = { matches: matchesQuota(given, pod), usage: listTexts(usage) }
  if (!verdict.ok) {
    const message = podForbidden(pod.metadata?.name ?? '', verdict.reason)
    return { ...judged, admission: { allowed: false, message } }
  }
  return { ...judged, admission: { allowed: true }, newUsed: verdict.quotas[0]?.status?.used }
})
