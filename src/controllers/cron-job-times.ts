import { cronSchedule } from '../api/cron-schedule.ts'
import type { CronSchedule, CronScheduleResult, EpochMicros } from '../api/cron-schedule.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { timeZoneOf } from '../base/time-zone.ts'

/** How long after its time a run is looked for (cronjob_controllerv2.go `nextScheduleDelta`). */
const NEXT_SCHEDULE_DELTA: Micros = 100 * MILLISECOND
/** More missed runs than this are many: a warning in the real controller, and nothing else. */
const MISSED_MANY = 100

/** What the times of a CronJob follow from. */
export interface CronJobTimes {
  readonly createdAt: EpochMicros
  readonly lastScheduledAt: EpochMicros | undefined
  /** `spec.startingDeadlineSeconds`. */
  readonly startingDeadlineSeconds: number | undefined
}

/** The newest run that should have started by now. */
export interface MissedRuns {
  /** What runs are looked for after: creation, the last run, or the starting deadline. */
  readonly earliest: EpochMicros
  /** Absent when nothing was missed; and when the guess overshoots, see `missedRuns`. */
  readonly mostRecent?: EpochMicros
  readonly missed: 'none' | 'few' | 'many'
  /** The schedule never runs twice. */
  readonly error?: string
}

/**
 * The schedule of a CronJob, whose time zone is put before the text; one in the text itself is read only where `timeZone` is not
 * set. A zone that does not exist is left out here (the controller has stopped at it before).
 *
 * Source: kube-controller-manager v1.37, cronjob_controllerv2.go `formatSchedule`.
 */
export function scheduleOf(schedule: string, timeZone: string | undefined): CronScheduleResult {
  const hasZone = timeZone !== undefined && timeZoneOf(timeZone) !== undefined
  return cronSchedule(hasZone ? `TZ=${timeZone} ${schedule}` : schedule)
}

/**
 * Which run was missed, found by a guess: the time passed divided by the distance of the first two runs says how many have been
 * missed, and the search begins one before the last of these. With an irregular schedule the guess may lie after the last run:
 * then runs were missed, but there is none to start.
 *
 * Source: kube-controller-manager v1.37, cronjob/utils.go `mostRecentScheduleTime`.
 */
export function missedRuns(
  times: CronJobTimes,
  now: EpochMicros,
  schedule: CronSchedule,
  isDeadlineCounted: boolean,
): MissedRuns {
  const earliest = earliestRun(times, now, isDeadlineCounted)
  const first = schedule.next(earliest)
  if (first !== undefined && now < first) return { earliest, missed: 'none' }
  const second = first === undefined ? undefined : schedule.next(first)
  if (first !== undefined && second !== undefined && now < second) {
    return { earliest, mostRecent: first, missed: 'none' }
  }
  const distance = first === undefined || second === undefined ? 0 : Math.round((second - first) / SECOND)
  if (first === undefined || distance < 1) {
    const error = 'time difference between two schedules is less than 1 second'
    return { earliest, missed: 'none', error }
  }
  const elapsed = Math.floor((now - first) / SECOND)
  const count = Math.floor(elapsed / distance) + 1
  const from = first + (count - 2) * distance * SECOND
  let mostRecent: EpochMicros | undefined
  for (let at = schedule.next(from); at !== undefined && at <= now; at = schedule.next(at)) mostRecent = at
  const missed = count > MISSED_MANY ? 'many' : 'few'
  return mostRecent === undefined ? { earliest, missed } : { earliest, mostRecent, missed }
}

function earliestRun(times: CronJobTimes, now: EpochMicros, isDeadlineCounted: boolean): EpochMicros {
  const earliest = times.lastScheduledAt ?? times.createdAt
  const { startingDeadlineSeconds } = times
  if (!isDeadlineCounted || startingDeadlineSeconds === undefined) return earliest
  return Math.max(earliest, now - startingDeadlineSeconds * SECOND)
}

/**
 * How long until a CronJob is to be looked at again: 100 ms after its next run. Undefined when it never runs again. Counts from
 * the last run that was due, so that one of an interval keeps its phase.
 *
 * Source: kube-controller-manager v1.37, cronjob/utils.go `nextScheduleTimeDuration`.
 */
export function untilNextRun(
  times: CronJobTimes,
  now: EpochMicros,
  schedule: CronSchedule,
): Micros | undefined {
  const { earliest, mostRecent, missed, error } = missedRuns(times, now, schedule, false)
  const from = error === undefined ? (mostRecent ?? (missed === 'none' ? earliest : now)) : now
  const next = schedule.next(from)
  return next === undefined ? undefined : next + NEXT_SCHEDULE_DELTA - now
}
