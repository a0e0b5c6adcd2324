import { RandomStreams } from '../../base/random.ts'
import { MILLISECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { Cycle } from '../cycle.ts'
import type { FeatureGates, PluginFactory } from '../framework/plugin-factory.ts'
import { NodePicker } from '../node-picker.ts'
import { buildProfiles } from '../profile-builder.ts'
import { Profile } from '../profile.ts'
import { configuredOptions } from '../scheduler-options.ts'
import { SchedulingQueue } from '../queue.ts'
import { parseConfiguration } from '../configuration/parse.ts'
import type { CaseInput } from './case.ts'
import { evaluatePod } from './evaluate.ts'
import { loadCluster } from './load-cluster.ts'
import { loadPending } from './pending-pod.ts'
import { QueueScript } from './queue-script.ts'
import { runSchedule } from './schedule.ts'
import { runSequence } from './sequence.ts'

/** What a case is run with, besides itself. */
export interface CaseSetting {
  readonly registry: ReadonlyMap<string, PluginFactory>
  /** Feature gates of the Kubernetes version. */
  readonly gates: FeatureGates
}

/** Runs a recorded case and returns its result in the shape of `expected`. */
export function runCase(input: CaseInput, setting: CaseSetting): object {
  const gates = new Map([...setting.gates, ...Object.entries(input.featureGates ?? {})])
  const configuration = parseConfiguration(input.config ?? {}, 'config')
  const { profiles: drafts } = buildProfiles(configuration, { registry: setting.registry, gates })
  const loaded = loadCluster(input.objects)
  const profiles = new Map(
    drafts.map((draft) => [draft.schedulerName, new Profile(draft, loaded.cluster.nodes)]),
  )
  const cycle = new Cycle(loaded.cluster)
  const configured = configuredOptions(configuration, gates)
  if (input.mode === 'queue') {
    // The recorded pods have no UIDs, by which the real hints would tell them apart.
    const queue = new SchedulingQueue({ ...configured.queue, tellsPodsApart: false }, loaded.cluster)
    const script = new QueueScript(loaded, profiles, queue)
    return { mode: input.mode, queue: script.run(input.script ?? []) }
  }
  const pending = loadPending(loaded, input.pending, profiles)
  if (input.mode === 'sequence') return { mode: input.mode, sequence: runSequence(cycle, pending) }
  if (input.mode === 'schedule') {
    let now: Micros = 0
    const picker = new NodePicker(cycle, {
      percentageOfNodesToScore: configured.percentageOfNodesToScore,
      tieBreak: 'heap',
      ties: new RandomStreams('conformance').stream('ties'),
      usesIndex: true,
      keepsDetails: false,
      batches: configured.batches,
      clock: () => now,
    })
    const schedule = runSchedule(cycle, picker, pending, (arrival) => {
      now += (input.pausesMs?.[String(arrival)] ?? 0) * MILLISECOND
    })
    return { mode: input.mode, schedule }
  }
  const results = pending.map(({ key, row, profile, podClass }) => {
    if (profile === undefined || podClass === undefined) return { pod: key, ignored: true }
    const isBound = (podClass.shape.spec.nodeName ?? '') !== ''
    return evaluatePod(cycle, { key, row, profile, podClass }, !isBound).record
  })
  return { mode: input.mode, results }
}
