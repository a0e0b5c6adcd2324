import { scaledValue } from '../api/int-or-percent.ts'
import { controllerOf } from '../api/owner-references.ts'
import type { IntOrString, PodDisruptionBudget } from '../api/types.generated.ts'
import { InputError } from '../base/errors.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { TASK } from '../cluster/task-owner.ts'
import type { PodRow } from '../cluster/rows.ts'
import { isAbout } from '../controllers/budget-pods.ts'
import { wantedHealth } from '../controllers/disruption-budget.ts'
import { workloadOf } from '../run/workload-of.ts'

/** Kinds that say how many replicas they want at any time, and make those that are missing again. */
const KINDS = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'] as const

/** Kind under which a pod is looked at that nobody makes again. */
export const BARE_POD = 'Pod'

/** On a workload: how many of its replicas are to be ready at any time, a number or a percentage, where no budget says it. */
export const MIN_AVAILABLE_ANNOTATION = 'stowage.dev/min-available'

/** A workload that is to survive. */
export interface ReplicatedWorkload {
  /** `KIND NAMESPACE/NAME`. */
  readonly key: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly replicas: number
  /** Replicas that are to be ready at any time. */
  readonly wanted: number
  /** Who says so: the name of a budget, `annotation`, `flag` or `default`. */
  readonly wantedBy: string
}

interface Scaled extends StoredObject {
  readonly spec?: {
    readonly replicas?: number
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  }
}

/** The key of the workload that a pod belongs to; undefined for pods of traces, Jobs and DaemonSets. */
export function workloadKeyOf(api: ApiServer, row: PodRow): string | undefined {
  const { table } = api.pods
  if (table.ownerKind(row) === TASK) return undefined
  const owner = table.owner(row)
  if (owner === undefined) return `${BARE_POD} ${api.pods.keyOf(row)}`
  const { kind, name } = workloadOf(api, owner)
  if (!KINDS.some((known) => known === kind)) return undefined
  return `${kind} ${api.pods.infoOf(row).template.metadata.namespace}/${name}`
}

/**
 * The workloads of a cluster that want replicas, and pods that stand alone, by kind and name. What each wants is said by its
 * PodDisruptionBudgets, the strictest where there are several; else by its annotation, else by `fallback`; by default one
 * replica is to be ready.
 */
export function replicatedWorkloads(
  api: ApiServer,
  fallback: IntOrString | undefined,
): readonly ReplicatedWorkload[] {
  const found: ReplicatedWorkload[] = []
  for (const kind of KINDS) {
    const objects = [...api.collection<Scaled>(kind).list()].filter(
      (object) => controllerOf(object) === undefined && (object.spec?.replicas ?? 1) > 0,
    )
    for (const object of objects) {
      const { namespace = '', name = '', annotations = {} } = object.metadata ?? {}
      const replicas = object.spec?.replicas ?? 1
      const labels = object.spec?.template?.metadata?.labels ?? {}
      const asked = annotations[MIN_AVAILABLE_ANNOTATION]
      const wanted = wantedOf(api, { namespace, labels, replicas, asked, fallback })
      found.push({ key: `${kind} ${objectKey(object.metadata)}`, kind, namespace, name, replicas, ...wanted })
    }
  }
  for (const row of api.pods.table.stored()) {
    const key = workloadKeyOf(api, row)
    if (key?.startsWith(`${BARE_POD} `) !== true || api.pods.isFinished(row)) continue
    const { namespace, labels } = api.pods.infoOf(row).template.metadata
    const wanted = wantedOf(api, { namespace, labels, replicas: 1, asked: undefined, fallback })
    found.push({ key, kind: BARE_POD, namespace, name: api.pods.nameOf(row), replicas: 1, ...wanted })
  }
  return found.toSorted((one, other) => (one.key < other.key ? -1 : 1))
}

interface Asking {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly replicas: number
  readonly asked: string | undefined
  readonly fallback: IntOrString | undefined
}

function wantedOf(api: ApiServer, asking: Asking): Pick<ReplicatedWorkload, 'wanted' | 'wantedBy'> {
  const { namespace, labels, replicas, asked, fallback } = asking
  const budgets = [...api.collection<PodDisruptionBudget>('PodDisruptionBudget').list()]
    .filter((budget) => isAbout(budget, namespace, labels))
    .map((budget) => ({
      wanted: wantedHealth(budget.spec ?? {}, replicas, () => replicas).desiredHealthy,
      wantedBy: `budget ${budget.metadata?.name ?? ''}`,
    }))
    .toSorted((one, other) => other.wanted - one.wanted)
  const [strictest] = budgets
  if (strictest !== undefined) return { ...strictest, wanted: Math.min(strictest.wanted, replicas) }
  if (asked !== undefined) {
    const wanted = minAvailable(asked, MIN_AVAILABLE_ANNOTATION)
    return { wanted: readyOf(wanted, replicas), wantedBy: 'annotation' }
  }
  if (fallback !== undefined) return { wanted: readyOf(fallback, replicas), wantedBy: 'flag' }
  return { wanted: 1, wantedBy: 'default' }
}

/** Reads how many replicas are to be ready: a number, or a percentage. Throws `InputError` that names the field. */
export function minAvailable(text: string, field: string): IntOrString {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (/^\d{1,2}%$|^100%$/.test(text)) return text
  throw new InputError({
    field,
    message: `"${text}" is no number of replicas`,
    hint: 'expected a number or a percentage, such as 2 or 50%',
  })
}

/** Percentages are rounded up, as a budget's. */
function readyOf(value: IntOrString, replicas: number): number {
  return Math.min(replicas, scaledValue(value, replicas, 'up') ?? 0)
}
