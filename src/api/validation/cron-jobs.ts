import { parseCron } from '../cron-parser.ts'
import { timeZoneOf } from '../../base/time-zone.ts'
import type { CronJob, CronJobSpec } from '../types.generated.ts'
import { text } from './absent.ts'
import { invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { selectorValue } from './go-shapes.ts'
import { validateJobFields } from './jobs.ts'
import { nonNegative, validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'
import type { ClusterRules } from './rules.ts'

const NAME_LENGTH_MAX = 52
const POLICIES = ['Allow', 'Forbid', 'Replace']

/** A cron job on create. Source: Kubernetes v1.37, batch/validation `ValidateCronJobCreate`. */
export function validateCronJob({ metadata, spec }: CronJob, rules: ClusterRules): FieldErrors {
  const cronJob: Partial<CronJobSpec> = spec ?? {}
  const name = text(metadata?.name)
  const isLong = name.length > NAME_LENGTH_MAX
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...scheduleErrors(text(cronJob.schedule), 'spec.schedule'),
    ...nonNegative(cronJob.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...zoneErrors(cronJob.timeZone, 'spec.timeZone'),
    ...policyErrors(text(cronJob.concurrencyPolicy), 'spec.concurrencyPolicy'),
    ...templateErrors(cronJob, rules),
    ...nonNegative(cronJob.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...nonNegative(cronJob.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
    ...(isLong ? [invalid('metadata.name', name, 'must be no more than 52 characters')] : []),
  ]
}

function scheduleErrors(schedule: string, path: string): FieldErrors {
  if (schedule === '') return [required(path)]
  const parsed = parseCron(schedule)
  const problem = parsed.ok ? undefined : parsed.message
  const hasZone = schedule.includes('TZ')
  const elsewhere = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  return [
    ...(problem === undefined ? [] : [invalid(path, schedule, problem)]),
    ...(hasZone ? [invalid(path, schedule, elsewhere)] : []),
  ]
}

/** Source: batch/validation `validateTimeZone`. */
function zoneErrors(zone: string | undefined, path: string): FieldErrors {
  if (zone === undefined) return []
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')]
  const unknown = [invalid(path, zone, `unknown time zone ${zone}`)]
  const isMalformed = zone
    .split('/')
    .some(
      (part) =>
        part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part),
    )
  if (isMalformed) return unknown
  const isLocal = zone.toLowerCase() === 'local'
  const explicit = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  return [
    ...(isLocal ? [invalid(path, zone, explicit)] : []),
    ...(zone === 'Local' || timeZoneOf(zone) !== undefined ? [] : unknown),
  ]
}

function policyErrors(policy: string, path: string): FieldErrors {
  if (policy === '') return [required(path)]
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)]
}

/** Jobs get their selectors from the API server. Source: batch/validation `ValidateJobTemplateSpec`. */
function templateErrors({ jobTemplate }: Partial<CronJobSpec>, rules: ClusterRules): FieldErrors {
  const path = 'spec.jobTemplate.spec'
  const spec = jobTemplate?.spec
  const { selector, manualSelector } = spec ?? {}
  return [
    ...validateJobFields(spec ?? {}, rules, path),
    ...(selector === undefined
      ? []
      : [invalid(`${path}.selector`, selectorValue(selector), '`selector` will be auto-generated')]),
    ...(manualSelector === true ? [notSupported(`${path}.manualSelector`, true, ['nil', 'false'])] : []),
  ]
}
