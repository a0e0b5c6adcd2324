import { InvariantError } from '../base/assert.ts'
import { Calendar } from '../base/calendar.ts'
import { NEVER } from '../base/time.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { disabledPodFields } from '../cluster/admission-stages/disabled-pod-fields.ts'
import { defaultAdmission } from '../cluster/admission-stages/index.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import { NO_NODE } from '../cluster/rows.ts'
import { startPodGarbageCollector } from '../controllers/pod-garbage-collector.ts'
import { startResourceClaimController } from '../controllers/resource-claims.ts'
import { Tasks } from '../controllers/task.ts'
import { Simulation } from '../engine/simulation.ts'
import { FailureLog } from '../failure/failure-log.ts'
import { NodeReplacements } from '../failure/node-replacement.ts'
import { CloudApi } from '../node/cloud-api.ts'
import { Kubelets } from '../node/kubelet.ts'
import { Machines } from '../node/machine.ts'
import { startNodeStatus } from '../node/node-status.ts'
import { UsageModel } from '../node/usage-model.ts'
import { Recorder } from '../report/recorder.ts'
import { RunOutputs } from '../report/run-outputs.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { OutputOptions } from '../report/run-outputs.ts'
import type { Summary } from '../report/summary.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { PluginError } from '../scheduler/plugin-call.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { startActions } from './actions/start-actions.ts'
import { workloadOf } from './workload-of.ts'
import { buildControlPlane } from './build-control-plane.ts'
import { startNodeControllers } from './build-controllers.ts'
import { buildFailures } from './failures/index.ts'
import { buildLifecycle } from './build-lifecycle.ts'
import { buildNodeRepair } from './build-node-repair.ts'
import { buildNodes } from './build-nodes.ts'
import { evictionThresholds, startNodePressure } from './node-pressure.ts'
import { buildScheduler } from './build-scheduler.ts'
import { Checkpoints } from './checkpoints.ts'
import type { CheckpointHooks } from './checkpoints.ts'
import { loadObjects } from './load-objects.ts'
import { NamespacePolicies, withPolicies } from './namespace-policies.ts'
import { noteAction, noteRefusedPods } from './run-notes.ts'
import { openTraces } from './open-traces.ts'
import { SLICE, play } from './play.ts'
import type { PlayedParts, RunProgress } from './play.ts'
import { latestEnd } from './run-end.ts'
import { runtimeWarnings } from './runtime-warnings.ts'
import { TraceFeed } from './trace-feed.ts'
import type { TaskReader } from './trace-feed.ts'
import { unsupportedFields } from './unsupported-fields.ts'

/** Kinds without which no pod of a run can claim a device. */
const CLAIM_KINDS = ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate']

/** What a run is given besides its scenario. */
export interface RunHooks {
  /** Directory for the files; undefined measures and writes none. */
  readonly directory: string | undefined
  /** The command line, for the manifest. */
  readonly command: readonly string[]
  readonly version: string
  /** Stops the run at the next slice, with valid partial reports. */
  readonly signal: AbortSignal
  /** Work that comes besides the traces of the scenario. */
  readonly work?: readonly TaskReader[]
  /** Whether fast paths may answer; false has every decision made by the definition, to compare. True by default. */
  readonly usesIndex?: boolean
  readonly onProgress?: (progress: RunProgress) => void
  /** For a run that may be gone on with when it ends early. */
  readonly checkpoints?: CheckpointHooks
}

/** What a run came to. */
export interface RunResult {
  readonly directory: string | undefined
  readonly summary: Summary
  readonly warnings: readonly string[]
  readonly interrupted: boolean
  readonly pendingPods: number
  /** Hash of all events: equal for equal runs. */
  readonly eventDigest: string
  readonly events: number
}

/** Everything of one run. */
interface Parts extends PlayedParts {
  readonly machines: Machines
  readonly owned: OwnedPods | undefined
  readonly failures: FailureLog
  readonly recorder: Recorder
  readonly warnings: string[]
}

/**
 * Builds the run that a scenario describes, runs it to its end and reports.
 *
 * The end is `until`, or when all work is done; pods that nothing can be done for do not keep it running. Throws
 * `InputError` for wrong input, `OutputError` when a file cannot be written, `PluginError` when a plugin fails: then the
 * files hold what had happened by then, as after an interruption, if a pod had been placed.
 */
export async function runScenario(scenario: Scenario, hooks: RunHooks): Promise<RunResult> {
  const outputs =
    hooks.directory === undefined
      ? undefined
      : new RunOutputs({
          directory: hooks.directory,
          pods: scenario.report.pods,
          decisions: scenario.report.decisions,
          nodeDecisions: scenario.report.nodeDecisions,
          ...resumable(hooks),
        })
  try {
    const parts = await build(scenario, outputs, hooks)
    const places = checkpointsOf(parts, outputs, hooks)
    try {
      await play(parts, { ...hooks, ...(places === undefined ? {} : { places }) })
    } catch (error) {
      if (error instanceof PluginError && hasPlaced(parts) && places?.isReplaying !== true)
        reportBroken(parts, hooks, error)
      throw error
    }
    places?.ended(hooks.signal.aborted)
    const result = finish(parts, hooks)
    places?.reported(result.interrupted)
    return result
  } catch (error) {
    outputs?.abandon()
    throw error
  }
}

/** Has the outputs know what an earlier run left of them. */
function resumable({ checkpoints }: RunHooks): Pick<OutputOptions, 'resumable'> {
  return checkpoints === undefined
    ? {}
    : { resumable: new Map(Object.entries(checkpoints.from?.tables ?? {})) }
}

function checkpointsOf(
  { sim, scenario }: Parts,
  outputs: RunOutputs | undefined,
  { checkpoints, directory, version }: RunHooks,
): Checkpoints | undefined {
  if (checkpoints === undefined || directory === undefined || outputs === undefined) return undefined
  return new Checkpoints(checkpoints, { sim, outputs, scenario, directory, version })
}

/** A run that was stopped to be looked at. */
export interface ReplayedRun {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly scheduler: Scheduler
}

/** The same with all that can be looked at in it. */
export interface ReplayedParts extends ReplayedRun {
  readonly machines: Machines
  readonly failures: FailureLog
  readonly kubelets: Kubelets
  readonly tasks: Tasks
  /** The index of controllers' pods; undefined where there are no controllers. */
  readonly owned: OwnedPods | undefined
}

/** How a run is replayed, and who looks at it meanwhile. */
export interface ReplayHooks extends Pick<RunHooks, 'usesIndex'> {
  /** Events between two calls of `onSlice`, and two looks at the signal. */
  readonly sliceEvents?: number
  readonly onSlice?: () => void
}

/**
 * Runs a scenario to its end, writes nothing, and gives back the cluster as it stands then. `prepare` sees it before the
 * first event.
 */
export async function replayRun(
  scenario: Scenario,
  prepare: (run: ReplayedParts) => void,
  signal: AbortSignal,
  { usesIndex, sliceEvents = SLICE, onSlice }: ReplayHooks = {},
): Promise<ReplayedParts> {
  const parts = await build(scenario, undefined, usesIndex === undefined ? {} : { usesIndex })
  prepare(parts)
  const places = { next: Number.POSITIVE_INFINITY, slice: sliceEvents, reached: () => onSlice?.() }
  await play(parts, { signal, places })
  return parts
}

async function build(
  scenario: Scenario,
  outputs: RunOutputs | undefined,
  { work = [], usesIndex = true }: Pick<RunHooks, 'work' | 'usesIndex'> = {},
): Promise<Parts> {
  const sim = new Simulation({ seed: scenario.seed, log: 'hash' })
  const api = new ApiServer(
    sim,
    [...disabledPodFields(scenario.featureGates), ...withPolicies(defaultAdmission, scenario.admission)],
    new Calendar(scenario.startTime),
  )
  const policies = new NamespacePolicies(sim, api)
  const nodes = buildNodes(api, scenario.nodes, evictionThresholds(scenario.eviction))
  const hasDevices = nodes.some((node) => node.status?.allocatable?.['stowage.dev/gpu-milli'] !== undefined)
  const built = await buildScheduler(sim, api, scenario, { hasDevices, usesIndex })
  const machines = new Machines(sim, api)
  const failures = new FailureLog(sim, machines)
  const kubelets = buildNodeAgents(sim, api, scenario, machines)
  const { interval } = scenario.report
  const recorder = new Recorder(
    {
      clock: sim,
      pods: api.pods,
      nodeRows: api.nodeRows,
      watch: (options) => api.watch(options),
      machines,
      kubelets,
      schedulers: [built.scheduler],
      failures,
      observeObjects: (observer) => api.observeObjects(observer),
      onRefusedPod: (observer) => api.onRefusedPod(observer),
      onBlockedEviction: (observer) => api.onBlockedEviction(observer),
      apiLoad: api.load,
      availability: api.availability,
      workloadOf: (owner) => workloadOf(api, owner),
    },
    { interval, warmUp: scenario.warmUp },
    outputs,
  )
  const ofNodes = startNodeControllers(sim, api, machines, scenario.nodeLifecycle)
  const objectWarnings = loadObjects(api, scenario.objects, scenario.featureGates, (kind) =>
    policies.objectCreated(kind),
  )
  const warnings = [...built.warnings, ...runtimeWarnings(nodes), ...objectWarnings]
  noteRefusedPods(api, recorder, warnings)
  const actions = startActions(
    {
      sim,
      api,
      machines,
      gates: scenario.featureGates,
      done: (action, problems, message = '') => noteAction(recorder, warnings, { action, problems, message }),
    },
    scenario.actions,
  )
  const kinds = new Set([...api.kinds.filter((kind) => api.collection(kind).size > 0), ...actions.kinds])
  const { scheduler } = built
  const cloud = new CloudApi(sim, scenario.cloud)
  const given = { sim, api, machines, scheduler, kinds, cloud }
  const { owned, controlPlane } = buildControlPlane(given, scenario)
  const tasks = new Tasks(sim, api, scenario.behaviour)
  kubelets.onLostWork(tasks.workLost)
  const collector = startPodGarbageCollector(sim, api, owned === undefined ? {} : { owned })
  controlPlane.lead('kube-controller-manager', [...ofNodes, collector])
  if (CLAIM_KINDS.some((kind) => api.collection(kind).size > 0)) {
    const sharesGroupClaims = scenario.featureGates.get('DRAWorkloadResourceClaims') === true
    startResourceClaimController(api, { sharesGroupClaims })
  }
  tasks.onRefused(({ name, message }) => {
    recorder.note({ kind: 'AdmissionRefusal', object: name, node: '', reason: 'Forbidden', message })
  })
  const note = (event: ReportedEvent): void => recorder.note(event)
  const warn = (line: string): void => void warnings.push(line)
  const replacements = new NodeReplacements(sim, api, cloud)
  const repairing = { sim, api, machines, kubelets, cloud, replacements, kinds, note }
  controlPlane.lead('kube-controller-manager', buildNodeRepair(repairing, scenario))
  const worked = { controlPlane, replacements, tasks, note, warn }
  const failing = { sim, api, log: failures, kubelets, machines, cloud, ...worked }
  warnings.push(...buildFailures(failing, scenario.failures))
  const readers = [...openTraces(scenario, nodes, sim.random), ...work]
  const feeds = readers.map((reader) => new TraceFeed(reader, (task) => tasks.submit(task)))
  feeds.forEach((feed, index) => sim.source(`trace/${index}`, feed))
  const { until, warnings: noEnd } = latestEnd(scenario.until, kinds)
  warnings.push(...noEnd)
  return {
    scenario,
    until,
    sim,
    api,
    scheduler,
    watch: built.watch,
    failures,
    actions,
    tasks,
    kubelets,
    machines,
    owned,
    recorder,
    readers,
    feeds,
    warnings,
  }
}

function buildNodeAgents(sim: Simulation, api: ApiServer, scenario: Scenario, machines: Machines): Kubelets {
  const { behaviour, controlPlane } = scenario
  const usage = new UsageModel(
    api.pods,
    { memoryFactor: behaviour.memoryUse, initialShare: behaviour.initialShare },
    { factors: sim.random.stream('usage/memory'), rises: sim.random.stream('usage/rise') },
  )
  const kubelets = new Kubelets(
    sim,
    api,
    { machines, usage },
    {
      startup: behaviour.startup,
      stop: behaviour.stop,
      watchLatency: controlPlane.kubeletLatency,
      lifecycle: buildLifecycle(scenario.lifecycle),
    },
  )
  startNodeStatus(api, machines)
  startNodePressure(sim, api, scenario, { kubelets, machines })
  return kubelets
}

/** Whether the run has come as far as to place a pod. */
function hasPlaced({ api: { pods }, tasks }: Parts): boolean {
  if (tasks.counts.succeeded > 0) return true
  for (const row of pods.table.stored()) if (pods.table.node(row) !== NO_NODE) return true
  return false
}

/** Leaves reports of a run that a plugin has ended; none where its last event left too much half done for that. */
function reportBroken(parts: Parts, hooks: RunHooks, error: PluginError): void {
  parts.warnings.push(error.message)
  try {
    finish(parts, { ...hooks, signal: AbortSignal.abort() })
  } catch (second) {
    if (!(second instanceof InvariantError)) throw second
  }
}

function finish(parts: Parts, hooks: RunHooks): RunResult {
  const { sim, api, scenario, scheduler, readers, recorder } = parts
  const warnings = [...parts.warnings]
  for (const reader of readers) warnings.push(...reader.warnings)
  if (!hooks.signal.aborted) warnings.push(...endingWarnings(parts))
  if (scheduler.ignored > 0) {
    warnings.push(`${scheduler.ignored} pods name a scheduler that is not configured: nobody looked at them`)
  }
  const specs = [...api.pods.templates.list()].map(({ template }) => template.spec)
  warnings.push(...unsupportedFields(specs, scenario.featureGates))
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
function endingWarnings({ sim, scenario, feeds, actions }: Parts): readonly string[] {
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
