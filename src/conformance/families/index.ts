import type { LogicFamily } from '../family.ts'
import { cronJobTimes } from './cronjob-times.ts'
import { cronJob } from './cronjob.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [cronJobTimes, cronJob]
