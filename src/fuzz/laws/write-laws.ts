import { assert } from '../../base/assert.ts'
import type { PodDisruptionBudget, ResourceQuota } from '../../api/types.generated.ts'
import { compareQuantities, parseQuantity } from '../../api/quantity.ts'
import type { ApiServer, WrittenObject } from '../../cluster/api-server.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED, POD_FINISHED } from '../../cluster/pod-event.ts'
import type { PodEventBit } from '../../cluster/pod-event.ts'
import { NO_TIME, PHASE_PENDING, PHASE_RUNNING } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { isAbout } from '../../controllers/budget-pods.ts'
import { NOTHING, added, amountsOf, overfullText, sumsByNode } from './node-sums.ts'
import type { Amounts } from './node-sums.ts'
import type { Tell } from './violation.ts'

/** What was last seen of a pod. */
interface SeenPod {
  readonly key: string
  readonly serial: number
  node: NodeRow
  amounts: Amounts
  /** Whether its amounts are in the sum of its node. */
  isCounted: boolean
  phase: number
}

/**
 * What must hold after each write, looked at inside the write: O(what it changed). It knows of each pod only what it has heard,
 * and holds that against what comes.
 */
export class WriteLaws {
  readonly #api: ApiServer
  readonly #tell: Tell
  readonly #pods = new Map<PodRow, SeenPod>()
  readonly #byKey = new Map<string, SeenPod>()
  readonly #sums = new Map<NodeRow, Amounts>()
  readonly #quotas = new Map<string, ResourceQuota>()
  readonly #budgets = new Map<string, PodDisruptionBudget>()
  #revision: number

  constructor(api: ApiServer, tell: Tell) {
    this.#api = api
    this.#tell = tell
    for (const row of api.pods.table.stored()) this.#begin(row)
    for (const kind of ['ResourceQuota', 'PodDisruptionBudget']) {
      for (const object of api.collection(kind).list()) {
        const key = `${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`
        this.#onObject({ kind, key, object }, false)
      }
    }
    this.#revision = api.revision
    api.pods.observe((event, row) => this.#onPod(event, row))
    api.observeObjects((change) => this.#onObject(change, true))
  }

  /** The sums that were kept, against those of the store as it is now. */
  checkSums(): void {
    const sums = sumsByNode(this.#api)
    for (const [node, sum] of this.#sums) {
      const stored = sums.get(node) ?? NOTHING
      if (stored.cpu === sum.cpu && stored.memory === sum.memory && stored.pods === sum.pods) continue
      const text = (amounts: Amounts): string => Object.values(amounts).join('/')
      this.#tell(
        'pods-by-node',
        `${this.#api.nodeRows.nameOf(node)}: ${text(sum)} heard, ${text(stored)} stored`,
      )
    }
  }

  #onPod(event: PodEventBit, row: PodRow): void {
    const { table } = this.#api.pods
    this.#grow(table.revision(row), `pod row ${row}`)
    if (event === POD_CREATED) {
      this.#begin(row)
      return
    }
    const seen = this.#pods.get(row)
    if (seen === undefined || seen.serial !== table.serial(row)) {
      this.#tell('pod-lives-once', `pod row ${row} was written before it was created, or after it was gone`)
      return
    }
    this.#checkPhase(event, row, seen)
    this.#checkNode(event, row, seen)
    if (event !== POD_DELETED) return
    this.#pods.delete(row)
    if (this.#byKey.get(seen.key) === seen) this.#byKey.delete(seen.key)
  }

  #begin(row: PodRow): void {
    const { table } = this.#api.pods
    const key = this.#api.pods.keyOf(row)
    const seen: SeenPod = {
      key,
      serial: table.serial(row),
      node: NO_NODE,
      amounts: NOTHING,
      isCounted: false,
      phase: table.phase(row),
    }
    if (this.#byKey.has(key)) this.#tell('names-are-unique', `two pods are named ${key}`)
    this.#byKey.set(key, seen)
    this.#pods.set(row, seen)
    if (table.node(row) !== NO_NODE) this.#count(row, seen)
  }

  #checkPhase(event: PodEventBit, row: PodRow, seen: SeenPod): void {
    const phase = this.#api.pods.table.phase(row)
    if (phase === seen.phase) return
    const isForward = seen.phase === PHASE_PENDING || (seen.phase === PHASE_RUNNING && phase > PHASE_RUNNING)
    if (!isForward) this.#tell('phases-go-on', `pod ${seen.key} went from phase ${seen.phase} to ${phase}`)
    if (phase > PHASE_RUNNING && event !== POD_FINISHED) {
      this.#tell('phases-go-on', `pod ${seen.key} finished in another write than that of its end`)
    }
    seen.phase = phase
  }

  #checkNode(event: PodEventBit, row: PodRow, seen: SeenPod): void {
    const node = this.#api.pods.table.node(row)
    if (seen.node !== NO_NODE && node !== seen.node) {
      this.#tell('one-node', `pod ${seen.key} moved from node ${seen.node} to ${node}`)
    }
    if (seen.isCounted) {
      this.#add(seen.node, seen.amounts, -1)
      seen.isCounted = false
    }
    if (node === NO_NODE || event === POD_DELETED || this.#api.pods.isFinished(row)) return
    this.#count(row, seen)
    if (event !== POD_BOUND) return
    const over = overfullText(this.#api.nodeRows.nodeOf(node), this.#sums.get(node) ?? NOTHING)
    if (over !== '') {
      this.#tell('node-has-room', `pod ${seen.key} was bound to ${this.#api.nodeRows.nameOf(node)}: ${over}`)
    }
  }

  #count(row: PodRow, seen: SeenPod): void {
    seen.node = this.#api.pods.table.node(row)
    seen.amounts = amountsOf(this.#api, row)
    seen.isCounted = true
    this.#add(seen.node, seen.amounts, 1)
  }

  #add(node: NodeRow, amounts: Amounts, sign: 1 | -1): void {
    this.#sums.set(node, added(this.#sums.get(node) ?? NOTHING, amounts, sign))
  }

  #onObject({ kind, key, object }: WrittenObject, isNew: boolean): void {
    const revision = object?.metadata?.resourceVersion
    if (isNew && revision !== undefined) this.#grow(Number(revision), `${kind} ${key}`)
    if (kind === 'ResourceQuota') this.#onQuota(key, object as ResourceQuota | undefined)
    if (kind === 'PodDisruptionBudget') this.#onBudget(key, object as PodDisruptionBudget | undefined)
  }

  #grow(revision: number, name: string): void {
    if (revision <= this.#revision) {
      this.#tell('revisions-grow', `${name} has revision ${revision} after ${this.#revision}`)
    }
    this.#revision = Math.max(this.#revision, revision)
  }

  /** What a quota counts may rise up to its bounds, and no further. */
  #onQuota(key: string, quota: ResourceQuota | undefined): void {
    const before = this.#quotas.get(key)?.status?.used ?? {}
    if (quota === undefined) {
      this.#quotas.delete(key)
      return
    }
    this.#quotas.set(key, quota)
    const { used = {}, hard = {} } = quota.status ?? {}
    for (const [resource, amount] of Object.entries(used)) {
      const bound = hard[resource]
      if (
        bound === undefined ||
        compare(amount, bound) <= 0 ||
        compare(amount, before[resource] ?? amount) <= 0
      )
        continue
      this.#tell(
        'quota-holds',
        `ResourceQuota ${key}: ${resource} rose to ${String(amount)} of ${String(bound)}`,
      )
    }
  }

  /** Each eviction that is granted takes one, and leaves as many healthy pods as are wanted. */
  #onBudget(key: string, budget: PodDisruptionBudget | undefined): void {
    const before = this.#budgets.get(key)?.status
    if (budget === undefined) {
      this.#budgets.delete(key)
      return
    }
    this.#budgets.set(key, budget)
    const { status } = budget
    if (before === undefined || status === undefined) return
    const granted = Object.keys(status.disruptedPods ?? {}).filter(
      (name) => before.disruptedPods?.[name] === undefined,
    )
    if (granted.length === 0) return
    const allowed = before.disruptionsAllowed ?? 0
    if (granted.length > 1 || status.disruptionsAllowed !== allowed - 1 || allowed < 1) {
      const after = status.disruptionsAllowed ?? 0
      this.#tell(
        'budget-holds',
        `${key}: ${granted.join()} took ${allowed - after} of ${allowed} disruptions`,
      )
    }
    const granting = new Set(Object.keys(before.disruptedPods ?? {}))
    // What has happened to pods since the status was written is for the controller to see first, here as in Kubernetes.
    if (this.#healthyPods(budget, granting, 'count') !== before.currentHealthy) return
    const going = new Set(Object.keys(status.disruptedPods ?? {}))
    const healthy = this.#healthyPods(budget, going, 'leave out')
    const wanted = status.desiredHealthy ?? 0
    if (healthy >= wanted) return
    this.#tell('budget-holds', `${key}: the eviction of ${granted.join()} leaves ${healthy} of ${wanted}`)
  }

  /** Pods that are ready and stay; those that are disrupted are counted, or left out. */
  #healthyPods(
    budget: PodDisruptionBudget,
    disrupted: ReadonlySet<string>,
    disruptedOnes: 'count' | 'leave out',
  ): number {
    const { pods } = this.#api
    let healthy = 0
    for (const row of this.#pods.keys()) {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      if (!isAbout(budget, namespace, labels) || !pods.table.isReady(row)) continue
      const stays = pods.table.deletingAt(row) === NO_TIME
      const isDisrupted = disrupted.has(pods.nameOf(row))
      if (isDisrupted ? disruptedOnes === 'count' : stays) healthy += 1
    }
    return healthy
  }
}

function compare(one: unknown, other: unknown): number {
  const [left, right] = [one, other].map((amount) => parseQuantity(String(amount)))
  assert(left !== undefined && right !== undefined, 'a quota counts in no quantities')
  return compareQuantities(left, right)
}
