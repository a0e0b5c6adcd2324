import type { Micros } from '../../base/time.ts'
import { exactStatistics } from '../statistics.ts'
import type { ExactStatistics } from '../statistics.ts'
import type { FailureRecord } from '../sources.ts'
import { CAUSES, PENDING_CAUSES, CAUSE_PLACES } from './causes.ts'
import type { Cause } from './causes.ts'
import type { GroupWatch } from './group-watch.ts'
import type { LostReplica } from './lost-replica.ts'
import type { Outage } from './outage.ts'

/** Steps of a recovery, in order: two of nodes, then those of replicas. */
export const STEPS = [
  'detected',
  'tainted',
  'evicted',
  'gone',
  'recreated',
  'rescheduled',
  'running',
  'ready',
] as const

/** A step of a recovery. */
export type Step = (typeof STEPS)[number]

/** When a step was done, in microseconds since the start of the failure; undefined for one that nobody came to. */
export type StepTimes = Readonly<Record<Step, ExactStatistics | undefined>>

/** What some replicas that a failure took came to. */
interface LossSums {
  readonly lost: number
  /** Of those, neither ready again, nor ended well, nor unwanted by the end. */
  readonly open: number
  readonly steps: StepTimes
  /** Time that they were lost, summed over replicas. */
  readonly lostTime: Micros
  /** That time by what was waited for; sums to it. */
  readonly limits: ReadonlyMap<Cause, Micros>
  /** Millicores times microseconds. */
  readonly lostWork: number
  readonly redoneWork: number
  readonly violatedTime: Micros
  readonly blockedEvictions: number
}

/** What a failure did to one workload. */
export interface WorkloadRecovery extends LossSums {
  readonly group: number
  /** Pods that it wanted as it lost the first. */
  readonly wanted: number
  /** Fewest pods that were ready until all were back. */
  readonly availableMin: number
}

/** What a failure came to over all its nodes; undefined for what did not happen. */
export interface FailureOutcome extends LossSums {
  readonly record: FailureRecord
  /** When the last of its nodes was marked NotReady; undefined if one never was. */
  readonly detectedAt: Micros | undefined
  readonly firstEvictedAt: Micros | undefined
  readonly lastEvictedAt: Micros | undefined
  readonly lastRescheduledAt: Micros | undefined
  /** When containers of the last affected pod ran again; undefined while those of one do not. */
  readonly lastRunningAt: Micros | undefined
  /** When the last affected pod was ready again; undefined while one is not. */
  readonly lastReadyAt: Micros | undefined
  /** Most replacements that waited for a node at one time. */
  readonly pendingPeak: number
  /** Time that they waited, summed over them. */
  readonly pendingTime: Micros
  readonly splitBrain: Micros
  /** In order of first loss. */
  readonly workloads: readonly WorkloadRecovery[]
}

/** What a failure came to, from the outages that it caused or began in. O(n log n) in the replicas lost. */
export function failureOutcome(record: FailureRecord, outages: readonly Outage[]): FailureOutcome {
  const replicas = outages.flatMap(({ lost }) => lost)
  const isDetected = outages.length > 0 && outages.every(({ detectedAt }) => detectedAt !== undefined)
  const sums = lossSums(record, outages, replicas)
  const isOver = sums.open === 0
  const runningAt = replicas.map((replica) => replica.runningAt ?? replica.readyAt)
  return {
    ...sums,
    record,
    detectedAt: isDetected ? latest(outages.map(({ detectedAt }) => detectedAt)) : undefined,
    firstEvictedAt: earliest(replicas.map(({ evictedAt }) => evictedAt)),
    lastEvictedAt: latest(replicas.map(({ evictedAt }) => evictedAt)),
    lastRescheduledAt: latest(replicas.map(({ boundAt }) => boundAt)),
    lastRunningAt: replicas.some(isNotRunning) ? undefined : latest(runningAt),
    lastReadyAt: isOver ? latest(replicas.map(({ readyAt }) => readyAt)) : undefined,
    pendingPeak: pendingPeak(replicas),
    pendingTime: PENDING_CAUSES.reduce((sum, cause) => sum + (sums.limits.get(cause) ?? 0), 0),
    splitBrain: total(outages, ({ splitBrain }) => splitBrain),
    workloads: workloadRecoveries(record, replicas),
  }
}

function workloadRecoveries(
  record: FailureRecord,
  replicas: readonly LostReplica[],
): readonly WorkloadRecovery[] {
  const byGroup = new Map<number, LostReplica[]>()
  for (const replica of replicas) {
    const { group } = replica.watch
    const known = byGroup.get(group)
    if (known === undefined) byGroup.set(group, [replica])
    else known.push(replica)
  }
  return [...byGroup].map(([group, lost]) => {
    const watches = watchesOf(lost)
    const outages = [...new Set(lost.map(({ outage }) => outage))]
    return {
      ...lossSums(record, outages, lost),
      group,
      wanted: watches[0]?.wanted ?? 0,
      availableMin: watches.reduce((least, { servingMin }) => Math.min(least, servingMin), Infinity),
    }
  })
}

function lossSums(
  { startedAt }: FailureRecord,
  outages: readonly Outage[],
  replicas: readonly LostReplica[],
): LossSums {
  const watches = watchesOf(replicas)
  const since = (times: readonly (Micros | undefined)[]): ExactStatistics | undefined =>
    // A node that shuts down loses pods before it is down.
    exactStatistics(times.flatMap((time) => (time === undefined ? [] : [Math.max(0, time - startedAt)])))
  const of = (take: (replica: LostReplica) => Micros | undefined): ExactStatistics | undefined =>
    since(replicas.map(take))
  return {
    lost: replicas.length,
    open: replicas.filter(({ endedAt }) => endedAt === undefined).length,
    steps: {
      detected: since(outages.map(({ detectedAt }) => detectedAt)),
      tainted: since(outages.map(({ taintedAt }) => taintedAt)),
      evicted: of(({ evictedAt }) => evictedAt),
      gone: of(({ goneAt }) => goneAt),
      recreated: of(({ createdAt }) => createdAt),
      rescheduled: of(({ boundAt }) => boundAt),
      running: of(({ runningAt }) => runningAt),
      ready: of(({ readyAt }) => readyAt),
    },
    lostTime: total(replicas, ({ lostTime }) => lostTime),
    limits: limitsOf(replicas),
    lostWork: total(replicas, ({ lostWork }) => lostWork),
    redoneWork: total(replicas, ({ redoneWork }) => redoneWork),
    violatedTime: total(watches, ({ violatedTime }) => violatedTime),
    blockedEvictions: total(watches, ({ blockedEvictions }) => blockedEvictions),
  }
}

/** Time by cause, causes without any left out. */
function limitsOf(replicas: readonly LostReplica[]): ReadonlyMap<Cause, Micros> {
  const limits = new Map<Cause, Micros>()
  for (const cause of CAUSES) {
    const time = total(replicas, ({ spans }) => spans[CAUSE_PLACES[cause]] as number)
    if (time > 0) limits.set(cause, time)
  }
  return limits
}

/** The greatest of some causes' times; undefined when there is no time. */
export function greatestLimit(
  limits: ReadonlyMap<Cause, Micros>,
): { readonly cause: Cause; readonly time: Micros } | undefined {
  let greatest: { readonly cause: Cause; readonly time: Micros } | undefined
  for (const [cause, time] of limits) if (time > (greatest?.time ?? 0)) greatest = { cause, time }
  return greatest
}

/** Most replicas that waited for a node at one time; waits that took no time count for nothing. */
function pendingPeak(replicas: readonly LostReplica[]): number {
  const changes: { readonly at: Micros; readonly by: number }[] = []
  for (const { createdAt, boundAt, since, endedAt } of replicas) {
    if (createdAt === undefined) continue
    const until = boundAt ?? endedAt ?? since
    if (until > createdAt) changes.push({ at: createdAt, by: 1 }, { at: until, by: -1 })
  }
  // Who goes at an instant goes before who comes.
  changes.sort((one, other) => one.at - other.at || one.by - other.by)
  let pending = 0
  let peak = 0
  for (const { by } of changes) {
    pending += by
    peak = Math.max(peak, pending)
  }
  return peak
}

function isNotRunning({ runningAt, readyAt, endedAt }: LostReplica): boolean {
  return runningAt === undefined && readyAt === undefined && endedAt === undefined
}

function watchesOf(replicas: readonly LostReplica[]): readonly GroupWatch[] {
  return [...new Set(replicas.map(({ watch }) => watch))]
}

function total<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0)
}

function earliest(times: readonly (Micros | undefined)[]): Micros | undefined {
  return extreme(times, (one, other) => Math.min(one, other))
}

function latest(times: readonly (Micros | undefined)[]): Micros | undefined {
  return extreme(times, (one, other) => Math.max(one, other))
}

function extreme(
  times: readonly (Micros | undefined)[],
  of: (one: Micros, other: Micros) => Micros,
): Micros | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : known.reduce(of)
}
