import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { Client } from '../cluster/client.ts'
import type { ClientLimits } from '../cluster/client.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { ResolvedConfiguration } from './configuration/resolved.ts'
import type { SchedulerExtender } from './framework/extender.ts'
import type { FeatureGates } from './framework/plugin-factory.ts'
import type { ProfileDraft } from './profile.ts'
import type { QueueOptions } from './queue-options.ts'
import type { TieBreak } from './tie-break.ts'

/** How a scheduler behaves. */
export interface SchedulerOptions {
  readonly profiles: readonly ProfileDraft[]
  /** Share of the nodes to find before scoring, in percent; 0 or undefined is adaptive. */
  readonly percentageOfNodesToScore?: number | undefined
  readonly queue: QueueOptions
  readonly tieBreak: TieBreak
  /** Time from a write until the scheduler hears of it. */
  readonly watchLatency: Micros
  /** Whether the fast path may answer where it applies; true by default, false for comparing with the definition. */
  readonly usesIndex?: boolean
  /** Whether decisions tell what was said of each node; every cycle is then run by the definition. False by default. */
  readonly keepsDetails?: boolean
  /** Extenders, asked in this order; none by default. */
  readonly extenders?: readonly SchedulerExtender[]
  /** Whether equal rejected pods may wait as one group, where cycles take no time; true by default. */
  readonly groupsRejected?: boolean
  /** Feature gate OpportunisticBatching: equal pods in a row share a search. False by default. */
  readonly batches?: boolean
  /** Feature gate PodGroupPreemptionPolicy: a PodGroup says whether its pods may preempt others. False by default. */
  readonly hasGroupPreemptionPolicy?: boolean
  /** Time that one scheduling cycle takes; 0 decides all that waits in one instant. */
  readonly cycleTime: Micros
  /** How often it may bind; undefined: it binds at once, whatever the server has to do. */
  readonly clientLimits?: ClientLimits | undefined
}

/** The client of a scheduler that has limits. */
export function bindingClient(
  sim: Simulation,
  api: ApiServer,
  limits: ClientLimits | undefined,
): Client | undefined {
  if (limits === undefined) return undefined
  const client = new Client(sim, 'scheduler', limits)
  client.attach(api)
  return client
}

/** What of the options a KubeSchedulerConfiguration and the feature gates say; gates that are not given are off. */
export function configuredOptions(
  configuration: ResolvedConfiguration,
  gates: FeatureGates,
): Pick<SchedulerOptions, 'percentageOfNodesToScore' | 'queue'> & {
  readonly batches: boolean
  readonly hasGroupPreemptionPolicy: boolean
} {
  return {
    percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    queue: {
      initialBackoff: configuration.podInitialBackoff,
      maxBackoff: configuration.podMaxBackoff,
      popsFromBackoff: gates.get('SchedulerPopFromBackoffQ') ?? false,
      queuesPodGroups: gates.get('GenericWorkload') ?? false,
    },
    hasGroupPreemptionPolicy: gates.get('PodGroupPreemptionPolicy') ?? false,
    batches: gates.get('OpportunisticBatching') ?? false,
  }
}
