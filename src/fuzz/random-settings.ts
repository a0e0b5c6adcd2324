import { SCHEDULING_POLICIES } from '../scenario/scheduling-policies.ts'
import type { Draws, Value } from './draws.ts'

const CONFIG = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' } as const

/** Fields of `spec` that say how a random cluster behaves: most clusters have few of them. */
export function randomSettings(draws: Draws): Value {
  return {
    ...draws.maybe(0.5, () => ({ scheduler: randomScheduler(draws) })),
    ...draws.maybe(0.5, () => ({ controlPlane: randomControlPlane(draws) })),
    ...draws.maybe(0.3, () => ({ nodeLifecycle: randomNodeLifecycle(draws) })),
    ...draws.maybe(0.5, () => ({ behaviour: randomBehaviour(draws) })),
    ...draws.maybe(0.15, () => ({ images: { bandwidth: '50M', latency: '1s' } })),
    featureGates: randomGates(draws),
  }
}

function randomScheduler(draws: Draws): Value {
  const tieBreak = draws.of(['heap', 'random', 'name'])
  if (draws.isSo(0.3)) return { tieBreak }
  const plugins = draws.many(0, 2, () => ({
    name: draws.of([
      'NodeResourcesFit',
      'PodTopologySpread',
      'InterPodAffinity',
      'ImageLocality',
      'TaintToleration',
    ]),
    weight: draws.between(1, 5),
  }))
  const distinct = [...new Map(plugins.map((plugin) => [plugin.name, plugin])).values()]
  const strategy = {
    type: draws.of(['LeastAllocated', 'MostAllocated']),
    resources: [
      { name: 'cpu', weight: draws.between(1, 3) },
      { name: 'memory', weight: 1 },
    ],
  }
  const profile = {
    schedulerName: 'default-scheduler',
    plugins: { multiPoint: { enabled: distinct } },
    pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: strategy } }],
  }
  return {
    tieBreak,
    config: {
      ...CONFIG,
      profiles: [profile],
      ...draws.maybe(0.2, () => ({ percentageOfNodesToScore: draws.of([1, 50, 100]) })),
      ...draws.maybe(0.2, () => ({
        podInitialBackoffSeconds: 1,
        podMaxBackoffSeconds: draws.between(1, 30),
      })),
    },
  }
}

function randomControlPlane(draws: Draws): Value {
  return draws.of<Value>([
    { profile: 'typical' },
    { cycleTime: `${draws.between(1, 500)}ms` },
    { kubeletLatency: `${draws.between(1, 2000)}ms`, schedulerLatency: `${draws.between(0, 500)}ms` },
    { controllerQps: draws.between(1, 10), controllerBurst: draws.between(1, 10) },
  ])
}

function randomNodeLifecycle(draws: Draws): Value {
  return draws.of<Value>([
    { evictionRate: draws.of([0, 0.01, 1, 10]) },
    { gracePeriod: `${draws.between(20, 200)}s`, monitorPeriod: `${draws.between(1, 10)}s` },
    { largeZone: 1, unhealthyThreshold: draws.of([0.2, 0.55, 1]) },
  ])
}

function randomBehaviour(draws: Draws): Value {
  return {
    ...draws.maybe(0.5, () => ({
      startup: draws.of<unknown>(['0s', '30s', { exponential: { mean: '5s' } }]),
    })),
    ...draws.maybe(0.5, () => ({
      stop: draws.of<unknown>(['0s', '10s', { uniform: { low: '0s', high: '90s' } }]),
    })),
    ...draws.maybe(0.3, () => ({ memoryUse: { uniform: { low: 0.3, high: draws.of([1, 1.3, 2]) } } })),
    ...draws.maybe(0.1, () => ({ initialShare: 0.5 })),
    ...draws.maybe(0.2, () => ({ keepFinished: true })),
    ...draws.maybe(0.2, () => ({ retriesMax: draws.between(0, 5) })),
  }
}

/** Some of the clusters are packed by a named policy in place of the scheduler that was drawn. */
export function randomPolicy(draws: Draws): Value {
  const names = Object.keys(SCHEDULING_POLICIES)
  return draws.maybe(0.3, () => ({ scheduler: { policy: draws.of(names) } }))
}

/** Half of the clusters take no pods early from the back-off queue: those are run by the definition, too. */
function randomGates(draws: Draws): Value {
  return {
    ...draws.maybe(0.5, () => ({ SchedulerPopFromBackoffQ: false })),
    ...draws.maybe(0.15, () => ({ OpportunisticBatching: draws.isSo(0.5) })),
    ...draws.maybe(0.15, () => ({ PodLevelResources: draws.isSo(0.5) })),
  }
}
