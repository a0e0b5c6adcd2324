import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { objectKey } from '../../src/cluster/object-store.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { Decision } from '../../src/scheduler/decision.ts'
import type { Answered } from '../../src/scheduler/node-picker.ts'
import { buildCluster } from './cluster-builder.ts'
import type { TestCluster } from './cluster-builder.ts'
import { randomNode, randomPod, sizedTemplate } from './random-cluster.ts'
import type { PodMix } from './random-cluster.ts'
import { firstObjects, randomChange, withObjects } from './random-objects.ts'

const MIX = {
  tolerations: 0.2,
  nodeAffinity: 0.2,
  podAffinity: 0.2,
  spread: 0.2,
  hostPorts: 0.1,
  priorities: 0.7,
}
/** No default constraints: equal pods are batched, and plain ones placed by numbers. */
const NO_DEFAULTS = {
  profiles: [
    {
      pluginConfig: [{ name: 'PodTopologySpread', args: { defaultingType: 'List', defaultConstraints: [] } }],
    },
  ],
}

/** What a kind of history is about. */
interface Kind {
  readonly name: string
  readonly nodes: number
  readonly configuration: object
  readonly batches: boolean
  /** Share of pods that look at other objects, at the least. */
  readonly objects: boolean
  /** Whether each pod brings a size of its own, as those of traces do. */
  readonly sized?: boolean
  /** What pods ask for; `MIX` when left out. */
  readonly mix?: PodMix
  /**
   * Whether cycles take no time, and only placements are compared: pods that are known to fail again are not tried by
   * the fast paths, so that rejections and attempts differ, and the draws of preemption would.
   */
  readonly onlyPlacements?: boolean
  readonly percentageOfNodesToScore?: number
  readonly gates: ReadonlyMap<string, boolean>
}

const GATES = new Map([
  ['StorageCapacityScoring', true],
  ['VolumeLimitScaling', true],
])

/** What is compared of a decision. */
interface Told extends Pick<Decision, 'pod' | 'node' | 'outcome' | 'attempt' | 'feasible' | 'evaluated'> {
  readonly time: Micros
  readonly rejectedBy: readonly string[]
  readonly victims: readonly PodRow[]
  readonly says: string
}

interface History {
  readonly decisions: readonly Told[]
  readonly answered: Answered
  readonly repeats: number
  readonly outcomes: ReadonlySet<string>
}

/** Lets a cluster run while pods, nodes and objects come, change and go; all that was decided, with messages. */
function history(seed: number, kind: Kind, usesIndex: boolean): History {
  const cluster = buildCluster({
    configuration: kind.configuration,
    gates: kind.gates,
    options: {
      usesIndex,
      cycleTime: kind.onlyPlacements === true ? 0 : 1000,
      batches: kind.batches,
      percentageOfNodesToScore: kind.percentageOfNodesToScore,
    },
  })
  const { sim, api, scheduler } = cluster
  const random = new RandomStreams(seed).stream('test')
  for (let i = 0; i < kind.nodes; i++) api.nodes.create(randomNode(random, `n${i}`))
  for (const object of kind.objects ? firstObjects(random, kind.nodes) : []) write(cluster, object)
  const decisions: Told[] = []
  const outcomes = new Set<string>()
  scheduler.observe((decision) => {
    const { pod, node, outcome, attempt, feasible, evaluated, rejectedBy, victims, message } = decision
    // What was said of a pod moves nothing on: every third message is asked for.
    const says = decisions.length % 3 === 0 && outcome !== 'bound' ? message() : ''
    outcomes.add(outcome)
    decisions.push({
      time: sim.now,
      pod,
      node,
      outcome,
      attempt,
      feasible,
      evaluated,
      rejectedBy: [...rejectedBy],
      victims: [...victims],
      says,
    })
  })
  const pods: PodRow[] = []
  for (let step = 0; step < 40; step++) {
    act(cluster, { random, pods, kind }, step)
    sim.run(sim.now + random.integer(2) * SECOND + 20_000)
  }
  const { answered } = scheduler
  return { decisions, answered: { ...answered }, repeats: scheduler.repeats.count, outcomes }
}

function act(
  cluster: TestCluster,
  { random, pods, kind }: { random: RandomStream; pods: PodRow[]; kind: Kind },
  step: number,
): void {
  const { api } = cluster
  const draw = random.uniform()
  if (draw < 0.1) {
    const name = `n${random.integer(kind.nodes)}`
    const old = api.nodes.get(name)
    if (old !== undefined) api.nodes.update({ ...old, ...randomNode(random, name) })
  } else if (draw < 0.3 && pods.length > 0) {
    const [gone] = pods.splice(random.integer(pods.length), 1)
    if (gone !== undefined && !api.pods.isRemoved(gone)) api.pods.remove(gone)
  } else if (draw < 0.45 && kind.objects) write(cluster, randomChange(random, kind.nodes))
  else {
    const name = `p${step}`
    const plain = randomPod(random, name, kind.mix ?? MIX)
    const { pod, objects } = kind.objects ? withObjects(random, plain, name) : { pod: plain, objects: [] }
    for (const object of objects) write(cluster, object)
    const { templates } = api.pods
    const interned = kind.sized === true ? templates.intern(sizedTemplate(pod)) : templates.internPod(pod)
    if (!interned.ok) throw new Error(interned.message)
    const count = 1 + random.integer(kind.nodes < 20 ? 5 : 40)
    for (let i = 0; i < count; i++) {
      const row = api.pods.create({
        template: interned.id,
        name: `${name}-${i}`,
        details: { uid: `${name}-${i}` },
        ...(kind.sized === true ? randomSize(random) : {}),
      })
      pods.push(row)
    }
  }
}

/** Of few sizes by chance, or of many, all small; by chance without cpu or memory. */
function randomSize(random: RandomStream): { cpu: number; memory: number } {
  const isOfFew = random.uniform() < 0.3
  const cpu = isOfFew ? 100 * random.integer(4) : 10 * random.integer(40)
  return { cpu, memory: 2 ** 20 * (isOfFew ? 128 : random.integer(500)) }
}

/** Creates the object, or replaces the one of its name; claims stay as they are. */
function write({ api }: TestCluster, object: StoredObject): void {
  const store = api.collection<StoredObject>(object.kind ?? '')
  if (store.get(objectKey(object.metadata)) === undefined) store.create(object)
  else if (object.kind !== 'ResourceClaim') store.update(object)
}

/** What a history and its twin have in common. */
function compared({ decisions }: History, kind: Kind): unknown {
  if (kind.onlyPlacements !== true) return decisions
  return decisions
    .filter(({ outcome }) => outcome === 'bound')
    .map(({ time, pod, node, feasible, evaluated }) => ({ time, pod, node, feasible, evaluated }))
}

const NO_GATES = new Map<string, boolean>()
const WAYS = ['scan', 'index', 'mixed', 'definition'] as const

describe.each<Kind>([
  {
    name: 'with volumes, devices, services and namespaces',
    nodes: 14,
    configuration: {},
    batches: false,
    objects: true,
    gates: GATES,
  },
  {
    name: 'with batches',
    nodes: 8,
    configuration: NO_DEFAULTS,
    batches: true,
    objects: false,
    gates: NO_GATES,
  },
  {
    name: 'with batches, volumes and devices',
    nodes: 14,
    configuration: NO_DEFAULTS,
    batches: true,
    objects: true,
    gates: GATES,
  },
  {
    name: 'with a sample of the nodes',
    nodes: 130,
    configuration: {},
    batches: false,
    objects: false,
    percentageOfNodesToScore: 5,
    gates: NO_GATES,
  },
  {
    name: 'of pods that bring sizes of their own',
    nodes: 14,
    configuration: NO_DEFAULTS,
    batches: false,
    objects: false,
    sized: true,
    onlyPlacements: true,
    mix: { ...MIX, priorities: 0, podAffinity: 0.05, spread: 0.05, hostPorts: 0.05, nodeAffinity: 0.1 },
    gates: NO_GATES,
  },
  {
    name: 'of such pods, with objects, batches and a sample of the nodes',
    nodes: 130,
    configuration: NO_DEFAULTS,
    batches: true,
    objects: true,
    sized: true,
    percentageOfNodesToScore: 5,
    gates: GATES,
  },
])('a history $name', (kind) => {
  it('is the same by the fast paths as by the definition', () => {
    const fast = { scan: 0, index: 0, mixed: 0, definition: 0 }
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const slow = history(seed, kind, false)
        const quick = history(seed, kind, true)
        expect(compared(quick, kind)).toEqual(compared(slow, kind))
        expect(slow.answered).toMatchObject({ scan: 0, index: 0, mixed: 0 })
        expect(slow.repeats).toBe(0)
        for (const way of WAYS) fast[way] += quick.answered[way]
        for (const outcome of slow.outcomes) outcomes.add(outcome)
      }),
      { seed: 11, numRuns: kind.nodes < 20 ? 6 : 3 },
    )
    expect([...outcomes]).toEqual(
      expect.arrayContaining([
        'bound',
        'unschedulable',
        ...(kind.nodes < 20 && kind.mix?.priorities !== 0 ? ['nominated'] : []),
      ]),
    )
    expect(fast.index + fast.mixed + fast.scan).toBeGreaterThan(50)
  })
})
