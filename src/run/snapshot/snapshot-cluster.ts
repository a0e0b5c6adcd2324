import { storeKind } from '../../api/kinds.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { Admission } from '../../cluster/admission.ts'
import { defaultAdmission } from '../../cluster/admission-stages/index.ts'
import { asScheduled } from '../../cluster/ignored-features.ts'
import { disabledPodFields } from '../../cluster/admission-stages/disabled-pod-fields.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import { POD_DELETING } from '../../cluster/pod-event.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { Simulation } from '../../engine/simulation.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { createRow, markPlaced, podKey } from '../../scheduler/conformance/load-cluster.ts'
import type { Scheduler } from '../../scheduler/scheduler.ts'
import { giveDefaultClass } from '../../storage/claim-class.ts'
import { buildScheduler } from '../build-scheduler.ts'
import type { WatchedParts } from '../play.ts'
import type { Snapshot, SnapshotPod } from './read-snapshot.ts'

/** How the scheduler of a snapshot is set up. */
export interface SnapshotSettings {
  readonly schedulerConfig: string | undefined
  readonly plugins: readonly string[]
  readonly extenders: readonly string[]
  readonly kubernetesVersion: string
  /** Gates that are not as the version has them. */
  readonly featureGates: Readonly<Record<string, boolean>>
}

/** Which of the snapshot's pods are to be scheduled. */
export interface PendingChoice {
  /** A pod that is to be scheduled even if it is on a node. */
  readonly also?: string
  /** Whether all other pending pods are left out. */
  readonly alone?: boolean
}

/** A pod that admission keeps out of the cluster. */
export interface RefusedPod {
  readonly pod: string
  readonly message: string
}

/** A snapshot as a cluster with a scheduler, before its first cycle. */
export interface SnapshotCluster extends WatchedParts {
  readonly api: ApiServer
  /** Pods to be scheduled, by row, in order of creation. */
  readonly pending: ReadonlyMap<PodRow, string>
  readonly refused: readonly RefusedPod[]
  /** Number of pods on nodes. */
  readonly placed: number
  /** Node of the pod in `also`; empty when it had none. */
  readonly takenFrom: string
  readonly warnings: readonly string[]
  /** Pods whose deletion has begun and not ended. */
  readonly deleting: () => number
}

/** Grace period of a deletion that does not say it. */
const GRACE_SECONDS = 30

/** Makes the cluster of a snapshot. Throws `InputError` for pods on nodes that no API server would have admitted. */
export async function buildSnapshotCluster(
  snapshot: Snapshot,
  settings: SnapshotSettings,
  choice: PendingChoice,
): Promise<SnapshotCluster> {
  const scenario = settingsOf(snapshot, settings)
  const sim = new Simulation({ seed: scenario.seed })
  const api = new ApiServer(sim, disabledPodFields(scenario.featureGates))
  for (const node of snapshot.nodes) api.nodes.create(node)
  for (const object of snapshot.objects) {
    const seen = asScheduled(object, scenario.featureGates)
    if (seen !== undefined) api.collection(storeKind(object)).create(seen)
  }
  chooseStorageClasses(api, snapshot)
  const hasDevices = snapshot.nodes.some(
    (node) => node.status?.allocatable?.['stowage.dev/gpu-milli'] !== undefined,
  )
  const { scheduler, watch, warnings } = await buildScheduler(sim, api, scenario, {
    hasDevices,
    isMeasured: false,
  })
  const pods = loadPods(api, snapshot.pods, choice)
  const deleting = endDeletedPods(sim, api)
  for (const [row, pod] of pods.pending) nominate(api, scheduler, row, pod)
  return {
    sim,
    api,
    scheduler,
    watch,
    pluginTimeout: scenario.scheduler.pluginTimeout,
    pending: new Map([...pods.pending].map(([row, pod]) => [row, podKey(pod)])),
    refused: pods.refused,
    placed: pods.placed,
    takenFrom: pods.takenFrom,
    warnings: [...warnings, ...pods.warnings],
    deleting,
  }
}

/** A scenario with the settings of the scheduler; its nodes stand for none. */
function settingsOf(snapshot: Snapshot, settings: SnapshotSettings): Scenario {
  const { schedulerConfig, plugins, extenders, kubernetesVersion, featureGates } = settings
  const own = snapshot.configuration === undefined ? {} : { config: snapshot.configuration }
  const scheduler = {
    plugins,
    extenders,
    ...(schedulerConfig === undefined ? own : { configFile: schedulerConfig }),
  }
  return loadScenario({
    raw: {
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: {},
      spec: {
        kubernetesVersion,
        featureGates,
        nodes: [{ template: { count: 1, shape: '1:1Gi' } }],
        scheduler,
      },
    },
    overrides: [],
  })
}

interface LoadedPods {
  readonly pending: Map<PodRow, Pod>
  readonly refused: RefusedPod[]
  readonly warnings: string[]
  placed: number
  takenFrom: string
}

/** Pods on nodes first, then those to be scheduled, in order of creation as far as they say it. */
function loadPods(api: ApiServer, pods: readonly SnapshotPod[], choice: PendingChoice): LoadedPods {
  const admission = new Admission(defaultAdmission, api)
  const loaded: LoadedPods = { pending: new Map(), refused: [], warnings: [], placed: 0, takenFrom: '' }
  const waiting: SnapshotPod[] = []
  const lost: string[] = []
  for (const one of pods) {
    const { pod, file } = one
    const nodeName = pod.spec?.nodeName ?? ''
    const isChosen = podKey(pod) === choice.also
    if (isFinished(pod) && !isChosen) continue
    if (isChosen) loaded.takenFrom = nodeName
    if (nodeName === '' || isChosen) {
      if (isChosen || choice.alone !== true) waiting.push(one)
      continue
    }
    const node = api.nodeRows.rowOf(nodeName)
    if (node === undefined) {
      lost.push(podKey(pod))
      continue
    }
    const admitted = admit(admission, pod)
    if (typeof admitted === 'string') {
      throw new InputError({ file, field: `Pod ${podKey(pod)}`, message: admitted })
    }
    markPlaced(api, createRow(api, admitted, node), admitted)
    loaded.placed += 1
  }
  if (lost.length > 0) {
    const names = lost.slice(0, 3).join(', ')
    loaded.warnings.push(`${lost.length} pods are on nodes that are not in the snapshot: ${names}`)
  }
  const created = ({ pod }: SnapshotPod): string => pod.metadata?.creationTimestamp ?? '~'
  waiting.sort((one, other) => compareText(created(one), created(other)))
  for (const { pod } of waiting) {
    const admitted = admit(admission, withoutNode(pod))
    if (typeof admitted === 'string') loaded.refused.push({ pod: podKey(pod), message: admitted })
    else loaded.pending.set(createRow(api, admitted), admitted)
  }
  return loaded
}

function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function withoutNode(pod: Pod): Pod {
  const { nodeName: _node, ...spec } = pod.spec ?? { containers: [] }
  return { ...pod, spec }
}

/** The pod as the API server admits it, or why it does not. Pods with a uid were admitted by their server. */
function admit(admission: Admission, pod: Pod): Pod | string {
  if (pod.metadata?.uid !== undefined && pod.spec?.priority !== undefined) return pod
  const interned = admission.internPod(pod)
  if (!interned.ok) return interned.message
  const { spec } = admission.get(interned.id).template
  return { ...pod, spec }
}

function nominate(api: ApiServer, scheduler: Scheduler, row: PodRow, pod: Pod): void {
  const name = pod.status?.nominatedNodeName ?? ''
  const node: NodeRow | undefined = name === '' ? undefined : api.nodeRows.rowOf(name)
  if (node === undefined) return
  scheduler.cluster.nominations.add(row, node)
  api.pods.nominate(row, node)
}

/** Ends pods whose deletion was asked for after their grace period, as their kubelets would; returns how many wait. */
function endDeletedPods(sim: Simulation, api: ApiServer): () => number {
  const { table } = api.pods
  let waiting = 0
  const end = sim.handler('snapshot/end-pod', (row, serial) => {
    waiting -= 1
    const pod = row as PodRow
    if (api.pods.isCurrent(pod, serial) && !api.pods.isRemoved(pod)) api.pods.remove(pod)
  })
  const endAfter = (row: PodRow, grace: Micros): void => {
    waiting += 1
    sim.after(grace, end, row, table.serial(row))
  }
  for (const row of table.stored()) {
    if (table.deletingAt(row) !== NO_TIME) endAfter(row, GRACE_SECONDS * SECOND)
  }
  api.pods.observe((event, row) => {
    if (event === POD_DELETING) endAfter(row, table.grace(row))
  })
  return () => waiting
}

/** What admission does to claims that name no class; those that come from a cluster have been through it. */
function chooseStorageClasses(api: ApiServer, { objects }: Snapshot): void {
  const admitted = new Set(
    objects
      .filter(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata?.uid !== undefined)
      .map(({ metadata }) => objectKey(metadata)),
  )
  for (const claim of [...api.collection<PersistentVolumeClaim>('PersistentVolumeClaim').list()]) {
    if (!admitted.has(objectKey(claim.metadata))) giveDefaultClass(api, claim)
  }
}
