import type { JobCondition } from '../api/types.generated.ts'
import { conditionOf, jobCondition } from './job-conditions.ts'
import { countIndexes } from './job-indexes.ts'
import { isFailedPod, restartsOf } from './job-pods.ts'
import { matchSuccessPolicy } from './job-success-policy.ts'
import type { JobView } from './job-view.ts'
import { matchPodFailurePolicy } from './pod-failure-policy.ts'

/**
 * The condition with which a job ends, undefined while it goes on: FailureTarget or SuccessCriteriaMet when that is found now; one
 * that was found before comes back as Failed, or as SuccessCriteriaMet. That all completions are reached is not looked at here.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `syncJob`.
 */
export function verdictOn(view: JobView): JobCondition | undefined {
  return foundBefore(view) ?? failJob(view) ?? limitPassed(view) ?? indexesDecide(view)
}

/** When the job has been active for as long as it may; undefined without a deadline, or while it is suspended. */
export function deadlineOf({ api, rules, status }: JobView): number | undefined {
  if (rules.activeDeadline === undefined || rules.isSuspended || status.startTime === undefined)
    return undefined
  return api.calendar.parse(status.startTime) + rules.activeDeadline
}

function foundBefore(view: JobView): JobCondition | undefined {
  const { conditions } = view.status
  const success = conditionOf(conditions, 'SuccessCriteriaMet')
  if (success?.status === 'True') return success
  const failure = conditionOf(conditions, 'FailureTarget')
  return failure?.status === 'True' ? finalCondition(view, failure) : undefined
}

/** The last condition of a job, Failed or Complete, of the one that announced it. */
export function finalCondition(
  view: JobView,
  { type, reason = '', message = '' }: JobCondition,
): JobCondition {
  const final = type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed'
  return condition(view, final, reason, message)
}

/** The condition that announces the end of a job of which enough pods have succeeded. */
export function completionsReached(view: JobView): JobCondition {
  return condition(
    view,
    'SuccessCriteriaMet',
    'CompletionsReached',
    'Reached expected number of succeeded pods',
  )
}

function failJob(view: JobView): JobCondition | undefined {
  const { podFailurePolicy } = view.rules
  if (podFailurePolicy === undefined) return undefined
  for (const pod of view.pods) {
    if (!isFailedPod(pod, view.rules)) continue
    const { failJobMessage } = matchPodFailurePolicy(view.api, podFailurePolicy, pod.row)
    if (failJobMessage !== undefined) {
      return condition(view, 'FailureTarget', 'PodFailurePolicy', failJobMessage)
    }
  }
  return undefined
}

function limitPassed(view: JobView): JobCondition | undefined {
  const { backoffLimit } = view.rules
  if (view.failed > backoffLimit || restartsPassLimit(view)) {
    const message = 'Job has reached the specified backoff limit'
    return condition(view, 'FailureTarget', 'BackoffLimitExceeded', message)
  }
  const deadline = deadlineOf(view)
  if (deadline === undefined || view.now < deadline) return undefined
  const message = 'Job was active longer than specified deadline'
  return condition(view, 'FailureTarget', 'DeadlineExceeded', message)
}

/** job_controller.go `pastBackoffLimitOnFailure`. */
function restartsPassLimit({ api, pods, rules }: JobView): boolean {
  if (!rules.restartsInPlace) return false
  const restarts = pods.reduce((sum, pod) => sum + restartsOf(api, pod), 0)
  return rules.backoffLimit === 0 ? restarts > 0 : restarts >= rules.backoffLimit
}

function indexesDecide(view: JobView): JobCondition | undefined {
  const { failedIndexes, rules, succeededIndexes } = view
  const { completions = 0, maxFailedIndexes } = rules
  if (!rules.isIndexed) return undefined
  const failed = failedIndexes === undefined ? 0 : countIndexes(failedIndexes)
  if (failedIndexes !== undefined && maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return condition(view, 'FailureTarget', 'MaxFailedIndexesExceeded', message)
  }
  if (failed > 0 && failed + countIndexes(succeededIndexes) >= completions) {
    return condition(view, 'FailureTarget', 'FailedIndexes', 'Job has failed indexes')
  }
  const met = matchSuccessPolicy(rules.successPolicy, completions, succeededIndexes)
  return met === undefined ? undefined : condition(view, 'SuccessCriteriaMet', 'SuccessPolicy', met)
}

function condition({ api, now }: JobView, type: string, reason: string, message: string): JobCondition {
  return jobCondition(api.calendar.format(now), { type, status: 'True', reason, message })
}
