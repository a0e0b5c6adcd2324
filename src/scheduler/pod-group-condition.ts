import type { Condition, PodGroup } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'

/** Type of the condition that says whether a PodGroup was scheduled; once true, it stays true. */
const INITIALLY_SCHEDULED = 'PodGroupInitiallyScheduled'

/** `status.reason` by what the cycle of the group came to (Kubernetes v1.37, apis/scheduling). */
const REASONS = { scheduled: 'Scheduled', rejected: 'Unschedulable', error: 'SchedulerError' } as const

/**
 * Says in the status of a PodGroup what its scheduling cycle came to; writes nothing that is there already.
 *
 * Times are those of the run, which begins at the start of 1970.
 * Source: kube-scheduler v1.37, `updatePodGroupCondition`.
 */
export function writeGroupCondition(
  api: ApiServer,
  key: string,
  result: { readonly outcome: keyof typeof REASONS; readonly message: string },
  now: Micros,
): void {
  const groups = api.collection<PodGroup>('PodGroup')
  const group = groups.get(key)
  if (group === undefined) return
  const conditions = group.status?.conditions ?? []
  const before = conditions.find(({ type }) => type === INITIALLY_SCHEDULED)
  const status = result.outcome === 'scheduled' ? 'True' : 'False'
  if (before?.status === 'True') return
  const reason = REASONS[result.outcome]
  if (before?.status === status && before.reason === reason && before.message === result.message) return
  const condition: Condition = {
    type: INITIALLY_SCHEDULED,
    status,
    reason,
    message: result.message,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestampOf(now),
  }
  const others = conditions.filter(({ type }) => type !== INITIALLY_SCHEDULED)
  groups.update({ ...group, status: { ...group.status, conditions: [...others, condition] } })
}

/** RFC 3339, in whole seconds. */
function timestampOf(now: Micros): string {
  return new Date(Math.floor(now / 1000)).toISOString().replace(/\.\d+Z$/, 'Z')
}
