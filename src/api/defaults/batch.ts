import type { CronJob, Job, JobSpec, PodFailurePolicyRule } from '../types.generated.ts'
import { eachOf, isUnset, withChanged, withDefaults } from './fields.ts'
import { defaultPodTemplate } from './pods.ts'

const INT32_MAX = 2 ** 31 - 1

/** Defaults of a Job: its labels are those of its template. Source: Kubernetes v1.37, apis/batch/v1 `SetDefaults_Job`. */
export function defaultJob(job: Job): Job {
  const spec: Partial<JobSpec> | undefined = job.spec
  const labels = spec?.template?.metadata?.labels
  const hasLabels = Object.keys(job.metadata?.labels ?? {}).length > 0
  const labelled =
    labels === undefined || labels === null || hasLabels
      ? job
      : { ...job, metadata: { ...job.metadata, labels } }
  return withChanged(labelled, 'spec', (given) => {
    const isSingle = isUnset(given.completions) && isUnset(given.parallelism)
    return withDefaults(defaultJobParts(given), {
      ...(isSingle ? { completions: 1 } : {}),
      parallelism: 1,
      backoffLimit: isUnset(given.backoffLimitPerIndex) ? 6 : INT32_MAX,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: isUnset(given.podFailurePolicy) ? 'TerminatingOrFailed' : 'Failed',
      manualSelector: false,
    })
  })
}

/** Defaults of a CronJob: its template is no Job yet. Source: Kubernetes v1.37, apis/batch/v1 `SetDefaults_CronJob`. */
export function defaultCronJob(cronJob: CronJob): CronJob {
  return withChanged(cronJob, 'spec', (spec) => {
    const next = withDefaults(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    return withChanged(next, 'jobTemplate', (template) => withChanged(template, 'spec', defaultJobParts))
  })
}

function defaultJobParts(spec: JobSpec): JobSpec {
  const next = withChanged(spec, 'template', defaultPodTemplate)
  return withChanged(next, 'podFailurePolicy', (policy) =>
    withChanged(policy, 'rules', eachOf(defaultFailureRule)),
  )
}

function defaultFailureRule(rule: PodFailurePolicyRule): PodFailurePolicyRule {
  return withChanged(
    rule,
    'onPodConditions',
    eachOf((pattern) => withDefaults(pattern, { status: 'True' })),
  )
}
