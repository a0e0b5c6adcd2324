import { addQuantities, compareQuantities, parseQuantity } from '../../api/quantity.ts'
import type { ParsedQuantity } from '../../api/quantity.ts'
import type { ResourceQuota } from '../../api/types.generated.ts'
import { ControllerOwner } from '../../cluster/controller-owner.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { TASK } from '../../cluster/task-owner.ts'
import { QuotaCounts } from '../../policy/quota-counts.ts'
import { matchesScopes } from '../../policy/quota-scopes.ts'
import { isPodQuotaResource } from '../../policy/quota-usage.ts'
import type { ReplayedParts } from '../../run/run.ts'
import { NOTHING, allocatableOf, sumsByNode } from './node-sums.ts'
import type { Tell } from './violation.ts'

/**
 * What each component keeps of the store, against the store as it is: to be asked at the end of an instant. Of
 * components that have not heard all yet nothing is asked. O(pods + nodes).
 */
export class ViewLaws {
  readonly #run: ReplayedParts
  readonly #tell: Tell
  readonly #counts: QuotaCounts

  constructor(run: ReplayedParts, tell: Tell) {
    this.#run = run
    this.#tell = tell
    this.#counts = new QuotaCounts(run.api)
  }

  check(): void {
    const { api, policies } = this.#run
    this.#checkCounts()
    this.#checkOwned()
    if (!policies.isPaused && api.haveHeard('resource-quota')) this.#checkQuotas()
    if (api.haveHeard('scheduler')) this.#checkScheduler()
    if (api.haveHeard('kubelets')) this.#checkKubelets()
  }

  #checkCounts(): void {
    const { pods } = this.#run.api
    const rows = [...pods.table.stored()]
    const unfinished = rows.filter((row) => !pods.isFinished(row)).length
    if (pods.count === rows.length && pods.unfinished === unfinished) return
    this.#tell(
      'counts-are-right',
      `${pods.count} pods, ${pods.unfinished} unfinished, not ${rows.length}, ${unfinished}`,
    )
  }

  /** The index of pods by controller. */
  #checkOwned(): void {
    const { api, owned } = this.#run
    if (owned === undefined) return
    const byUid = new Map<string, PodRow[]>()
    const orphans = new Map<string, PodRow[]>()
    let count = 0
    for (const row of api.pods.table.stored()) {
      if (api.pods.table.ownerKind(row) === TASK) continue
      count += 1
      const owner = api.pods.table.owner(row)
      const [index, key] =
        owner instanceof ControllerOwner
          ? [byUid, owner.uid]
          : [orphans, api.pods.infoOf(row).template.metadata.namespace]
      index.set(key, [...(index.get(key) ?? []), row])
    }
    const isSame = (one: readonly PodRow[], other: readonly PodRow[]): boolean =>
      one.length === other.length && one.every((row) => other.includes(row))
    const stale = [
      ...[...byUid].filter(([uid, rows]) => !isSame(owned.of(uid), rows)),
      ...[...orphans].filter(([namespace, rows]) => !isSame(owned.orphansIn(namespace), rows)),
    ].map(([key]) => key)
    if (stale.length === 0 && owned.count === count) return
    this.#tell('owned-pods', `the index of pods differs for ${stale.join(', ') || 'owners without pods'}`)
  }

  /** What quotas say is used, where no pod is on its way out. */
  #checkQuotas(): void {
    const { api } = this.#run
    for (const quota of api.collection<ResourceQuota>('ResourceQuota').list()) {
      const { namespace = '', name = '' } = quota.metadata ?? {}
      const rows = [...api.pods.table.stored()].filter(
        (row) => api.pods.infoOf(row).template.metadata.namespace === namespace,
      )
      if (rows.some((row) => api.pods.table.deletingAt(row) !== NO_TIME)) continue
      const sums = this.#sumsOf(quota, rows)
      for (const [resource, said] of Object.entries(quota.status?.used ?? {})) {
        if (!isPodQuotaResource(resource)) continue
        const sum = sums.get(resource) ?? ZERO
        if (compareQuantities(sum, parseQuantity(String(said)) ?? ZERO) === 0) continue
        this.#tell(
          'quota-sums',
          `${name}: ${resource} is said to be ${String(said)}, not ${Number(sum.nano) / 1e9}`,
        )
      }
    }
  }

  #sumsOf(quota: ResourceQuota, rows: readonly PodRow[]): ReadonlyMap<string, ParsedQuantity> {
    const { pods } = this.#run.api
    const sums = new Map<string, ParsedQuantity>()
    for (const row of rows) {
      const { table } = pods
      const counted = this.#counts.of(table.template(row), { cpu: table.cpu(row), memory: table.memory(row) })
      if (!matchesScopes(quota, counted.pod)) continue
      for (const [resource, amount] of counted.usage) {
        if (pods.isFinished(row) && resource !== 'count/pods') continue
        sums.set(resource, addQuantities(sums.get(resource) ?? ZERO, amount))
      }
    }
    return sums
  }

  /** The scheduler's columns and its queue. */
  #checkScheduler(): void {
    const { api, scheduler } = this.#run
    const { nodes } = scheduler.cluster
    const sums = sumsByNode(api)
    for (let index = 0; index < api.nodeRows.used; index++) {
      const row = index as NodeRow
      const node = api.nodeRows.nodeOf(row)
      const name = api.nodeRows.nameOf(row)
      if (nodes.has(row) !== (node !== undefined)) {
        this.#tell(
          'scheduler-nodes',
          `${name} is ${node === undefined ? 'gone' : 'there'}, which is not known`,
        )
        continue
      }
      if (node === undefined) continue
      if (nodes.object(row) !== node) this.#tell('scheduler-nodes', `${name} is known as it was before`)
      const allocatable = allocatableOf(node)
      const requested = sums.get(row) ?? NOTHING
      const known = [
        [nodes.allocatableCpu(row), nodes.allocatableMemory(row), nodes.allocatablePods(row)],
        [nodes.requestedCpu(row), nodes.requestedMemory(row), nodes.podCount(row)],
      ].join('; ')
      const stored = [Object.values(allocatable), Object.values(requested)].join('; ')
      if (known !== stored)
        this.#tell('scheduler-nodes', `${name}: ${known} in the columns, ${stored} stored`)
    }
    for (const row of api.pods.table.stored()) this.#checkQueued(row)
  }

  #checkQueued(row: PodRow): void {
    const { api, scheduler } = this.#run
    const { pods } = api
    const isPending = pods.table.node(row) === NO_NODE && !pods.isFinished(row)
    if (!isPending && scheduler.queue.get(row) !== undefined) {
      this.#tell('scheduler-queue', `pod ${pods.keyOf(row)} is queued, though it has a node or has ended`)
    }
    const { schedulerName } = pods.infoOf(row)
    const isGoing = pods.table.deletingAt(row) !== NO_TIME
    if (!isPending || isGoing || !scheduler.profiles.has(schedulerName)) return
    if (scheduler.queue.get(row) === undefined) {
      this.#tell('scheduler-queue', `pod ${pods.keyOf(row)} waits for a node, and is not queued`)
    }
  }

  /** Lists and sums of the kubelets whose machines have no fault. */
  #checkKubelets(): void {
    const { api, kubelets, machines } = this.#run
    const { pods } = api
    for (let index = 0; index < api.nodeRows.used; index++) {
      const node = index as NodeRow
      if (!machines.reports(node)) continue
      const name = api.nodeRows.nameOf(node)
      const active = kubelets.activeOn(node)
      const wrong = active.filter((row) => pods.table.node(row) !== node || !pods.isActive(row))
      for (const row of wrong) this.#tell('kubelet-pods', `${name} runs ${row}, which is not there any more`)
      const using = kubelets.usingMemoryOn(node)
      const memory = using.reduce((sum, row) => sum + kubelets.memoryOf(row), 0)
      // What has left the API uses memory, too, until it has stopped.
      if (kubelets.ghostsOn(node) === 0 && memory !== kubelets.workingSet(node)) {
        this.#tell('kubelet-sums', `${name} uses ${kubelets.workingSet(node)} bytes, its pods ${memory}`)
      }
    }
    for (const row of pods.table.stored()) {
      const node = pods.table.node(row)
      if (!pods.isActive(row) || pods.table.deletingAt(row) !== NO_TIME || !machines.reports(node)) continue
      if (api.nodeRows.nodeOf(node) === undefined || kubelets.has(row)) continue
      this.#tell('kubelet-pods', `${api.nodeRows.nameOf(node)} does not know ${pods.keyOf(row)}`)
    }
  }
}

const ZERO: ParsedQuantity = { nano: 0n, format: 'DecimalSI' }
