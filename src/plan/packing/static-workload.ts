import type { PodTemplate } from '../../api/pod-template.ts'
import type { DaemonSet, Node } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import { MINUTE, NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { PodDetails } from '../../cluster/pod-details.ts'
import { ownerReferencesOf } from '../../cluster/pod-object.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { openTraces } from '../../run/open-traces.ts'
import { replayRun } from '../../run/run.ts'
import type { ReplayedParts } from '../../run/run.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { WATCHED_KINDS } from '../../scheduler/watched-kinds.ts'
import { withoutDaemonRoom } from './daemon-room.ts'
import { peakOf } from './peak-demand.ts'
import type { TimedTask } from './peak-demand.ts'

/** One pod of a workload at rest. */
export interface StaticPod {
  readonly name: string
  /** Place of its template in the workload. */
  readonly template: number
  /** Millicores and bytes; what its template says where that sizes its pods. */
  readonly cpu: number
  readonly memory: number
  readonly details?: PodDetails
}

/** Pods that all exist at once, in order of creation, with what the scheduler looks at besides: plain data, which a thread can be sent. */
export interface StaticWorkload {
  readonly templates: readonly PodTemplate[]
  readonly pods: readonly StaticPod[]
  /** Services, ReplicaSets, volumes and the like. */
  readonly objects: readonly StoredObject[]
  /** The nodes of the scenario. */
  readonly nodes: readonly Node[]
  /** Whose pods are on nodes before all others, and are not among `pods`: what they take is not there in `nodes`. */
  readonly daemonSets: readonly DaemonSet[]
  /** The instant that the pods are of; undefined for all pods. */
  readonly at: Micros | undefined
  /** Pods that a whole run has, each counted once; undefined where controllers and actions make some. */
  readonly podsOfRun?: number
  readonly warnings: readonly string[]
}

/** Which pods of a scenario: those that exist at an instant, at the peak of what they request, or all that ever do. */
export type Moment =
  | { readonly kind: 'at'; readonly at: Micros }
  | { readonly kind: 'peak' }
  | { readonly kind: 'all' }

/** Time for controllers to have made their pods where the traces say when to look. */
const CONTROLLERS_AT: Micros = MINUTE

/**
 * The pods of a scenario at a moment. Those of controllers are there as they are in a run without the traces; those of
 * traces from their arrival for as long as they run, as if each started at once: so that the demand does not depend on the nodes. Pods
 * of DaemonSets belong to a machine: it is smaller by what they request. Failures are left out. Throws `InputError` when there is no pod.
 */
export async function staticWorkload(
  scenario: Scenario,
  moment: Moment,
  signal: AbortSignal,
): Promise<StaticWorkload> {
  const hasObjects = scenario.objects.length + scenario.actions.length > 0
  const until = moment.kind === 'at' && hasObjects ? moment.at : hasObjects ? CONTROLLERS_AT : 1
  const alone: Scenario = { ...scenario, workload: [], failures: [], until: Math.max(1, until) }
  const run = await replayRun(alone, () => undefined, signal)
  const daemonSets = [
    ...run.api.collection('DaemonSet').list(),
  ] as readonly StoredObject[] as readonly DaemonSet[]
  const machines = [...run.api.nodes.list()].filter(({ spec }) => spec?.unschedulable !== true)
  const nodes = withoutDaemonRoom(machines, daemonSets)
  const gathered = new GatheredPods()
  const daemons = addControllersPods(run, gathered)
  const readers = openTraces(scenario, [...run.api.nodes.list()], run.sim.random)
  const objects = objectsOf(run)
  const { tasks, refused } = await readTasks(run, readers, gathered, signal)
  const at =
    moment.kind === 'at'
      ? moment.at
      : moment.kind === 'all'
        ? undefined
        : peakOf(tasks, { nodes, templates: gathered.templates, objects })
  const there = at === undefined ? tasks : tasks.filter((one) => one.from <= at && at < one.until)
  requireFew(there)
  const pods = [...gathered.pods, ...there.flatMap(podsOf)]
  if (pods.length === 0) {
    throw new InputError({ message: 'there is no pod to pack', hint: 'say another --at, or --all-pods' })
  }
  return {
    templates: gathered.templates,
    pods,
    objects,
    nodes,
    daemonSets,
    at,
    ...(hasObjects ? {} : { podsOfRun: tasks.reduce((sum, { count }) => sum + count, 0) }),
    warnings: [
      ...readers.flatMap(({ warnings }) => warnings),
      ...(daemons === 0
        ? []
        : [`pods of DaemonSets are not packed (${daemons}): each node holds back what its own request`]),
      ...refused.map((message) => `pods that admission refuses are left out: ${message}`),
    ],
  }
}

/** Reads the tasks of all traces, their templates admitted. */
async function readTasks(
  { api }: ReplayedParts,
  readers: ReturnType<typeof openTraces>,
  gathered: GatheredPods,
  signal: AbortSignal,
): Promise<{ readonly tasks: readonly TimedTask[]; readonly refused: readonly string[] }> {
  const tasks: TimedTask[] = []
  const refused = new Set<string>()
  for (const [index, reader] of readers.entries()) {
    const prefix = readers.length === 1 ? '' : `trace-${index}-`
    for await (const batch of reader.batches()) {
      if (signal.aborted) break
      for (const { name, at, duration, cpu, memory, count, template: given } of batch) {
        const interned = api.pods.templates.intern(given)
        if (!interned.ok) {
          refused.add(interned.message)
          continue
        }
        const { id, template } = api.pods.templates.get(interned.id)
        const until = duration === NEVER ? NEVER : at + duration
        const pod = { name: prefix + name, template: gathered.placeOf(id, template), cpu, memory }
        tasks.push({ from: at, until, count, pod })
      }
    }
  }
  return { tasks, refused: [...refused] }
}

/** Pods that are packed at once at most: a trace whose tasks have many instances has more than memory holds. */
const PODS_MAX = 2_000_000

function requireFew(tasks: readonly TimedTask[]): void {
  const count = tasks.reduce((sum, task) => sum + task.count, 0)
  if (count <= PODS_MAX) return
  const [found, most] = [count, PODS_MAX].map((number) => number.toLocaleString('en'))
  throw new InputError({
    message: `there are ${found} pods to pack, and ${most} can be`,
    hint: 'say an instant by --at, or take fewer tasks by --limit',
  })
}

function podsOf({ pod, count }: TimedTask): readonly StaticPod[] {
  if (count === 1) return [pod]
  return Array.from({ length: count }, (_, ordinal) => ({ ...pod, name: `${pod.name}-${ordinal}` }))
}

/** Templates by place, and the pods so far. */
class GatheredPods {
  readonly templates: PodTemplate[] = []
  readonly pods: StaticPod[] = []
  readonly #places = new Map<number, number>()

  placeOf(id: number, template: PodTemplate): number {
    let place = this.#places.get(id)
    if (place === undefined) {
      place = this.templates.push(template) - 1
      this.#places.set(id, place)
    }
    return place
  }
}

/** Adds the pods that there are; returns the number of those of DaemonSets, which are not added. */
function addControllersPods({ api }: ReplayedParts, gathered: GatheredPods): number {
  const { table } = api.pods
  let daemons = 0
  for (const row of table.stored()) {
    if (table.isFinished(row) || table.deletingAt(row) >= 0) continue
    if (table.ownerKind(row) === 'DaemonSet') {
      daemons += 1
      continue
    }
    const { id, template } = api.pods.infoOf(row)
    gathered.pods.push({
      name: api.pods.nameOf(row),
      template: gathered.placeOf(id, template),
      cpu: table.cpu(row),
      memory: table.memory(row),
      ...detailsOf(api, row),
    })
  }
  return daemons
}

function detailsOf(api: ReplayedParts['api'], row: PodRow): Pick<StaticPod, 'details'> {
  const ownerReferences = ownerReferencesOf(api, row)
  const { resourceClaimStatuses } = api.pods.detailsOf(row)
  const details: PodDetails = {
    ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
    ...(resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses }),
  }
  return Object.keys(details).length === 0 ? {} : { details }
}

/** Marks a claim that the scheduler made for extended resources, of a pod that it had a node for. */
const OF_EXTENDED_RESOURCES = 'resource.kubernetes.io/extended-resource-claim'

/** What schedulers watch besides pods and nodes; claims as nobody has them, without those that a scheduler makes. */
function objectsOf({ api }: ReplayedParts): readonly StoredObject[] {
  const kinds = [...WATCHED_KINDS, 'PriorityClass'].filter((kind) => kind !== 'Node')
  return kinds.flatMap((kind) =>
    [...api.collection(kind).list()].flatMap((object): readonly StoredObject[] => {
      if (kind !== 'ResourceClaim') return [{ kind, ...object }]
      if (object.metadata?.annotations?.[OF_EXTENDED_RESOURCES] === 'true') return []
      const { status: _status, ...claim } = object as StoredObject & { readonly status?: unknown }
      return [{ kind, ...claim }]
    }),
  )
}
