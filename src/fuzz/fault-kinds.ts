import { Calendar } from '../base/calendar.ts'
import { SECOND } from '../base/time.ts'
import type { Draws, Value } from './draws.ts'

/** What faults are drawn from. */
export interface FaultGround {
  /** Names of the nodes, and zones that some are in. */
  readonly nodes: readonly string[]
  readonly zones: readonly string[]
  /** Objects at the start, of which one at least is a Deployment. */
  readonly objects: readonly Value[]
  /** Faults begin within so many seconds. */
  readonly span: number
}

/** A kind of fault that random clusters have: one entry is all that a new one needs. */
export interface FaultKind {
  /** Its field in an item of `spec.failures`. */
  readonly field: string
  /** How often it is drawn, beside the others. */
  readonly weight: number
  readonly draw: (draws: Draws, ground: FaultGround) => Value
  /**
   * Fields whose times, one after the other, lead to when its last effect begins to heal: the first is an instant; `at` and `for` by
   * default. Undefined where there is no such time.
   */
  readonly ends?: readonly [instant: string, ...spans: readonly string[]] | undefined
}

/** How long faults last, in seconds: below and above what leases, graces and tolerations wait for. */
const SPANS = [5, 45, 120, 500, 1500] as const

/** All kinds, in the order in which they are drawn from. */
export const FAULT_KINDS: readonly FaultKind[] = [
  {
    field: 'zoneOutage',
    weight: 4,
    draw: (draws, ground) => ({ ...someNode(draws, ground), ...time(draws, ground) }),
  },
  {
    field: 'zoneOutage',
    weight: 1,
    draw: (draws, ground) => ({ zone: draws.of(ground.zones), ...time(draws, ground) }),
  },
  {
    field: 'maintenance',
    weight: 2,
    draw: (draws, ground) => ({
      ...someNode(draws, ground),
      ...time(draws, ground),
      shutdownGracePeriod: `${draws.between(0, 60)}s`,
    }),
  },
  {
    field: 'nodeCrash',
    weight: 1,
    draw: (draws, ground) => ({
      ...someNode(draws, ground),
      timeBetweenFailures: { exponential: { mean: `${draws.between(200, 2000)}s` } },
      ...draws.of<Value>([
        { repair: { weibull: { shape: 0.8, mean: `${draws.of(SPANS)}s` } } },
        { replacement: `${draws.of(SPANS)}s` },
        {},
      ]),
    }),
    ends: undefined,
  },
  {
    field: 'incident',
    weight: 2,
    draw: (draws, ground) => ({
      hits: someNodes(draws, ground),
      ...time(draws, ground),
      effect: draws.of<unknown>([
        'down',
        'cutOff',
        'hung',
        'diskFull',
        { slow: { cpu: 0.1, disk: 0.2, network: 0.1 } },
      ]),
    }),
  },
  { field: 'partition', weight: 3, draw: (draws, ground) => onNodes(draws, ground) },
  { field: 'kubeletHang', weight: 2, draw: (draws, ground) => onNodes(draws, ground) },
  { field: 'diskFull', weight: 1, draw: (draws, ground) => onNodes(draws, ground) },
  {
    field: 'failSlow',
    weight: 1,
    draw: (draws, ground) => ({ ...onNodes(draws, ground), cpu: draws.of([0.05, 0.5]), network: 0.2 }),
  },
  {
    field: 'domainOutage',
    weight: 1,
    draw: (draws) => ({
      timeBetweenFailures: { exponential: { mean: `${draws.between(500, 3000)}s` } },
      repair: `${draws.of(SPANS)}s`,
      effect: draws.of(['down', 'cutOff']),
      ...draws.maybe(0.5, () => ({ cascade: { probability: 0.5, delay: '20s' } })),
    }),
    ends: undefined,
  },
  {
    field: 'leaderLoss',
    weight: 2,
    draw: (draws, ground) => ({
      component: draws.of(['kube-scheduler', 'kube-controller-manager']),
      ...time(draws, ground),
    }),
  },
  {
    field: 'apiServerOutage',
    weight: 2,
    draw: (draws, ground) => ({ ...time(draws, ground), connections: draws.of(['closed', 'silent']) }),
  },
  {
    field: 'etcdSlowDisk',
    weight: 1,
    draw: (draws, ground) => ({ ...time(draws, ground), fsync: draws.of(['20ms', '500ms', '1500ms', '4s']) }),
  },
  {
    field: 'watchLag',
    weight: 2,
    // A scheduler or a kubelet that hears late knows something else than the store: that is no broken law.
    draw: (draws, ground) => ({
      component: 'kube-controller-manager',
      latency: `${draws.between(1, 90)}s`,
      ...time(draws, ground),
    }),
  },
  {
    field: 'etcdFailure',
    weight: 2,
    draw: (draws, ground) => ({ members: draws.between(1, 3), ...time(draws, ground) }),
  },
  {
    field: 'watchLag',
    weight: 2,
    draw: (draws, ground) => ({
      ...time(draws, ground),
      latency: `${draws.of([1, 10, 60])}s`,
      ...draws.maybe(0.6, () => ({
        component: draws.of(['kube-scheduler', 'kube-controller-manager', 'kubelet']),
      })),
    }),
  },
  {
    field: 'etcdDataLoss',
    weight: 1,
    draw: (draws, ground) => {
      const at = draws.between(60, ground.span)
      const snapshot = draws.maybe(0.9, () => ({ snapshotAge: `${draws.between(1, at)}s` }))
      return { at: `${at}s`, for: `${draws.of(SPANS)}s`, ...snapshot }
    },
  },
  {
    field: 'spotInterruption',
    weight: 2,
    draw: (draws, ground) => ({
      nodes: [draws.of(ground.nodes)],
      at: `${draws.between(1, ground.span)}s`,
      notice: draws.of(['30s', '120s']),
      drain: draws.isSo(0.7),
      ...draws.maybe(0.7, () => ({ replacement: `${draws.of(SPANS)}s` })),
    }),
    ends: ['at', 'notice', 'replacement'],
  },
  {
    field: 'registryOutage',
    weight: 1,
    draw: (draws, ground) => ({ ...time(draws, ground), ...draws.maybe(0.5, () => ({ slowness: 5 })) }),
  },
  {
    field: 'cloudThrottling',
    weight: 1,
    draw: (draws, ground) => ({ ...time(draws, ground), qps: 0.1, latencyFactor: draws.between(1, 10) }),
  },
  {
    field: 'swarm',
    weight: 1,
    draw: (draws, ground) => ({
      timeBetweenFailures: { exponential: { mean: `${draws.between(60, 600)}s` } },
      for: `${draws.of(SPANS)}s`,
      severity: draws.of([0.2, 0.6]),
      until: `${ground.span}s`,
    }),
    ends: ['until', 'for'],
  },
  {
    field: 'badRollout',
    weight: 1,
    draw: (draws, ground) => ({
      ...firstDeployment(ground),
      at: `${draws.between(1, ground.span)}s`,
      ...draws.of<Value>([{ crashAfter: '5s' }, { neverReady: true }]),
      ...draws.maybe(0.7, () => ({ undoAfter: `${draws.of(SPANS)}s` })),
    }),
    // Another rollout may come between, and keep the bad version's behaviour.
    ends: undefined,
  },
  {
    field: 'poisonousPod',
    weight: 1,
    draw: (draws) => ({
      podSelector: { app: 'web-0' },
      killsAfter: { exponential: { mean: `${draws.between(5, 300)}s` } },
      repair: `${draws.of(SPANS)}s`,
      nodesMax: draws.between(1, 6),
    }),
    ends: undefined,
  },
]

/** Faults of a random cluster; none now and then. */
export function randomFaults(draws: Draws, ground: FaultGround): readonly Value[] {
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))
  const faults = draws.many(0, 4, () => {
    const { field, draw } = draws.of(kinds)
    return { [field]: draw(draws, ground) }
  })
  // A scenario has one model of independent crashes.
  const first = faults.find((fault) => 'nodeCrash' in fault)
  return faults.filter((fault) => !('nodeCrash' in fault) || fault === first)
}

/**
 * When the last of these faults is over, in seconds; undefined when that cannot be said, as of one that comes again and again, that
 * lasts as long as a distribution says, or of a kind that is not in the table.
 */
export function faultsEndAt(failures: readonly Value[], calendar = new Calendar()): number | undefined {
  let last = 0
  for (const failure of failures) {
    const end = endOf(failure, calendar)
    if (end === undefined) return undefined
    last = Math.max(last, end)
  }
  return last
}

/** Fields that let a failure come again and again. */
const RECURRING = [
  'timeBetweenFailures',
  'timeBetweenInterruptions',
  'every',
  'schedule',
  'nodesMax',
  'window',
]

function endOf(failure: Value, calendar: Calendar): number | undefined {
  const kind = FAULT_KINDS.find(({ field }) => failure[field] !== undefined)
  if (kind === undefined) return undefined
  const { ends } = { ends: ['at', 'for'] as const, ...kind }
  const value = failure[kind.field] as Value
  if (ends === undefined) return undefined
  const [instant, ...spans] = ends
  if (instant === 'at' && RECURRING.some((field) => value[field] !== undefined)) return undefined
  const times = [instant, ...spans].map((field) => value[field])
  if (times[0] === undefined || times.some((time) => typeof time === 'object')) return undefined
  const parts = times.map((time) => calendar.instant((time ?? 0) as string | number, kind.field))
  return parts.reduce((sum, part) => sum + part, 0) / SECOND
}

/** Namespace and name of a Deployment: one that is there. */
function firstDeployment({ objects }: FaultGround): Value {
  const found = objects.find(({ kind }) => kind === 'Deployment') ?? {}
  const { namespace = 'default', name } = (found['metadata'] ?? {}) as Value
  return { namespace, name }
}

function someNode(draws: Draws, { nodes }: FaultGround): Value {
  return { selector: { 'kubernetes.io/hostname': draws.of(nodes) } }
}

/** Some of the nodes: one, those of a zone, or a part of all. */
function someNodes(draws: Draws, ground: FaultGround): Value {
  return draws.of<() => Value>([
    () => ({ nodes: [draws.of(ground.nodes)] }),
    () => ({ zone: draws.of(ground.zones) }),
    () => ({ share: draws.of([0.3, 0.6, 1]) }),
  ])()
}

function onNodes(draws: Draws, ground: FaultGround): Value {
  return { ...someNodes(draws, ground), ...time(draws, ground) }
}

function time(draws: Draws, { span }: FaultGround): Value {
  return { at: `${draws.between(1, span)}s`, for: `${draws.of(SPANS)}s` }
}
