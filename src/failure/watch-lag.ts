import type { Sampler } from '../base/distribution.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** Components that hear late. */
export const LAGGING_COMPONENTS = ['kube-scheduler', 'kube-controller-manager', 'kubelet'] as const

export type LaggingComponent = (typeof LAGGING_COMPONENTS)[number]

/** How watches fall behind. */
export interface WatchLagOptions {
  /** Whose watches; those of all components when undefined. */
  readonly component: LaggingComponent | undefined
  /** How far behind they are, drawn for each failure. */
  readonly latency: Sampler
  readonly occurrence: Occurrence
  /** Of its handlers and its stream of chance. */
  readonly name: string
}

/** Controllers of kube-controller-manager whose watches do not say so by their names. */
const CONTROLLERS = [
  'node-lifecycle',
  'taint-eviction',
  'pod-garbage-collector',
  'pod-garbage-collector/finished',
  'pod-garbage-collector/late',
  'attach-detach',
  'root-ca-certificate-publisher',
  'resource-quota',
  'volume-provisioner',
]

/**
 * Lets the watch cache fall behind: components hear of changes later than they would, and decide by what was. Several at a time add up.
 *
 * Controllers read the store itself when they reconcile: they are late, but not wrong. The scheduler and kubelets know what they heard.
 */
export function startWatchLags(
  sim: Simulation,
  api: ApiServer,
  log: FailureLog,
  { component, latency, occurrence, name }: WatchLagOptions,
): void {
  const handlers = { begin: `${name}/begin`, end: `${name}/end` }
  const lags = new Occurrences(sim, log, { model: 'watch-lag', handlers, occurrence })
  const isMeant = (watcher: string): boolean => isOf(watcher, component)
  const stream = sim.random.stream(`failure/${name}`)
  let lag: Micros = 0
  lags.add({
    id: 0,
    stream,
    strike: () => ({ effect: { kind: 'none' }, name: component ?? 'all watches' }),
    began() {
      lag = Math.round(latency(stream))
      api.addWatchLag(isMeant, lag)
    },
    ended: () => api.addWatchLag(isMeant, -lag),
  })
}

function isOf(watcher: string, component: LaggingComponent | undefined): boolean {
  switch (component) {
    case 'kube-scheduler':
      return watcher === 'scheduler'
    case 'kubelet':
      return watcher === 'kubelets'
    case 'kube-controller-manager':
      return watcher.endsWith('-controller') || CONTROLLERS.includes(watcher)
    default:
      return LAGGING_COMPONENTS.some((one) => isOf(watcher, one))
  }
}
