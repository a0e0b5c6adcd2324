import { cronSchedule } from '../../api/cron-schedule.ts'
import type { CronSchedule } from '../../api/cron-schedule.ts'
import type { IntOrString } from '../../api/types.generated.ts'
import { scaledOrError } from '../../api/int-or-percent.ts'
import type { Micros } from '../../base/time.ts'
import type { ScenarioReader, Step } from '../reader.ts'
import { duration, instant, labels, object } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'

/** Nodes that are shut down on purpose, and come back. */
export interface MaintenanceSource {
  readonly kind: 'maintenance'
  readonly selector: NodeLabels | undefined
  readonly at: Micros
  readonly span: Micros
  /** How they take turns; undefined: all are shut down at once. */
  readonly waves: WaveSource | undefined
  /** How long pods from each priority on have to end; none: no graceful shutdown. */
  readonly graces: readonly { readonly priority: number; readonly period: Micros }[] | undefined
  readonly shutdownGracePeriod: Micros
  readonly shutdownGracePeriodCriticalPods: Micros
}

/** Nodes that take turns, in windows that may come around again. */
export interface WaveSource {
  readonly nodesMax: IntOrString
  readonly window: Micros | undefined
  /** Between the openings of windows, from `at` on. */
  readonly every: Micros | undefined
  /** When windows open by the calendar, in place of both. */
  readonly schedule: CronSchedule | undefined
}

/** Fields that make waves of a maintenance. */
const WAVE_FIELDS = ['nodesMax', 'window', 'every', 'schedule']

export const maintenance: FailureKind<MaintenanceSource> = {
  kind: 'maintenance',
  meaning: 'nodes that are shut down on purpose, and come back',
  schema: object(
    {
      selector: { ...labels, description: 'labels of the nodes that are shut down; all by default' },
      at: { ...instant, description: 'when their shutdown begins, as a duration or by the clock' },
      for: { ...duration, description: 'how long each stays down once its pods have ended' },
      every: { ...duration, description: 'from one time to the next, from `at` on; once by default' },
      schedule: {
        type: 'string',
        description:
          'when it begins by the calendar, in place of at: a cron schedule as of a CronJob, in UTC or with TZ=',
      },
      nodesMax: {
        type: ['integer', 'string'],
        minimum: 1,
        description:
          'nodes, or a percentage of them, that are out at a time; the next ones when these are back; 1 with every or schedule, all without',
      },
      window: {
        ...duration,
        description:
          'time after which no more nodes are shut down, which are left for the next time; no bound by default',
      },
      shutdownGracePeriod: { ...duration, description: 'time that pods have to end; 0 by default: none' },
      shutdownGracePeriodCriticalPods: {
        ...duration,
        description: 'part of it that is kept for critical pods; 0 by default',
      },
      shutdownGracePeriodByPodPriority: {
        type: 'array',
        description: 'the same by priority, in place of both',
        items: object(
          {
            priority: { type: 'integer', description: 'pods from this priority on' },
            period: { ...duration, description: 'time that they have' },
          },
          ['priority', 'period'],
        ),
      },
    },
    ['for'],
  ),
  resolve(reader, at) {
    const byPriority = [...at, 'shutdownGracePeriodByPodPriority']
    const graces = reader.list(byPriority).map((_, index) => ({
      priority: reader.number([...byPriority, index, 'priority'], 0),
      period: reader.duration([...byPriority, index, 'period'], 0),
    }))
    const shutdownGracePeriod = reader.duration([...at, 'shutdownGracePeriod'], 0)
    const critical = [...at, 'shutdownGracePeriodCriticalPods']
    const shutdownGracePeriodCriticalPods = reader.duration(critical, 0)
    // As the kubelet: pkg/kubelet/apis/config/validation, ValidateKubeletConfiguration.
    if (shutdownGracePeriodCriticalPods > shutdownGracePeriod) {
      reader.fail(critical, 'is longer than shutdownGracePeriod', 'it is a part of it')
    }
    return {
      kind: 'maintenance',
      selector: reader.get([...at, 'selector']) as NodeLabels | undefined,
      at: reader.instant([...at, 'at']),
      span: reader.duration([...at, 'for'], 0),
      waves: wavesOf(reader, at),
      graces: reader.get(byPriority) === undefined ? undefined : graces,
      shutdownGracePeriod,
      shutdownGracePeriodCriticalPods,
    }
  },
}

function wavesOf(reader: ScenarioReader, at: readonly Step[]): WaveSource | undefined {
  const said = (field: string): boolean => reader.get([...at, field]) !== undefined
  if (said('schedule') && (said('at') || said('every'))) {
    reader.fail([...at, 'schedule'], 'schedule excludes at and every')
  }
  if (!said('schedule') && !said('at')) reader.fail(at, 'expected at or schedule')
  if (!WAVE_FIELDS.some(said)) return undefined
  const nodesMax = (reader.get([...at, 'nodesMax']) ?? 1) as IntOrString
  const scaled = scaledOrError(nodesMax, 100, 'down')
  if (typeof scaled !== 'number' || scaled < 1) {
    reader.fail([...at, 'nodesMax'], `"${nodesMax}" is no number of nodes`, 'expected 2, or 10%')
  }
  return {
    nodesMax,
    window: said('window') ? reader.period([...at, 'window'], 0) : undefined,
    every: said('every') ? reader.period([...at, 'every'], 0) : undefined,
    schedule: said('schedule') ? scheduleOf(reader, [...at, 'schedule']) : undefined,
  }
}

function scheduleOf(reader: ScenarioReader, at: readonly Step[]): CronSchedule {
  const result = cronSchedule(reader.text(at, ''))
  return result.ok ? result.schedule : reader.fail(at, result.message)
}
