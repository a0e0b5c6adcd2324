import { plugins } from '../../plugins/index.ts'
import type { Node, Pod } from '../../src/api/types.generated.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { parseConfiguration } from '../../src/scheduler/configuration/parse.ts'
import { Cycle } from '../../src/scheduler/cycle.ts'
import { NodePicker } from '../../src/scheduler/node-picker.ts'
import { buildProfiles } from '../../src/scheduler/profile-builder.ts'
import type { PluginFactory } from '../../src/scheduler/framework/plugin-factory.ts'
import { DEFAULT_QUEUE } from '../../src/scheduler/queue-options.ts'
import { Scheduler } from '../../src/scheduler/scheduler.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import type { TieBreak } from '../../src/scheduler/tie-break.ts'

/** A cluster with a scheduler, and nothing else that acts. */
export interface TestCluster {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly scheduler: Scheduler
}

/** Builds a cluster with the default profile, or another configuration. */
export function buildCluster(
  setting: {
    readonly configuration?: object
    readonly registry?: ReadonlyMap<string, PluginFactory>
    readonly options?: Partial<SchedulerOptions>
    readonly seed?: number
    readonly gates?: ReadonlyMap<string, boolean>
  } = {},
): TestCluster {
  const sim = new Simulation({ seed: setting.seed ?? 1, log: 'hash' })
  const api = new ApiServer(sim, [])
  const registry = setting.registry ?? plugins
  const { profiles } = buildProfiles(parseConfiguration(setting.configuration ?? {}, 'config'), {
    registry,
    gates: setting.gates ?? new Map(),
  })
  const scheduler = new Scheduler(sim, api, {
    profiles,
    queue: { ...DEFAULT_QUEUE, queuesPodGroups: setting.gates?.get('GenericWorkload') ?? false },
    hasGroupPreemptionPolicy: setting.gates?.get('PodGroupPreemptionPolicy') ?? false,
    tieBreak: 'heap',
    watchLatency: 0,
    cycleTime: 0,
    ...setting.options,
  })
  return { sim, api, scheduler }
}

/** A picker of nodes for the cluster's scheduler, to ask what it would pick and who answers. */
export function buildPicker(
  { sim, scheduler }: TestCluster,
  options: {
    readonly cycle?: Cycle
    readonly usesIndex?: boolean
    readonly stream?: string
    readonly tieBreak?: TieBreak
  } = {},
): NodePicker {
  return new NodePicker(options.cycle ?? new Cycle(scheduler.cluster), {
    percentageOfNodesToScore: undefined,
    tieBreak: options.tieBreak ?? 'heap',
    ties: sim.random.stream(options.stream ?? 'test'),
    usesIndex: options.usesIndex ?? true,
    keepsDetails: false,
    batches: false,
    clock: () => sim.now,
  })
}

/** A Node with this much room. */
export function node(
  name: string,
  room: { readonly cpu: string; readonly memory: string; readonly pods?: string; readonly zone?: string },
  more: {
    readonly taints?: readonly { key: string; effect: string; value?: string }[]
    readonly unschedulable?: boolean
  } = {},
): Node {
  const amounts = { cpu: room.cpu, memory: room.memory, pods: room.pods ?? '110' }
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': room.zone ?? 'a' }
  return {
    kind: 'Node',
    metadata: { name, labels },
    spec: {
      ...(more.taints === undefined ? {} : { taints: more.taints }),
      unschedulable: more.unschedulable ?? false,
    },
    status: { allocatable: amounts, capacity: amounts },
  }
}

/** Creates a pod with these requests, equal to others of its `app`; returns its row. */
export function createPod(
  api: ApiServer,
  name: string,
  spec: Omit<NonNullable<Pod['spec']>, 'containers'> & { readonly cpu?: string; readonly memory?: string },
  app = name,
): PodRow {
  const { cpu, memory, ...rest } = spec
  const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) }
  const interned = api.pods.templates.internPod({
    metadata: { name, namespace: 'default', labels: { app } },
    spec: { ...rest, containers: [{ name: 'main', resources: { requests } }] },
  })
  if (!interned.ok) throw new Error(interned.message)
  return api.pods.create({ template: interned.id, name })
}

/** Name of the node that the pod is bound to; empty while it is on none. */
export function nodeOf(api: ApiServer, pod: PodRow): string {
  const row = api.pods.table.node(pod)
  return row < 0 ? '' : api.nodeRows.nameOf(row as Parameters<typeof api.nodeRows.nameOf>[0])
}
