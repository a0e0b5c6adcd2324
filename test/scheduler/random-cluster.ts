import type { PodTemplate } from '../../src/api/pod-template.ts'
import type { Affinity, Node, Pod, TopologySpreadConstraint } from '../../src/api/types.generated.ts'
import type { RandomStream } from '../../src/base/random.ts'

type PodSpec = Omit<NonNullable<Pod['spec']>, 'containers'>

/** What a random pod may have; each is drawn with its probability. */
export interface PodMix {
  readonly tolerations: number
  readonly nodeAffinity: number
  readonly podAffinity: number
  readonly spread: number
  readonly hostPorts: number
  readonly priorities: number
}

const HOSTNAME = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const
const APPS = ['web', 'db', 'cache'] as const

/** One of the items. */
export function oneOf<Item>(random: RandomStream, items: readonly Item[]): Item {
  const item = items[random.integer(items.length)]
  if (item === undefined) throw new Error('nothing to choose from')
  return item
}

/** A node of one of a few sizes, in one of three zones or none, perhaps tainted or cordoned. */
export function randomNode(random: RandomStream, name: string): Node {
  const amounts = {
    cpu: String(2 ** random.integer(5)),
    memory: `${4 + random.integer(60)}Gi`,
    pods: String(4 + random.integer(8)),
  }
  const zone = oneOf(random, ['a', 'b', 'c', ''])
  const labels = {
    [HOSTNAME]: name,
    disk: oneOf(random, ['ssd', 'hdd']),
    ...(zone === '' ? {} : { [ZONE]: zone }),
  }
  const taints =
    random.uniform() < 0.2 ? [{ key: 'dedicated', value: 'x', effect: oneOf(random, EFFECTS) }] : []
  return {
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints, unschedulable: random.uniform() < 0.05 },
    status: { allocatable: amounts, capacity: amounts },
  }
}

/** A pod of one of a few apps and sizes with what the mix gives it. */
export function randomPod(random: RandomStream, name: string, mix: PodMix): Pod {
  const has = (share: number): boolean => random.uniform() < share
  const app = oneOf(random, APPS)
  const requests = has(0.1)
    ? {}
    : { cpu: `${100 * (1 + random.integer(12))}m`, memory: `${128 * (1 + random.integer(12))}Mi` }
  const hostPort = { containerPort: 80, hostPort: 8000 + random.integer(3), protocol: 'TCP' }
  const spec: PodSpec = {
    ...(has(mix.tolerations) ? { tolerations: [{ key: 'dedicated', operator: 'Exists' }] } : {}),
    ...(has(mix.spread) ? { topologySpreadConstraints: [randomConstraint(random, app)] } : {}),
    ...(has(mix.priorities) ? { priority: 10 * random.integer(3) } : { preemptionPolicy: 'Never' }),
  }
  const affinity = {
    ...(has(mix.nodeAffinity) ? { nodeAffinity: randomNodeAffinity(random) } : {}),
    ...(has(mix.podAffinity) ? randomPodAffinity(random) : {}),
  }
  return {
    metadata: { name, namespace: 'default', labels: { app } },
    spec: {
      ...spec,
      ...(Object.keys(affinity).length === 0 ? {} : { affinity }),
      containers: [
        { name: 'main', resources: { requests }, ...(has(mix.hostPorts) ? { ports: [hostPort] } : {}) },
      ],
    },
  }
}

/** The template of a pod without its size. */
export function sizedTemplate({ metadata, spec }: Pod): PodTemplate {
  const { namespace = 'default', labels = {} } = metadata ?? {}
  const containers = (spec?.containers ?? []).map((container) => {
    const requests = Object.entries(container.resources?.requests ?? {})
    const others = requests.filter(([resource]) => resource !== 'cpu' && resource !== 'memory')
    return { ...container, resources: { requests: Object.fromEntries(others) } }
  })
  return {
    metadata: { namespace, labels, annotations: {} },
    spec: { ...spec, containers },
    sizing: 'requests',
  }
}

function randomConstraint(random: RandomStream, app: string): TopologySpreadConstraint {
  return {
    maxSkew: 1 + random.integer(2),
    topologyKey: oneOf(random, [ZONE, HOSTNAME]),
    whenUnsatisfiable: oneOf(random, ['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: { matchLabels: { app } },
  }
}

function randomNodeAffinity(random: RandomStream): NonNullable<Affinity['nodeAffinity']> {
  const term = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }
  return random.uniform() < 0.5
    ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
    : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: term }] }
}

function randomPodAffinity(random: RandomStream): Affinity {
  const term = {
    topologyKey: oneOf(random, [ZONE, HOSTNAME]),
    labelSelector: { matchLabels: { app: oneOf(random, APPS) } },
  }
  const terms =
    random.uniform() < 0.4
      ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: term }] }
  return random.uniform() < 0.5 ? { podAffinity: terms } : { podAntiAffinity: terms }
}
