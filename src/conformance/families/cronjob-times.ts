import type { EpochMicros } from '../../api/cron-schedule.ts'
import { MILLISECOND } from '../../base/time.ts'
import { timeZoneOf } from '../../base/time-zone.ts'
import { missedRuns, scheduleOf, untilNextRun } from '../../controllers/cron-job-times.ts'
import type { MissedRuns } from '../../controllers/cron-job-times.ts'
import { logicFamily } from '../family.ts'

interface CronJobTimesInput {
  readonly schedule: string
  readonly timeZone?: string
  readonly creationTimestamp: string
  readonly now: string
  readonly startingDeadlineSeconds?: number
  readonly lastScheduleTime?: string
}

/** How many times after now are asked for. */
const NEXT_COUNT = 6
/** What a wait for a time that never comes is in Go: the most negative duration, in milliseconds. */
const NEVER_MILLISECONDS = -9_223_372_036_854

/** When CronJobs run, and which runs they have missed. */
export const cronJobTimes = logicFamily<CronJobTimesInput>('cronjob-times', (input) => {
  const { timeZone } = input
  if (timeZone !== undefined && timeZoneOf(timeZone) === undefined) {
    return { unknownTimeZone: `unknown time zone ${timeZone}` }
  }
  const read = scheduleOf(input.schedule, timeZone)
  if (!read.ok) return { parseError: read.message }
  const { schedule } = read
  const now = instant(input.now)
  const times = {
    createdAt: instant(input.creationTimestamp),
    lastScheduledAt: input.lastScheduleTime === undefined ? undefined : instant(input.lastScheduleTime),
    startingDeadlineSeconds: input.startingDeadlineSeconds,
  }
  const next: (string | null)[] = []
  for (let at: EpochMicros | undefined = now; at !== undefined && next.length < NEXT_COUNT;) {
    at = schedule.next(at)
    next.push(at === undefined ? null : text(at))
  }
  const requeueAfter = untilNextRun(times, now, schedule)
  return {
    next,
    withDeadline: missedTexts(missedRuns(times, now, schedule, true)),
    withoutDeadline: missedTexts(missedRuns(times, now, schedule, false)),
    requeueAfterMs: requeueAfter === undefined ? NEVER_MILLISECONDS : Math.trunc(requeueAfter / MILLISECOND),
  }
})

function missedTexts({ earliest, mostRecent, missed, error }: MissedRuns): object {
  return {
    earliest: text(earliest),
    missed,
    ...(mostRecent === undefined ? {} : { mostRecent: text(mostRecent) }),
    ...(error === undefined ? {} : { error }),
  }
}

function instant(time: string): EpochMicros {
  return Date.parse(time) * MILLISECOND
}

/** As Go prints it: no zeros at the end of the fraction. */
function text(at: EpochMicros): string {
  return new Date(at / MILLISECOND).toISOString().replace(/\.?0*Z$/, 'Z')
}
