import type { EpochMicros } from '../api/cron-schedule.ts'
import type { CronJob, Job } from '../api/types.generated.ts'
import { MINUTE, SECOND } from '../base/time.ts'
import { timeZoneOf } from '../base/time-zone.ts'

/** Says for which run a job was made. */
const SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/**
 * The job of a run of a CronJob.
 *
 * Source: kube-controller-manager v1.37, cronjob/utils.go `getJobFromTemplate2`.
 */
export function jobOfCronJob(cronJob: CronJob, name: string, scheduledAt: EpochMicros): Job {
  const { namespace = '', name: ownerName = '', uid = '' } = cronJob.metadata ?? {}
  const { metadata, spec } = cronJob.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels: metadata?.labels ?? {},
      annotations: {
        ...metadata?.annotations,
        [SCHEDULED_TIMESTAMP]: localTime(scheduledAt, cronJob.spec.timeZone),
      },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: ownerName,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(spec === undefined ? {} : { spec }),
  }
}

/** RFC 3339 in the civil time of a zone: `2026-03-29T03:00:00+02:00`. */
function localTime(at: EpochMicros, timeZone: string | undefined): string {
  const seconds = Math.floor(at / SECOND)
  const offset = timeZoneOf(timeZone ?? '')?.offsetAt(seconds) ?? 0
  const civil = new Date((seconds + offset) * 1000).toISOString().slice(0, 19)
  if (offset === 0) return `${civil}Z`
  const minutes = Math.abs(offset) / (MINUTE / SECOND)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${civil}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
