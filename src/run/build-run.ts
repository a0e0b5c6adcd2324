import type { TypicalPod } from '../api/gpu-fragmentation.ts'
import { Calendar } from '../base/calendar.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { disabledPodFields } from '../cluster/admission-stages/disabled-pod-fields.ts'
import { defaultAdmission } from '../cluster/admission-stages/index.ts'
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
import type { RunOutputs } from '../report/run-outputs.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { Scenario } from '../scenario/scenario.ts'
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
import { startLoadWatcher } from './load-watcher.ts'
import { loadObjects } from './load-objects.ts'
import { NamespacePolicies, withPolicies } from './namespace-policies.ts'
import { noteAction, noteRefusedPods } from './run-notes.ts'
import { openTraces } from './open-traces.ts'
import { latestEnd } from './run-end.ts'
import { runtimeWarnings } from './runtime-warnings.ts'
import { TraceFeed } from './trace-feed.ts'
import { typicalPodsOf } from './typical-pods-of.ts'
import type { RunHooks, RunParts } from './run-parts.ts'

/** Kinds without which no pod of a run can claim a device. */
const CLAIM_KINDS = ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate']

/** Builds the run that a scenario describes. Throws `InputError` for wrong input. */
export async function buildRun(
  scenario: Scenario,
  outputs: RunOutputs | undefined,
  { work = [], usesIndex = true }: Pick<RunHooks, 'work' | 'usesIndex'> = {},
): Promise<RunParts> {
  const sim = new Simulation({ seed: scenario.seed, log: 'hash' })
  const api = new ApiServer(
    sim,
    [...disabledPodFields(scenario.featureGates), ...withPolicies(defaultAdmission, scenario.admission)],
    new Calendar(scenario.startTime),
  )
  const policies = new NamespacePolicies(sim, api)
  const nodes = buildNodes(api, scenario.nodes, evictionThresholds(scenario.eviction))
  const hasDevices = nodes.some((node) => node.status?.allocatable?.['stowage.dev/gpu-milli'] !== undefined)
  const typicalPods = async (): Promise<readonly TypicalPod[]> => typicalPodsOf(scenario, nodes)
  const built = await buildScheduler(sim, api, scenario, { hasDevices, usesIndex, typicalPods })
  const machines = new Machines(sim, api)
  const failures = new FailureLog(sim, machines)
  const kubelets = buildNodeAgents(sim, api, scenario, machines)
  startLoadWatcher(sim, { api, kubelets, machines, scheduler: built.scheduler }, scenario)
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
      backoffs: built.backoffs,
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
  const note = (event: ReportedEvent): void => recorder.note(event)
  const given = { sim, api, machines, scheduler, kinds, cloud, note }
  const { owned, controlPlane } = buildControlPlane(given, scenario)
  const tasks = new Tasks(sim, api, scenario.behaviour)
  kubelets.onLostWork(tasks.workLost)
  const collector = startPodGarbageCollector(sim, api, owned === undefined ? {} : { owned })
  controlPlane.lead('kube-controller-manager', [...ofNodes, collector, policies])
  if (CLAIM_KINDS.some((kind) => api.collection(kind).size > 0)) {
    const sharesGroupClaims = scenario.featureGates.get('DRAWorkloadResourceClaims') === true
    const ofClaims = startResourceClaimController(api, { sharesGroupClaims })
    controlPlane.lead('kube-controller-manager', [ofClaims])
  }
  tasks.onRefused(({ name, message }) => {
    recorder.note({ kind: 'AdmissionRefusal', object: name, node: '', reason: 'Forbidden', message })
  })
  const warn = (line: string): void => void warnings.push(line)
  const replacements = new NodeReplacements(sim, api, cloud, failures)
  const awaited = recorder.volumesAwaited.bind(recorder)
  const repairing = { sim, api, machines, kubelets, cloud, replacements, kinds, note, awaited }
  controlPlane.lead('kube-controller-manager', buildNodeRepair(repairing, scenario))
  const worked = { controlPlane, replacements, tasks, note, warn }
  const failing = { sim, api, log: failures, kubelets, machines, cloud, ...worked }
  warnings.push(...buildFailures(failing, scenario))
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
    policies,
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
