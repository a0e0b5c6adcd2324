import { storeKind } from '../api/kinds.ts'
import { compileLabelMap } from '../api/selectors.ts'
import type { Pod } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { objectKey } from '../cluster/object-store.ts'
import { DELETED } from '../cluster/pod-reason.ts'
import { WorkloadFailure, createObject } from './cluster.ts'
import type { WorkloadRun } from './workload-run.ts'

/** A pod as it was when it was looked at: rows are used again. */
interface KnownPod {
  readonly row: PodRow
  readonly serial: number
}

/** Pods of a namespace with these labels that are not being deleted, in order of creation. */
export function deletablePods(
  run: WorkloadRun,
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
): readonly KnownPod[] {
  const { pods } = run.cluster.api
  const { table } = pods
  const hasLabels = compileLabelMap(labels ?? {})
  const found: KnownPod[] = []
  for (const row of table.stored()) {
    if (table.deletingAt(row) !== NO_TIME) continue
    const { metadata } = pods.infoOf(row).template
    if (metadata.namespace === namespace && hasLabels(metadata.labels))
      found.push({ row, serial: table.serial(row) })
  }
  return found.toSorted((one, other) => one.serial - other.serial)
}

/** Asks for the deletion of a pod with its own grace period; nobody ends its containers, as there is no kubelet. */
export function deletePod(run: WorkloadRun, { row, serial }: KnownPod): void {
  const { pods } = run.cluster.api
  if (!pods.isCurrent(row, serial) || pods.isRemoved(row)) return
  pods.requestDeletion(row, { reason: DELETED })
}

/** Deletes the pods one after another while the workload goes on. */
export function startDeletions(
  run: WorkloadRun,
  pods: readonly KnownPod[],
  options: { readonly name: string; readonly perSecond: number },
): void {
  const { sim } = run.cluster
  const interval = Math.floor(SECOND / options.perSecond)
  const next = sim.handler(options.name, (index) => {
    const pod = pods[index]
    if (pod === undefined) return
    deletePod(run, pod)
    sim.after(interval, next, index + 1)
  })
  sim.after(interval, next, 0)
}

/** How a churn makes and deletes objects. */
export interface ChurnOptions {
  readonly name: string
  readonly mode: 'create' | 'recreate'
  /** Ticks of `create`, 0 for no end; places of `recreate`. */
  readonly number: number
  readonly interval: Micros
  readonly namespace: string
  readonly templates: readonly string[]
}

/** Something that a churn made, and can take away again. */
type Undo = () => void

/** Creates, or creates and deletes in turn, an object of each template at every tick to the end of the workload. */
export function startChurn(run: WorkloadRun, options: ChurnOptions): void {
  const { sim } = run.cluster
  const makers = options.templates.map((file) => run.templates.of(file))
  const places = makers.map((): (Undo | undefined)[] => [])
  const ticksMax = options.mode === 'create' && options.number > 0 ? options.number : Number.POSITIVE_INFINITY
  const tick = sim.handler(options.name, (count) => {
    makers.forEach((maker, index) => {
      const object = maker.make({ Index: count, Count: options.number })
      if (options.mode === 'create') {
        createOne(run, object, options.namespace)
        return
      }
      const own = places[index] ?? []
      const place = count % options.number
      const undo = own[place]
      own[place] = undo === undefined ? createOne(run, object, options.namespace) : undefined
      undo?.()
    })
    if (count + 1 < ticksMax) sim.after(options.interval, tick, count + 1)
  })
  sim.after(options.interval, tick, 0)
}

/** Creates an object; undefined when it was refused, which a churn does not mind. */
function createOne(run: WorkloadRun, object: StoredObject, namespace: string): Undo | undefined {
  try {
    if (object.kind === 'Pod') {
      const row = run.pods.createPod({ ...object, metadata: { ...object.metadata, namespace } } as Pod)
      const serial = run.cluster.api.pods.table.serial(row)
      return () => deletePod(run, { row, serial })
    }
    const isPlaced = object.kind !== 'Node'
    const created = createObject(
      run.cluster,
      isPlaced ? { ...object, metadata: { ...object.metadata, namespace } } : object,
    )
    const key = objectKey(created.metadata)
    return () => {
      run.cluster.api.collection<StoredObject>(storeKind(object)).delete(key)
    }
  } catch (error) {
    if (error instanceof WorkloadFailure) return undefined
    throw error
  }
}
