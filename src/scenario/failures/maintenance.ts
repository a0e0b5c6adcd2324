import type { Micros } from '../../base/time.ts'
import { duration, labels, object } from '../schema-parts.ts'
import type { FailureKind, NodeLabels } from './failure-kind.ts'

/** Nodes that are shut down on purpose, and come back. */
export interface MaintenanceSource {
  readonly kind: 'maintenance'
  readonly selector: NodeLabels | undefined
  readonly at: Micros
  readonly span: Micros
  /** How long pods from each priority on have to end; none: no graceful shutdown. */
  readonly graces: readonly { readonly priority: number; readonly period: Micros }[] | undefined
  readonly shutdownGracePeriod: Micros
  readonly shutdownGracePeriodCriticalPods: Micros
}

export const maintenance: FailureKind<MaintenanceSource> = {
  kind: 'maintenance',
  schema: object(
    {
      selector: { ...labels, description: 'labels of the nodes that are shut down; all by default' },
      at: { ...duration, description: 'when their shutdown begins' },
      for: { ...duration, description: 'how long each stays down once its pods have ended' },
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
    ['at', 'for'],
  ),
  resolve(reader, at) {
    const byPriority = [...at, 'shutdownGracePeriodByPodPriority']
    const graces = reader.list(byPriority).map((_, index) => ({
      priority: reader.number([...byPriority, index, 'priority'], 0),
      period: reader.duration([...byPriority, index, 'period'], 0),
    }))
    return {
      kind: 'maintenance',
      selector: reader.get([...at, 'selector']) as NodeLabels | undefined,
      at: reader.duration([...at, 'at'], 0),
      span: reader.duration([...at, 'for'], 0),
      graces: reader.get(byPriority) === undefined ? undefined : graces,
      shutdownGracePeriod: reader.duration([...at, 'shutdownGracePeriod'], 0),
      shutdownGracePeriodCriticalPods: reader.duration([...at, 'shutdownGracePeriodCriticalPods'], 0),
    }
  },
}
