import { COSCHEDULED_GROUP } from '../../src/api/kinds.ts'
import type { Node, Pod } from '../../src/api/types.generated.ts'
import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { objectKey } from '../../src/cluster/object-store.ts'
import { NO_TIME } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import { SCHEDULING_POLICIES } from '../../src/scenario/scheduling-policies.ts'
import type { NodeLoad } from '../../src/scheduler/framework/index.ts'
import { DEFAULT_QUEUE } from '../../src/scheduler/queue-options.ts'
import type { SchedulerOptions } from '../../src/scheduler/scheduler-options.ts'
import { buildCluster } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'
import { oneOf, randomNode, randomPod, sizedTemplate } from './random-cluster.ts'

const MIX = {
  tolerations: 0.3,
  nodeAffinity: 0.15,
  podAffinity: 0.08,
  spread: 0.08,
  hostPorts: 0.05,
  priorities: 0.9,
}
/** Pods about which only amounts and Node objects have a say. */
const PLAIN = { ...MIX, podAffinity: 0, spread: 0, hostPorts: 0 }
const NAMESPACES = ['default', 'team'] as const
const GPU_MODELS = ['A', 'B'] as const

/** How a history is played. */
export interface PolicyPlay {
  readonly policy: string
  readonly nodes: number
  readonly steps: number
  readonly options: Partial<SchedulerOptions>
}

/** A cluster that the scheduler of a policy is to fill, before anything has come. */
export function policyCluster({ policy, options }: Pick<PolicyPlay, 'policy' | 'options'>): TestCluster {
  const found = SCHEDULING_POLICIES[policy]
  if (found === undefined) throw new Error(`there is no policy ${policy}`)
  const [profile = {}] = (found.configuration['profiles'] ?? []) as readonly Profile[]
  const { multiPoint } = profile.plugins ?? {}
  const enabled = [...(multiPoint?.enabled ?? []), { name: 'GpuShare' }]
  const plugins = { ...profile.plugins, multiPoint: { ...multiPoint, enabled } }
  return buildCluster({
    configuration: { profiles: [{ ...profile, plugins }] },
    options: { ...(found.tieBreak === undefined ? {} : { tieBreak: found.tieBreak }), ...options },
  })
}

interface Profile {
  readonly plugins?: { readonly multiPoint?: { readonly enabled?: readonly object[] } }
}

/** Without what makes fast paths take waiting pods in another order than the definition: early ones, and groups of equals. */
export const SAME_ORDER: Partial<SchedulerOptions> = {
  groupsRejected: false,
  queue: { ...DEFAULT_QUEUE, popsFromBackoff: false },
}

/**
 * Fills a cluster that is too small while pods and nodes come, change and go, victims end late, quotas, groups, budgets and
 * measurements change. What happens follows from the seed alone, as long as decisions are the same.
 */
export function playHistory(
  cluster: TestCluster,
  seed: number,
  { policy, nodes, steps }: PolicyPlay,
  look: () => void = () => undefined,
): void {
  const { sim, api } = cluster
  const random = new RandomStreams(seed).stream('test')
  const stage = { random, pods: [], nodes, policy, isPlain: random.uniform() < 0.4 }
  for (let i = 0; i < nodes; i++) api.nodes.create(gpuNode(random, `n${i}`))
  if (policy === 'CapacityScheduling') for (const name of NAMESPACES) writeQuota(cluster, random, name)
  for (let step = 0; step < steps; step++) {
    act(cluster, stage, step)
    endDeleted(cluster, random, stage.pods)
    sim.run(sim.now + random.integer(2) * SECOND + 20_000)
    look()
  }
}

interface Stage {
  readonly random: RandomStream
  readonly pods: PodRow[]
  readonly nodes: number
  readonly policy: string
  readonly isPlain: boolean
}

function act(cluster: TestCluster, stage: Stage, step: number): void {
  const { api } = cluster
  const { random, pods } = stage
  const draw = random.uniform()
  const rows = pods.filter((row) => !api.pods.isRemoved(row))
  if (draw < 0.12) changeNode(cluster, stage)
  else if (draw < 0.3 && rows.length > 0) {
    for (let i = random.integer(4); i >= 0; i--) {
      const row = oneOf(random, rows)
      if (!api.pods.isRemoved(row)) api.pods.requestDeletion(row, { reason: '' })
    }
  } else if (draw < 0.38) changeObject(cluster, stage)
  else createPods(cluster, stage, step)
}

function changeNode({ api }: TestCluster, { random, nodes }: Stage): void {
  const name = `n${random.integer(nodes)}`
  const old = api.nodes.get(name)
  if (old === undefined) api.nodes.create(gpuNode(random, name))
  else if (random.uniform() < 0.3) api.nodes.delete(name)
  else api.nodes.update({ ...old, ...gpuNode(random, name) })
}

function changeObject(cluster: TestCluster, { random, policy }: Stage): void {
  const { sim, scheduler } = cluster
  if (policy === 'CapacityScheduling') writeQuota(cluster, random, oneOf(random, NAMESPACES))
  else if (policy.startsWith('Load') || policy.startsWith('Target')) {
    const { nodes: view } = scheduler.cluster
    view.loads.replace(new Map(view.order.map((node) => [node, randomLoad(random)])), sim.now)
  } else {
    const metadata = { name: oneOf(random, ['web', 'db', 'cache']), namespace: oneOf(random, NAMESPACES) }
    write(cluster, {
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { selector: { matchLabels: { app: metadata.name } } },
      status: { disruptionsAllowed: random.integer(3) },
    } as StoredObject)
  }
}

function createPods(cluster: TestCluster, stage: Stage, step: number): void {
  const { api } = cluster
  const { random, pods, nodes, policy, isPlain } = stage
  const drawn = randomPod(random, `kind${step}`, isPlain ? PLAIN : MIX)
  const kind = isPlain ? drawn : withGpus(random, drawn)
  const namespace = oneOf(random, NAMESPACES)
  const count = 1 + random.integer(Math.ceil(nodes / 3))
  const isGroup = policy === 'Coscheduling' && random.uniform() < 0.4
  if (isGroup) {
    const spec = { minMember: 1 + random.integer(count), scheduleTimeoutSeconds: 1 + random.integer(20) }
    write(cluster, {
      kind: COSCHEDULED_GROUP,
      metadata: { name: `g${step}`, namespace },
      spec,
    } as StoredObject)
  }
  const labels = isGroup ? { 'scheduling.x-k8s.io/pod-group': `g${step}` } : {}
  const pod = {
    ...kind,
    metadata: { ...kind.metadata, namespace, labels: { ...kind.metadata?.labels, ...labels } },
    spec: { containers: [], ...kind.spec, terminationGracePeriodSeconds: oneOf(random, [0, 1, 30]) },
  }
  const isSized = random.uniform() < 0.3
  const { templates } = api.pods
  const interned = isSized ? templates.intern(sizedTemplate(pod)) : templates.internPod(pod)
  if (!interned.ok) throw new Error(interned.message)
  for (let i = 0; i < count; i++) {
    const name = `p${step}-${i}`
    const size = isSized ? { cpu: 50 * random.integer(40), memory: 2 ** 20 * random.integer(3000) } : {}
    pods.push(api.pods.create({ template: interned.id, name, details: { uid: name }, ...size }))
  }
}

/** A third of the pods ask for whole GPUs or a share of one. */
function withGpus(random: RandomStream, pod: Pod): Pod {
  if (random.uniform() < 0.65) return pod
  const isShare = random.uniform() < 0.5
  const count = isShare ? 1 : 1 + random.integer(2)
  const milli = isShare ? 100 * (1 + random.integer(9)) : 1000
  const [container = { name: 'main' }] = pod.spec?.containers ?? []
  const asked = { 'stowage.dev/gpu-milli': String(count * milli) }
  const requests = { ...container.resources?.requests, ...asked }
  const annotations = {
    'stowage.dev/gpu-count': String(count),
    'stowage.dev/gpu-milli-per-device': String(milli),
  }
  const selector = random.uniform() < 0.2 ? { 'stowage.dev/gpu-model': oneOf(random, GPU_MODELS) } : undefined
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: {
      ...pod.spec,
      ...(selector === undefined ? {} : { nodeSelector: selector }),
      containers: [{ ...container, resources: { requests, limits: asked } }],
    },
  }
}

/** A random node, of which half have up to four GPUs of a model. */
function gpuNode(random: RandomStream, name: string): Node {
  const made = randomNode(random, name)
  if (random.uniform() < 0.5) return made
  const gpus = 1 + random.integer(4)
  const amounts = { ...made.status?.allocatable, 'stowage.dev/gpu-milli': String(1000 * gpus) }
  const labels = { ...made.metadata?.labels, 'stowage.dev/gpu-model': oneOf(random, GPU_MODELS) }
  return {
    ...made,
    metadata: { ...made.metadata, labels },
    status: { allocatable: amounts, capacity: amounts },
  }
}

function randomLoad(random: RandomStream): NodeLoad {
  const use = (capacity: number): NodeLoad['cpu'] => {
    const mean = Math.floor(random.uniform() * capacity)
    return { latest: mean, mean, deviation: Math.floor(random.uniform() * 0.2 * capacity), capacity }
  }
  return { cpu: use(8000), memory: use(2 ** 34) }
}

function writeQuota(cluster: TestCluster, random: RandomStream, namespace: string): void {
  const amounts = (most: number) => ({
    cpu: String(1 + random.integer(most)),
    memory: `${4 + random.integer(8 * most)}Gi`,
    'stowage.dev/gpu-milli': String(1000 * random.integer(20)),
  })
  const spec = { min: amounts(12), max: amounts(60) }
  write(cluster, { kind: 'ElasticQuota', metadata: { name: 'quota', namespace }, spec } as StoredObject)
}

function write({ api }: TestCluster, object: StoredObject): void {
  const store = api.collection<StoredObject>(object.kind ?? '')
  if (store.get(objectKey(object.metadata)) === undefined) store.create(object)
  else store.update(object)
}

/** As kubelets do: pods whose deletion was asked for are gone after a while, and those of nodes that are no more. */
function endDeleted({ api }: TestCluster, random: RandomStream, pods: readonly PodRow[]): void {
  const { table } = api.pods
  for (const row of pods) {
    if (api.pods.isRemoved(row)) continue
    const node = table.node(row)
    const isLost = node !== NO_NODE && api.nodes.get(api.nodeRows.nameOf(node)) === undefined
    const isEnding = table.deletingAt(row) !== NO_TIME
    if ((isLost || isEnding) && random.uniform() < 0.4) api.pods.remove(row)
  }
}
