import { setImmediate as yieldToEvents } from 'node:timers/promises'

import { storeKind } from '../../api/kinds.ts'
import type { Node } from '../../api/types.generated.ts'
import { assert } from '../../base/assert.ts'
import { MINUTE } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { POD_BOUND } from '../../cluster/pod-event.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { Simulation } from '../../engine/simulation.ts'
import { buildScheduler } from '../../run/build-scheduler.ts'
import type { BuiltScheduler } from '../../run/build-scheduler.ts'
import { watching } from '../../run/play.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { assumeLoad } from './assumed-load.ts'
import type { StaticWorkload } from './static-workload.ts'

/** Whether pods fit on nodes, as a scheduler packs them. */
export interface Packing {
  /** Whether all have a node, but for those that may be pending. */
  readonly fits: boolean
  /** Pods that had a node when that was decided. */
  readonly placed: number
  /** Places of pods that found no node: all of them where the packing fits, the first ones that decided it where it does not. */
  readonly pending: readonly number[]
  /** What the scheduler said of the first of them; empty without any. */
  readonly message: string
}

/** What is packed, and how. */
export interface PackingSetting {
  /** Its scheduler is used; its nodes and its workload are not. */
  readonly scenario: Scenario
  readonly workload: StaticWorkload
  /** Seed of ties that are broken by chance. */
  readonly seed: string
  /** Pods that may stay pending, by place. */
  readonly mayPend: ReadonlySet<number>
  /** How many of them at most. */
  readonly pendingMax: number
  readonly signal: AbortSignal
  /** Hears now and then how many pods have a node. */
  readonly onSlice?: (placed: number) => void
}

/** Events between two looks at the signal. */
const SLICE = 20_000
/** After this time in which no pod was bound, nothing more is expected: longer than any back-off and flush. */
const SETTLED: Micros = 10 * MINUTE

/**
 * Packs all pods on empty nodes from scratch by the scheduler of a scenario, which takes no time; undefined when it was interrupted.
 *
 * Pods are created at once, in their order; the queue sorts them by priority. The first pod too many that finds no node ends it, unless
 * what pods want of each other could still help it: then all must have settled.
 */
export async function packPods(
  setting: PackingSetting,
  nodes: readonly Node[],
): Promise<Packing | undefined> {
  const { workload, pendingMax, mayPend, signal } = setting
  const sim = new Simulation({ seed: setting.seed })
  const api = new ApiServer(sim, [])
  for (const node of nodes) api.nodes.create(node)
  for (const object of workload.objects) api.collection(storeKind(object)).create(object)
  const built = await buildPackingScheduler(sim, api, setting.scenario, nodes)
  assumeLoad(sim, built.scheduler, setting.scenario)
  const pending = new Map<PodRow, string>()
  let placed = 0
  let isDecided = false
  const dependsOnOthers = dependent(workload)
  const places = new Map<PodRow, number>()
  const isTooMuch = (): boolean => {
    if (pending.size > pendingMax) return true
    for (const row of pending.keys()) if (!mayPend.has(places.get(row) ?? -1)) return true
    return false
  }
  api.pods.observe((event, row) => {
    if (event !== POD_BOUND) return
    placed += 1
    pending.delete(row)
  })
  built.scheduler.observe(({ pod, outcome, victims, message }) => {
    if (outcome === 'bound' || outcome === 'waiting') return
    if (!pending.has(pod)) pending.set(pod, message())
    for (const victim of victims) pending.set(victim, 'it was preempted')
    if (dependsOnOthers || !isTooMuch()) return
    isDecided = true
    sim.stop()
  })
  createPods(api, workload, places)
  await watching(
    {
      sim,
      scheduler: built.scheduler,
      watch: built.watch,
      pluginTimeout: setting.scenario.scheduler.pluginTimeout,
    },
    async () => {
      let changedAt = sim.now
      let seen = 0
      while (!isDecided && placed < workload.pods.length && !signal.aborted) {
        const next = sim.peek()
        if (next > changedAt + SETTLED) break
        sim.run(next, SLICE)
        setting.onSlice?.(placed)
        if (placed !== seen) [seen, changedAt] = [placed, sim.now]
        await yieldToEvents()
      }
    },
  )
  if (signal.aborted && !isDecided && placed < workload.pods.length) return undefined
  const rows = [...places.keys()].filter((row) => api.pods.table.node(row) === NO_NODE)
  const left = isDecided ? [...pending.keys()] : rows
  const fits =
    !isDecided && left.length <= pendingMax && left.every((row) => mayPend.has(places.get(row) ?? -1))
  return {
    fits,
    placed,
    pending: left.map((row) => places.get(row) ?? -1),
    message: (left[0] === undefined ? '' : pending.get(left[0])) ?? 'no scheduler looked at it',
  }
}

async function buildPackingScheduler(
  sim: Simulation,
  api: ApiServer,
  scenario: Scenario,
  nodes: readonly Node[],
): Promise<BuiltScheduler> {
  const hasDevices = nodes.some((node) => node.status?.allocatable?.['stowage.dev/gpu-milli'] !== undefined)
  const { controlPlane } = scenario
  const atOnce = { ...controlPlane, schedulerLatency: 0, cycleTime: 1, schedulerLimits: undefined }
  const nothingReported = { ...scenario.report, nodeDecisions: false }
  return buildScheduler(
    sim,
    api,
    { ...scenario, controlPlane: atOnce, report: nothingReported },
    { hasDevices },
  )
}

function createPods(api: ApiServer, { templates, pods }: StaticWorkload, places: Map<PodRow, number>): void {
  const ids = templates.map((template) => {
    const interned = api.pods.templates.intern(template)
    assert(interned.ok, 'a template was refused by an empty admission chain')
    return interned.id
  })
  pods.forEach(({ name, template, cpu, memory, details }, place) => {
    const id = ids[template]
    assert(id !== undefined, 'a pod has no template')
    const hasOwnSize = templates[template]?.sizing !== 'template'
    const row = api.pods.create({
      template: id,
      name,
      ...(hasOwnSize ? { cpu, memory } : {}),
      ...(details === undefined ? {} : { details }),
    })
    places.set(row, place)
  })
}

/** Whether a pod that finds no node may find one when others have theirs. */
function dependent({ templates, objects }: StaticWorkload): boolean {
  const KINDS = ['PodGroup', 'PersistentVolumeClaim', 'ResourceClaim']
  return (
    objects.some(({ kind }) => KINDS.includes(kind ?? '')) ||
    templates.some(
      ({ spec }) =>
        spec.affinity?.podAffinity !== undefined ||
        spec.affinity?.podAntiAffinity !== undefined ||
        (spec.topologySpreadConstraints ?? []).length > 0,
    )
  )
}
