import fc from 'fast-check'

import type { PodTemplate } from '../../../src/api/pod-template.ts'
import type { DaemonSet, Node, NodeSelectorRequirement } from '../../../src/api/types.generated.ts'
import type { StaticWorkload } from '../../../src/plan/packing/static-workload.ts'

const POOLS = ['a', 'b', 'c'] as const
const MODELS = ['V100', 'T4'] as const

/** Machines of one kind. */
interface Pool {
  readonly cores: number
  readonly gib: number
  readonly pods: number
  readonly gpus: number
  readonly model: (typeof MODELS)[number]
  readonly cards: number
  readonly isTainted: boolean
  readonly count: number
}

/** What the GPUs of a pod are: none, a share of one, or whole ones. */
type Gpu = { readonly count: number; readonly milli: number }

/** Pods of one kind. */
interface Kind {
  readonly cores: number
  readonly gib: number
  readonly gpu: Gpu
  readonly models: readonly string[]
  readonly cards: number
  readonly place: 'anywhere' | { readonly selects: string } | { readonly not: string }
  readonly tolerates: boolean
  readonly count: number
}

/** The pods of a DaemonSet. */
interface Daemon {
  readonly cores: number
  readonly pool: string | undefined
}

/** A small cell as it was drawn. */
export interface Cell {
  readonly pools: readonly Pool[]
  readonly kinds: readonly Kind[]
  readonly daemon: Daemon | undefined
}

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

const pool: fc.Arbitrary<Pool> = fc.record({
  cores: whole(4, 12),
  gib: whole(6, 16),
  pods: fc.constantFrom(3, 110, 110),
  gpus: whole(0, 3),
  model: fc.constantFrom(...MODELS),
  cards: fc.constantFrom(0, 0, 1, 2),
  isTainted: fc.constantFrom(false, false, false, true),
  count: whole(1, 3),
})

const gpu: fc.Arbitrary<Gpu> = fc.oneof(
  fc.constant({ count: 0, milli: 0 }),
  fc.constantFrom(200, 340, 400, 500, 510, 600, 670, 810, 1000).map((milli) => ({ count: 1, milli })),
  fc.constantFrom(300, 600, 1000).map((milli) => ({ count: 2, milli })),
)

const kind: fc.Arbitrary<Kind> = fc.record({
  cores: whole(0, 4),
  gib: whole(0, 5),
  gpu,
  models: fc.constantFrom([], [], ['V100'], ['V100', 'T4']),
  cards: fc.constantFrom(0, 0, 0, 0, 0, 1),
  place: fc.oneof(
    { weight: 5, arbitrary: fc.constant('anywhere' as const) },
    fc.constantFrom(...POOLS).map((selects) => ({ selects })),
    fc.constantFrom(...POOLS).map((not) => ({ not })),
  ),
  tolerates: fc.boolean(),
  count: whole(1, 3),
})

const daemon: fc.Arbitrary<Daemon> = fc.record({
  cores: whole(1, 2),
  pool: fc.constantFrom(undefined, ...POOLS),
})

/** Small cells: pools with GPUs of two models, cards and taints; pods that want what some of them have; agents on each node. */
export const randomCell: fc.Arbitrary<Cell> = fc.record({
  pools: fc.array(pool, { minLength: 1, maxLength: 3 }),
  kinds: fc.array(kind, { minLength: 1, maxLength: 4 }),
  daemon: fc.option(daemon, { nil: undefined }),
})

/** The nodes of a cell as the API has them. */
export function nodesOf({ pools }: Cell): readonly Node[] {
  return pools.flatMap((one, place) =>
    Array.from({ length: one.count }, (_, index): Node => {
      const name = `${POOLS[place] ?? ''}-${index}`
      const allocatable = {
        cpu: String(one.cores),
        memory: `${one.gib}Gi`,
        pods: String(one.pods),
        ...(one.gpus === 0 ? {} : { 'nvidia.com/gpu': String(one.gpus) }),
        ...(one.gpus === 0 ? {} : { 'stowage.dev/gpu-milli': String(one.gpus * 1000) }),
        ...(one.cards === 0 ? {} : { 'example.com/card': String(one.cards) }),
      }
      return {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name,
          labels: {
            'kubernetes.io/hostname': name,
            pool: POOLS[place] ?? '',
            'stowage.dev/gpu-model': one.model,
          },
        },
        spec: one.isTainted ? { taints: [{ key: 'only', value: 'some', effect: 'NoSchedule' }] } : {},
        status: {
          allocatable,
          capacity: allocatable,
          conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
        },
      }
    }),
  )
}

function templateOf(one: Kind): PodTemplate {
  const { count, milli } = one.gpu
  const extended: Record<string, string> = {}
  if (count > 0 && milli === 1000) extended['nvidia.com/gpu'] = String(count)
  if (count > 0) extended['stowage.dev/gpu-milli'] = String(count * milli)
  if (one.cards > 0) extended['example.com/card'] = String(one.cards)
  const requests = { cpu: String(one.cores), memory: `${one.gib}Gi`, ...extended }
  const expressions: NodeSelectorRequirement[] = []
  if (count > 0 && one.models.length > 0)
    expressions.push({ key: 'stowage.dev/gpu-model', operator: 'In', values: one.models })
  if (one.place !== 'anywhere' && 'not' in one.place)
    expressions.push({ key: 'pool', operator: 'NotIn', values: [one.place.not] })
  const required = { nodeSelectorTerms: [{ matchExpressions: expressions }] }
  return {
    metadata: {
      namespace: 'default',
      labels: {},
      annotations:
        count === 0
          ? {}
          : { 'stowage.dev/gpu-count': String(count), 'stowage.dev/gpu-milli-per-device': String(milli) },
    },
    spec: {
      containers: [{ name: 'main', image: 'main', resources: { requests, limits: extended } }],
      priority: 0,
      ...(one.place !== 'anywhere' && 'selects' in one.place
        ? { nodeSelector: { pool: one.place.selects } }
        : {}),
      ...(one.tolerates ? { tolerations: [{ key: 'only', operator: 'Exists' }] } : {}),
      ...(expressions.length === 0
        ? {}
        : { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }),
    },
    sizing: 'template',
  }
}

/** The pods of a cell at rest; its nodes are whole. */
export function workloadOf(cell: Cell): StaticWorkload {
  const pods = cell.kinds.flatMap(({ count }, template) =>
    Array.from({ length: count }, (_, index) => ({
      name: `pod-${template}-${index}`,
      template,
      cpu: 0,
      memory: 0,
    })),
  )
  return {
    templates: cell.kinds.map(templateOf),
    pods,
    objects: [],
    nodes: nodesOf(cell),
    daemonSets: cell.daemon === undefined ? [] : [daemonSetOf(cell.daemon)],
    at: undefined,
    warnings: [],
  }
}

function daemonSetOf({ cores, pool: only }: Daemon): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: {
          containers: [{ name: 'main', image: 'main', resources: { requests: { cpu: String(cores) } } }],
          ...(only === undefined ? {} : { nodeSelector: { pool: only } }),
        },
      },
    },
  }
}

interface Host {
  readonly place: number
  readonly pool: Pool
  cores: number
  gib: number
  pods: number
  cards: number
  readonly gpus: number[]
}

/**
 * The fewest of the first machines of a cell, any of them, that hold all pods whole, by trying every way, down to which GPU; undefined when there is
 * none. Of the drawn cell, not of the objects that are made of it.
 */
export function triedMachines({ pools, kinds, daemon: agent }: Cell): number | undefined {
  const pods = kinds.flatMap((one) => Array.from({ length: one.count }, () => one))
  const hosts = pools.flatMap((one, place) => {
    const hasAgent =
      agent !== undefined &&
      (agent.pool === undefined || agent.pool === POOLS[place]) &&
      !one.isTainted &&
      agent.cores <= one.cores
    return Array.from({ length: one.count }, (): Host => {
      const { cores, gib, cards, pods: most } = one
      const room = { cores: cores - (hasAgent ? agent.cores : 0), pods: most - (hasAgent ? 1 : 0) }
      return { place, pool: one, gib, cards, ...room, gpus: Array.from({ length: one.gpus }, () => 1000) }
    })
  })
  const used = hosts.map(() => 0)
  let best: number | undefined
  const next = (index: number, machines: number): void => {
    if (best !== undefined && machines >= best) return
    const pod = pods[index]
    if (pod === undefined) {
      best = machines
      return
    }
    const tried = new Set<string>()
    hosts.forEach((host, at) => {
      const key = JSON.stringify([host.place, host.cores, host.gib, host.pods, host.cards, host.gpus])
      if (tried.has(key) || !accepts(host, pod)) return
      tried.add(key)
      for (const devices of choices(host.gpus, pod.gpu)) {
        take(host, pod, devices, 1)
        used[at] = (used[at] ?? 0) + 1
        next(index + 1, machines + (used[at] === 1 ? 1 : 0))
        used[at] -= 1
        take(host, pod, devices, -1)
      }
    })
  }
  next(0, 0)
  return best
}

function accepts({ place, pool: machine, cores, gib, pods, cards }: Host, pod: Kind): boolean {
  if (pod.cores > cores || pod.gib > gib || pod.cards > cards || pods < 1) return false
  if (machine.isTainted && !pod.tolerates) return false
  if (pod.gpu.count > 0 && pod.models.length > 0 && !pod.models.includes(machine.model)) return false
  if (pod.place === 'anywhere') return true
  return 'selects' in pod.place ? pod.place.selects === POOLS[place] : pod.place.not !== POOLS[place]
}

/** Every set of devices that has enough free. */
function choices(free: readonly number[], { count, milli }: Gpu): readonly (readonly number[])[] {
  if (count === 0) return [[]]
  const fitting = free.flatMap((left, device) => (left >= milli ? [device] : []))
  if (count === 1) return fitting.map((device) => [device])
  return fitting.length < count ? [] : [fitting.slice(0, count)]
}

function take(host: Host, pod: Kind, devices: readonly number[], sign: number): void {
  host.cores -= sign * pod.cores
  host.gib -= sign * pod.gib
  host.cards -= sign * pod.cards
  host.pods -= sign
  for (const device of devices) host.gpus[device] = (host.gpus[device] ?? 0) - sign * pod.gpu.milli
}
