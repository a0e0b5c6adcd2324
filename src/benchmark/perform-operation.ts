import { defaultObject } from '../api/defaults/index.ts'
import { storeKind } from '../api/kinds.ts'
import { SECOND } from '../base/time.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { Pod, PodGroup } from '../api/types.generated.ts'
import { startChurn, startDeletions, deletablePods, deletePod } from './background.ts'
import { WorkloadFailure, createNamespace, createObject } from './cluster.ts'
import { allocateClaims, createResourceDriver } from './device-driver.ts'
import { createNodes } from './node-operations.ts'
import type { CreatePods, Operation } from './operations.ts'
import { createPodGroup } from './pod-claims.ts'
import { keepSteady } from './steady-pods.ts'
import type { WorkloadRun } from './workload-run.ts'

type Performer<K extends Operation['opcode']> = (
  run: WorkloadRun,
  operation: Operation & { readonly opcode: K },
  index: number,
) => void | Promise<void>

/** What each opcode does. Source: Kubernetes v1.37, test/integration/scheduler_perf/executor.go. */
const PERFORMERS: { readonly [K in Operation['opcode']]: Performer<K> } = {
  createNodes,
  createNamespaces(run, { prefix, count, template }) {
    const object = template === undefined ? undefined : run.templates.of(template).make({})
    for (let i = 0; i < count; i++) {
      createNamespace(run.cluster, `${prefix}-${i}`, object)
      run.useNamespace(`${prefix}-${i}`)
    }
  },
  createPods,
  async createPodSets(run, { count, namespacePrefix, createPods: inner }, index) {
    for (let i = 0; i < count; i++) {
      await createPods(run, { ...inner, namespace: `${namespacePrefix}-${i}` }, index)
    }
  },
  createPodGroups: createObjects,
  createResourceClaims: createObjects,
  createAny: createObjects,
  async updateAny(run, operation) {
    const { count, perSecond, namespace, template, templateParams } = operation
    const make = run.templates.of(template)
    for (let index = 0; index < count; index++) {
      if (perSecond > 0) await run.advance(Math.floor(SECOND / perSecond))
      const object = make.make({ ...templateParams, Index: index, Count: count })
      updateObject(run, inNamespace(object, namespace))
    }
  },
  async deletePods(run, { namespace, labels, perSecond, skipWait }, index) {
    const pods = deletablePods(run, namespace, labels)
    if (perSecond > 0 && skipWait) {
      startDeletions(run, pods, { name: `benchmark/delete-pods-${index}`, perSecond })
      return
    }
    for (const pod of pods) {
      if (perSecond > 0) await run.advance(Math.floor(SECOND / perSecond))
      deletePod(run, pod)
    }
  },
  churn(run, operation, index) {
    const namespace = operation.namespace ?? `namespace-${index}`
    createNamespace(run.cluster, namespace)
    startChurn(run, { ...operation, namespace, name: `benchmark/churn-${index}` })
  },
  async barrier(run, { namespaces, labels, stage }) {
    for (const name of namespaces) {
      if (!run.unawaited.has(name)) throw new WorkloadFailure(`barrier: there is no namespace ${name}`)
    }
    const names = namespaces.length === 0 ? [...run.unawaited.keys()] : namespaces
    for (const namespace of names) {
      const wanted = run.unawaited.get(namespace) ?? 0
      await run.waitFor({ namespace, labels, stage, wanted })
    }
    // Nothing waits in these namespaces now; pods that were only tried still do.
    if (stage === 'Scheduled') for (const name of names) run.unawaited.delete(name)
  },
  sleep: (run, { duration }) => run.advance(duration),
  startCollectingMetrics(run, { name, namespaces, labels }) {
    run.startSection({ name: `${run.name}/${name}`, namespaces, labels })
  },
  stopCollectingMetrics: (run) => run.endSection(),
  startCollectingProfile: () => undefined,
  stopCollectingProfile: () => undefined,
  createResourceDriver: (run, operation) => createResourceDriver(run.cluster, operation),
  allocResourceClaims: (run, { namespace }) => allocateClaims(run.cluster, namespace),
}

/** Performs one operation to its end. Throws `WorkloadFailure` when what it waits for does not come. */
export async function performOperation(run: WorkloadRun, operation: Operation, index: number): Promise<void> {
  // The table has a performer for each opcode that takes the operation of that opcode.
  const perform = PERFORMERS[operation.opcode] as Performer<Operation['opcode']>
  await perform(run, operation, index)
}

async function createPods(run: WorkloadRun, operation: CreatePods, index: number): Promise<void> {
  const namespace = operation.namespace ?? `namespace-${index}`
  run.useNamespace(namespace)
  if (operation.collectMetrics) {
    run.startSection({ name: `${run.name}/${namespace}`, namespaces: [namespace], labels: undefined })
  }
  const batch = { ...operation, namespace }
  if (operation.steadyFor !== undefined) {
    await keepSteady(run, batch, operation.steadyFor)
  } else {
    for (let i = 0; i < operation.count; i++) run.pods.create(batch, i)
    if (operation.skipWait) {
      run.unawaited.set(namespace, (run.unawaited.get(namespace) ?? 0) + operation.count)
    } else {
      await run.waitFor({ namespace, labels: undefined, stage: 'Scheduled', wanted: operation.count })
    }
  }
  if (operation.collectMetrics) run.endSection()
}

async function createObjects(
  run: WorkloadRun,
  operation: Operation & { readonly opcode: 'createPodGroups' | 'createResourceClaims' | 'createAny' },
): Promise<void> {
  const { count, namespace, template, templateParams } = operation
  if (namespace !== undefined) run.useNamespace(namespace)
  const make = run.templates.of(template)
  for (let index = 0; index < count; index++) {
    const object = inNamespace(make.make({ ...templateParams, Index: index, Count: count }), namespace)
    if (object.kind === 'Pod') run.pods.createPod(object as Pod)
    else if (storeKind(object) === 'PodGroup') createPodGroup(run.cluster, object as PodGroup)
    else createObject(run.cluster, object)
  }
  // The scheduler hears of them before the next operation.
  await run.advance(1)
}

function updateObject(run: WorkloadRun, object: StoredObject): void {
  if (object.kind === 'Pod') {
    run.pods.update(object as Pod)
    return
  }
  const written = run.cluster.api.collection<StoredObject>(storeKind(object)).update(defaultObject(object))
  if (!written.ok) throw new WorkloadFailure(written.message)
}

function inNamespace(object: StoredObject, namespace: string | undefined): StoredObject {
  return namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } }
}
