import type { LogicFamily } from '../family.ts'
import { cronJobTimes } from './cronjob-times.ts'
import { cronJob } from './cronjob.ts'
import { job } from './job.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [cronJobTimes, cronJob, job]
