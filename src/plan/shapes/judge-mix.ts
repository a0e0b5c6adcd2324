import { InputError } from '../../base/errors.ts'
import { SECOND, formatDuration } from '../../base/time.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED } from '../../cluster/pod-event.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { replayRun } from '../../run/run.ts'
import { packPods } from '../packing/pack-pods.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'
import { survive, survivesAll } from '../survive.ts'
import type { Survival, SurvivalSettings } from '../survive.ts'
import { cellOfMix, scenarioOfMix } from './mix-cell.ts'
import type { CellSetting } from './mix-cell.ts'
import { waitText } from './objective.ts'
import type { Objective } from './objective.ts'
import type { ShapeMix } from './shape-mix.ts'

/** Whether an objective is met, and what was seen. */
export interface ObjectiveVerdict {
  readonly objective: string
  readonly holds: boolean
  readonly evidence: string
}

/** What mixes are judged by. */
export interface JudgeSetting extends CellSetting {
  /** Cheap ones first: the first that is not met ends it. */
  readonly objectives: readonly Objective[]
  readonly survival: Omit<SurvivalSettings, 'signal'>
  readonly signal: AbortSignal
  /** Hears how far a simulation is, in words. */
  readonly onProgress?: (text: string) => void
}

/** The verdict of a mix: of each objective that was looked at. */
export interface MixVerdict {
  readonly holds: boolean
  readonly verdicts: readonly ObjectiveVerdict[]
}

const ORDER: readonly Objective['kind'][] = ['all-scheduled', 'pending', 'survive']

/** Judges a mix by simulation; undefined when it was interrupted. */
export async function judgeMix(mix: ShapeMix, setting: JudgeSetting): Promise<MixVerdict | undefined> {
  const verdicts: ObjectiveVerdict[] = []
  const objectives = setting.objectives.toSorted(
    (one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind),
  )
  for (const objective of objectives) {
    const verdict = await judge(objective, mix, setting)
    if (verdict === undefined || setting.signal.aborted) return undefined
    verdicts.push(verdict)
    if (!verdict.holds) break
  }
  return { holds: verdicts.every(({ holds }) => holds), verdicts }
}

function judge(
  objective: Objective,
  mix: ShapeMix,
  setting: JudgeSetting,
): Promise<ObjectiveVerdict | undefined> {
  switch (objective.kind) {
    case 'all-scheduled':
      return judgePacking(objective.text, mix, setting)
    case 'pending':
      return judgeWaits(objective, mix, setting)
    case 'survive':
      return judgeSurvival(objective, mix, setting)
  }
}

async function judgePacking(
  objective: string,
  mix: ShapeMix,
  setting: JudgeSetting,
): Promise<ObjectiveVerdict | undefined> {
  const { scenario, signal } = setting
  const { nodes, workload } = cellOfMix(mix, setting)
  const nobody = { mayPend: new Set<number>(), pendingMax: 0 }
  const count = workload.pods.length.toLocaleString('en')
  const packing = await packPods(
    {
      ...{ scenario, workload, seed: scenario.seed, ...nobody, signal },
      onSlice: (placed) => setting.onProgress?.(`${placed.toLocaleString('en')} of ${count} pods placed`),
    },
    nodes,
  )
  if (packing === undefined) return undefined
  if (packing.fits) return { objective, holds: true, evidence: `all ${count} pods have a node` }
  const pod = workload.pods[packing.pending[0] ?? -1]?.name ?? ''
  const placed = `${packing.placed.toLocaleString('en')} of ${count} pods had a node when ${pod} found none`
  return { objective, holds: false, evidence: `${placed}: ${packing.message}` }
}

/** Events between two looks at how many pods are late. */
const WAIT_SLICE = 2_000

/** Pods of a whole run that may wait too long; infinite where nobody knows how many pods it will have. */
function lateAllowed(quantile: number, { podsOfRun }: StaticWorkload): number {
  if (quantile === 1) return 0
  return podsOfRun === undefined ? Number.POSITIVE_INFINITY : podsOfRun - Math.ceil(quantile * podsOfRun)
}

/** Plays the scenario on the mix until its end, or until more pods are late than may, and takes how long each pod waits; one that waits at the end for as long as it has. */
async function judgeWaits(
  { text, quantile, below }: Objective & { kind: 'pending' },
  mix: ShapeMix,
  setting: JudgeSetting,
): Promise<ObjectiveVerdict | undefined> {
  const waits: number[] = []
  const waiting = new Set<PodRow>()
  const allowed = lateAllowed(quantile, setting.workload)
  const givingUp = new AbortController()
  let late = 0
  let onSlice = (): void => undefined
  const run = await replayRun(
    scenarioOfMix(mix, setting),
    ({ sim, api }) => {
      onSlice = () => {
        let overdue = late
        // In order of creation.
        for (const row of waiting) {
          if (overdue > allowed || sim.now - api.pods.table.createdAt(row) < below) break
          overdue += 1
        }
        if (overdue > allowed) givingUp.abort()
        const clock = formatDuration(Math.floor(sim.now / SECOND) * SECOND)
        setting.onProgress?.(`${clock} simulated, ${waiting.size.toLocaleString('en')} pods wait`)
      }
      api.pods.observe((event, row) => {
        if (event === POD_CREATED && api.pods.table.node(row) === NO_NODE) waiting.add(row)
        if (event === POD_BOUND) {
          const wait = sim.now - api.pods.table.createdAt(row)
          waits.push(wait)
          if (wait >= below) late += 1
        }
        if (event === POD_BOUND || event === POD_DELETED) waiting.delete(row)
      })
    },
    AbortSignal.any([setting.signal, givingUp.signal]),
    { sliceEvents: WAIT_SLICE, onSlice: () => onSlice() },
  )
  if (setting.signal.aborted) return undefined
  if (givingUp.signal.aborted) {
    const [limit, now] = [waitText(below), waitText(run.sim.now)]
    const evidence = `given up after ${now}: more than the ${allowed.toLocaleString('en')} pods that may had waited ${limit} or longer`
    return { objective: text, holds: false, evidence }
  }
  const { table } = run.api.pods
  const left = [...waiting].filter((row) => table.deletingAt(row) === NO_TIME)
  for (const row of left) waits.push(run.sim.now - table.createdAt(row))
  waits.sort((one, other) => one - other)
  // The smallest wait that this share of the pods does not exceed.
  const wait = waits[Math.max(0, Math.ceil(quantile * waits.length) - 1)] ?? 0
  const first = left[0] === undefined ? '' : `, ${run.api.pods.nameOf(left[0])} first`
  const still = left.length === 0 ? '' : `; ${left.length} pods still pend in the end${first}`
  return {
    objective: text,
    holds: wait < below,
    evidence: `${text.split('<')[0] ?? ''} is ${waitText(wait)} over ${waits.length.toLocaleString('en')} pods${still}`,
  }
}

async function judgeSurvival(
  { text, question }: Objective & { kind: 'survive' },
  mix: ShapeMix,
  setting: JudgeSetting,
): Promise<ObjectiveVerdict> {
  const scenario = scenarioOfMix(mix, setting)
  const survival = await survivalOf(text, () =>
    survive(scenario, question, {
      ...setting.survival,
      signal: setting.signal,
      onTried: (done, all) => setting.onProgress?.(`${done} of ${all} losses tried (${question.text})`),
    }),
  )
  const { outcomes, losses } = survival
  const broken = outcomes.flatMap((outcome) =>
    outcome.workloads
      .filter(({ verdict }) => verdict !== 'keeps')
      .map(({ key, verdict, reason }) => `without ${outcome.name}, ${key} ${verdict}: ${reason}`),
  )
  const tried = `${outcomes.length} of ${losses} losses tried`
  if (survivesAll(survival))
    return { objective: text, holds: true, evidence: `no workload breaks or dips, ${tried}` }
  const more = broken.length > 1 ? ` (and ${broken.length - 1} more)` : ''
  return { objective: text, holds: false, evidence: `${broken[0] ?? ''}${more}` }
}

/** Names the objective where the loss cannot be asked about. */
async function survivalOf(objective: string, answer: () => Promise<Survival>): Promise<Survival> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(
      error.problems.map((problem) => {
        return problem.field?.startsWith('--survive') === true
          ? { ...problem, field: `--objective ${objective}` }
          : problem
      }),
    )
  }
}
