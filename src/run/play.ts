import { setImmediate as yieldToEvents } from 'node:timers/promises'

import { NEVER, formatInstant } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { PluginError } from '../scheduler/plugin-call.ts'
import type { PluginPlace } from '../scheduler/plugin-call.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { OpenCall, PluginWatch } from './plugin-watch.ts'
import { endWhenIdle } from './run-end.ts'
import type { RunningParts } from './run-end.ts'
import type { TaskReader } from './trace-feed.ts'

/** How far a run is. */
export interface RunProgress {
  /** Bytes of the traces whose tasks have arrived, compressed as they are on disk, and in all. */
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly now: Micros
  readonly until: Micros | undefined
  readonly events: number
  readonly podsSubmitted: number
  readonly podsFinished: number
}

/** What of a run is played. */
export interface PlayedParts extends RunningParts {
  readonly scenario: Scenario
  /** When it ends, if not before. */
  readonly until: Micros | undefined
  readonly scheduler: Scheduler
  /** Sees the user's code that the run calls; undefined without any. */
  readonly watch: PluginWatch | undefined
  readonly readers: readonly TaskReader[]
}

/** Who looks on, and may end the run. */
export interface PlayHooks {
  /** Stops the run at the next slice. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
  /** A checkpoint on the way; see `Checkpoints`. */
  readonly places?: Places
}

/** Places between two events at which something is done besides. */
export interface Places {
  /** Number of events after which the run has to halt next; infinite when it may halt anywhere. */
  readonly next: number
  /** Events between two looks. */
  readonly slice: number
  /** The run halts between two events. */
  reached(events: number): void
}

/** Events between two looks at the signal and two progress reports. */
export const SLICE = 20_000

/** Methods whose second argument is the number of a node. */
const OF_NODE: readonly string[] = ['filter', 'score', 'explain', 'reserve']

/**
 * Runs to the end. A `PluginError` that comes out of it says at which instant; also when a plugin does not come back: then
 * the simulation stands in the middle of an event.
 */
export async function play(parts: PlayedParts, hooks: PlayHooks): Promise<void> {
  const { pluginTimeout } = parts.scenario.scheduler
  await watching({ ...parts, pluginTimeout }, () => playSlices(parts, hooks))
}

/** What it takes to say of a call of user code where the run was. */
export interface WatchedParts {
  readonly sim: Simulation
  readonly scheduler: Scheduler
  /** Sees the user's code that the run calls; undefined without any. */
  readonly watch: PluginWatch | undefined
  /** Longest real time that one call may take. */
  readonly pluginTimeout: Micros
}

/** Runs the body, which runs the simulation; see `play` for errors of plugins that come out of it. */
export async function watching<Result>(parts: WatchedParts, body: () => Promise<Result>): Promise<Result> {
  const { sim, watch, pluginTimeout } = parts
  try {
    if (watch === undefined) return await body()
    return await watch.during(pluginTimeout, (call) => placeOf(call, parts), body)
  } catch (error) {
    throw error instanceof PluginError ? error.at({ instant: formatInstant(sim.now) }) : error
  }
}

/** Runs slice by slice: reads ahead, runs what is known, tells how far it is, looks whether to stop. */
async function playSlices(parts: PlayedParts, hooks: PlayHooks): Promise<void> {
  const { sim, feeds } = parts
  const { places } = hooks
  const until = parts.until ?? NEVER
  if (parts.until === undefined) endWhenIdle(parts)
  for (;;) {
    for (const feed of feeds) await feed.fill(sim.now + 1)
    const known = feeds.reduce((earliest, feed) => Math.min(earliest, feed.knownUntil - 1), until)
    const events = places === undefined ? SLICE : Math.min(places.slice, places.next - sim.executed)
    const reason = sim.run(known, events)
    places?.reached(sim.executed)
    hooks.onProgress?.(progressOf(parts))
    await yieldToEvents()
    if (hooks.signal.aborted || reason === 'stopped' || sim.now >= until) break
    if (reason === 'quiet' && feeds.every((feed) => feed.isExhausted)) break
  }
  for (const feed of feeds) await feed.close()
}

function progressOf({ sim, tasks, feeds, readers, until }: PlayedParts): RunProgress {
  const { places, succeeded } = tasks.counts
  return {
    bytesDone: feeds.reduce((sum, feed) => sum + feed.position, 0),
    bytesTotal: readers.reduce((sum, reader) => sum + reader.bytesTotal, 0),
    now: sim.now,
    until,
    events: sim.executed,
    podsSubmitted: places,
    podsFinished: succeeded,
  }
}

/** What a call that does not come back was asked about: its own pod, else that of the decision; and its node. */
function placeOf({ method, args }: OpenCall, { scheduler }: WatchedParts): PluginPlace {
  const [, second] = args
  const isOfNode = OF_NODE.includes(method) && typeof second === 'number'
  const pod = args.map(podKeyOf).find((key) => key !== undefined) ?? scheduler.decidingPod
  return {
    ...(pod === undefined ? {} : { pod }),
    ...(isOfNode ? { node: scheduler.cluster.nodes.name(second) } : {}),
  }
}

/** The key of a pod's identity, or of a pod as the API has it. */
function podKeyOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined
  const { key, metadata } = argument as { key?: unknown; metadata?: { name?: unknown; namespace?: unknown } }
  if (typeof key === 'string') return key
  if (metadata?.name === undefined || metadata.namespace === undefined) return undefined
  return `${String(metadata.namespace)}/${String(metadata.name)}`
}
