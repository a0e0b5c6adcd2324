import { InvariantError } from '../base/assert.ts'
import { NEVER } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PluginError } from '../scheduler/plugin-call.ts'
import { unansweredWarning } from './runtime-warnings.ts'
import { unsupportedFields } from './unsupported-fields.ts'
import type { RunHooks, RunParts, RunResult } from './run-parts.ts'

/** Whether the run has come as far as to place a pod. */
export function hasPlaced({ api: { pods }, tasks }: RunParts): boolean {
  if (tasks.counts.succeeded > 0) return true
  for (const row of pods.table.stored()) if (pods.table.node(row) !== NO_NODE) return true
  return false
}

/** Leaves reports of a run that a plugin has ended; none where its last event left too much half done for that. */
export function reportBroken(parts: RunParts, hooks: RunHooks, error: PluginError): void {
  parts.warnings.push(error.message)
  try {
    finishRun(parts, { ...hooks, signal: AbortSignal.abort() })
  } catch (second) {
    if (!(second instanceof InvariantError)) throw second
  }
}

/** Writes the reports of a run that has ended, or was stopped. */
export function finishRun(parts: RunParts, hooks: RunHooks): RunResult {
  const { sim, api, scenario, scheduler, readers, recorder } = parts
  const warnings = [...parts.warnings]
  for (const reader of readers) warnings.push(...reader.warnings)
  if (!hooks.signal.aborted) warnings.push(...endingWarnings(parts))
  if (scheduler.ignored > 0) {
    warnings.push(`${scheduler.ignored} pods name a scheduler that is not configured: nobody looked at them`)
  }
  const specs = [...api.pods.templates.list()].map(({ template }) => template.spec)
  warnings.push(...unsupportedFields(specs, scenario.featureGates), ...unansweredWarning(parts.tasks.counts))
  const { givenUp } = parts.tasks.counts
  if (givenUp > 0)
    warnings.push(`${givenUp} pods were given up: refused by admission, or lost too often (events.csv)`)
  const pendingPods = api.pods.table.countPending()
  if (pendingPods > 0) warnings.push(pendingWarning(api, pendingPods))
  const digests: Record<string, string> = { scenario: scenario.digest }
  readers.forEach((reader, index) => {
    if (reader.digest !== undefined) digests[`trace/${index}`] = reader.digest
  })
  const eventDigest = sim.log.hash
  const summary = recorder.finish({
    command: hooks.command,
    scenario: scenario.name,
    policy: scenario.scheduler.policy,
    seed: scenario.seed,
    versions: { stowage: hooks.version, kubernetes: scenario.kubernetesVersion },
    digests,
    eventDigest,
    interrupted: hooks.signal.aborted,
    warnings,
  })
  return {
    directory: hooks.directory,
    summary,
    warnings,
    interrupted: hooks.signal.aborted,
    pendingPods,
    eventDigest,
    events: sim.executed,
  }
}

/** How many pending pods a warning names. */
const NAMED_MAX = 3

function pendingWarning({ pods }: ApiServer, count: number): string {
  const names: string[] = []
  for (const row of pods.table.stored()) {
    if (names.length === NAMED_MAX) break
    if (pods.table.node(row) === NO_NODE && !pods.isFinished(row)) names.push(pods.keyOf(row))
  }
  const more = count > names.length ? ` and ${count - names.length} more` : ''
  const were = count === 1 ? '1 pod was' : `${count} pods were`
  return `${were} still pending at the end: ${names.join(', ')}${more} (stowage explain says why)`
}

/** What the end of a run cut off. */
function endingWarnings({ sim, scenario, feeds, actions }: RunParts): readonly string[] {
  const late = scenario.workload.filter((_, index) => {
    const feed = feeds[index]
    return feed !== undefined && (!feed.isExhausted || feed.nextAt() !== NEVER)
  })
  const warnings = late.map(({ file }) => `${file}: what arrives after the end of the run was left out`)
  const lateActions = scenario.actions.filter(({ at }) => at > sim.now).length
  warnings.push(...actions.unfinished())
  if (lateActions > 0) warnings.push(`${lateActions} of the actions come after the end of the run`)
  if (scenario.warmUp < sim.now || scenario.warmUp === 0) return warnings
  return [...warnings, 'the run ended within its warm-up: its averages are of nothing']
}
