import type { Draws, Value } from './draws.ts'

/** Images of random containers. */
export const IMAGES = ['web:1', 'web:2', 'web:3'] as const

/** Labels and taints by which random clusters tell nodes apart. */
export const POOL_LABEL = 'pool'
export const POOLS = ['general', 'special'] as const
export const POOL_TAINT = 'example.com/special'

/** PriorityClasses of random clusters: one of them never preempts. */
export const PRIORITY_CLASSES = ['low', 'high', 'polite'] as const

const ZONE = 'topology.kubernetes.io/zone'
const HOSTNAME = 'kubernetes.io/hostname'

/** The spec of a random pod with this label `app`; `more` are fields that win. */
export function randomPodSpec(draws: Draws, app: string, more: Value = {}): Value {
  const grace = draws.of([0, 1, 30, 60])
  return {
    terminationGracePeriodSeconds: grace,
    ...draws.maybe(0.4, () => ({ priorityClassName: draws.of(PRIORITY_CLASSES) })),
    ...draws.maybe(0.2, () => ({ nodeSelector: { [POOL_LABEL]: draws.of(POOLS) } })),
    ...draws.maybe(0.3, () => ({ affinity: randomAffinity(draws, app) })),
    ...draws.maybe(0.25, () => ({ topologySpreadConstraints: randomSpread(draws, app) })),
    ...draws.maybe(0.4, () => ({ tolerations: randomTolerations(draws) })),
    ...draws.maybe(0.25, () => ({
      initContainers: draws.many(1, 2, (index) => initContainer(draws, index)),
    })),
    containers: [mainContainer(draws, grace), ...(draws.isSo(0.1) ? [secondContainer(draws)] : [])],
    ...more,
  }
}

function mainContainer(draws: Draws, grace: number): Value {
  return {
    name: 'main',
    image: draws.of(IMAGES),
    ...draws.maybe(0.9, () => ({ resources: randomResources(draws) })),
    ...draws.maybe(0.05, () => ({ ports: [{ containerPort: 80, hostPort: draws.of([8080, 8081]) }] })),
    ...draws.maybe(0.25, () => ({
      readinessProbe: { httpGet: { port: 80 }, periodSeconds: draws.between(1, 10) },
    })),
    ...draws.maybe(grace >= 30 ? 0.2 : 0, () => ({
      lifecycle: { preStop: { sleep: { seconds: draws.between(1, 29) } } },
    })),
  }
}

function secondContainer(draws: Draws): Value {
  return { name: 'second', image: draws.of(IMAGES), resources: randomResources(draws) }
}

/** Small for one node, large for all: clusters run full. */
function randomResources(draws: Draws): Value {
  const amounts = { cpu: `${draws.between(1, 10) * 100}m`, memory: `${draws.between(1, 12) * 64}Mi` }
  return { requests: amounts, ...draws.maybe(0.2, () => ({ limits: amounts })) }
}

/** One that ends, or a sidecar. */
function initContainer(draws: Draws, index: number): Value {
  const container = { name: `init-${index}`, image: draws.of(IMAGES) }
  return draws.isSo(0.5) ? { ...container, restartPolicy: 'Always' } : container
}

function randomAffinity(draws: Draws, app: string): Value {
  const term = {
    topologyKey: draws.of([HOSTNAME, HOSTNAME, ZONE]),
    labelSelector: { matchLabels: { app: draws.isSo(0.7) ? app : 'web-0' } },
  }
  const terms = draws.isSo(0.5)
    ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
    : {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: draws.between(1, 100), podAffinityTerm: term },
        ],
      }
  const requirement = {
    key: ZONE,
    operator: draws.of(['In', 'NotIn']),
    values: [draws.of(['zone-a', 'zone-b'])],
  }
  const zones = { matchExpressions: [requirement] }
  return draws.of<() => Value>([
    () => ({ podAntiAffinity: terms }),
    () => ({ podAntiAffinity: terms }),
    () => ({ podAffinity: terms }),
    () => ({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [zones] } },
    }),
    () => ({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: draws.between(1, 100), preference: zones },
        ],
      },
    }),
  ])()
}

/** One or two constraints, of different keys: two of one key and kind are not valid. */
function randomSpread(draws: Draws, app: string): readonly Value[] {
  const keys = draws.of([[HOSTNAME], [ZONE], [ZONE, HOSTNAME]])
  return keys.map((topologyKey) => ({
    maxSkew: draws.between(1, 2),
    topologyKey,
    whenUnsatisfiable: draws.of(['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: { matchLabels: { app } },
    ...draws.maybe(0.2, () => ({ nodeTaintsPolicy: 'Honor' })),
  }))
}

function randomTolerations(draws: Draws): readonly Value[] {
  const special = { key: POOL_TAINT, operator: 'Exists' }
  const seconds = draws.of([0, 10, 60, 600])
  const lost = ['not-ready', 'unreachable'].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  }))
  return draws.of([[special], lost, [special, ...lost]])
}
