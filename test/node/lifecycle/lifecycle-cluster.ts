import type { ContainerStatus, PodCondition, PodSpec } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import { PHASE_NAMES } from '../../../src/cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../../../src/cluster/rows.ts'
import type { KubeletOptions } from '../../../src/node/kubelet-options.ts'
import { TestCluster } from '../test-cluster.ts'

/** A cluster of one node, and pods with containers that behave by annotations. */
export class LifecycleCluster extends TestCluster {
  readonly node0: NodeRow
  /** What was written of pods, as `12 Running ready`. */
  readonly #history = new Map<PodRow, string[]>()

  constructor(
    options: { kubelet?: Partial<KubeletOptions>; cpu?: string; memory?: string; seed?: number } = {},
  ) {
    super(options)
    this.node0 = this.addNode('n0', options)
    this.api.pods.observe((_, row) => this.#note(row))
  }

  /** Creates a pod from the manifest's spec, bound to the first node. */
  pod(
    spec: Partial<PodSpec>,
    annotations: Readonly<Record<string, string>> = {},
    labels: Record<string, string> = {},
  ): PodRow {
    const names = Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`stowage.dev/${key}`, value]),
    )
    const interned = this.api.pods.templates.intern({
      metadata: { namespace: 'default', labels, annotations: names },
      spec: { containers: [{ name: 'app' }], ...spec },
      sizing: 'template',
    })
    if (!interned.ok) throw new Error(interned.message)
    return this.api.pods.create({ template: interned.id, node: this.node0 })
  }

  delete(pod: PodRow, graceSeconds: number): void {
    this.api.pods.requestDeletion(pod, { grace: graceSeconds * SECOND, reason: 'Test' })
  }

  statuses(pod: PodRow): readonly ContainerStatus[] {
    const { containerStatuses = [], initContainerStatuses = [] } = this.api.pods.detailsOf(pod)
    return [...initContainerStatuses, ...containerStatuses]
  }

  status(pod: PodRow, name = 'app'): ContainerStatus | undefined {
    return this.statuses(pod).find((status) => status.name === name)
  }

  /** `Running`, `CrashLoopBackOff`, `Completed/0`, ... of each container, with its restarts when there were any. */
  shown(pod: PodRow): string {
    return this.statuses(pod).map(shownStatus).join(' ')
  }

  podCondition(pod: PodRow, type: string): PodCondition | undefined {
    return this.api.pods.detailsOf(pod).conditions?.find((condition) => condition.type === type)
  }

  /** What of a pod could be seen when, without repetitions. */
  history(pod: PodRow): readonly string[] {
    return this.#history.get(pod) ?? []
  }

  #note(row: PodRow): void {
    const { pods } = this.api
    const lines = this.#history.get(row) ?? []
    this.#history.set(row, lines)
    const ready = pods.table.isReady(row) && !pods.isRemoved(row) ? ' ready' : ''
    const phase = pods.isRemoved(row) ? 'gone' : (PHASE_NAMES[pods.table.phase(row)] ?? '')
    const shown = pods.isRemoved(row) ? '' : ` ${this.shown(row)}`
    const seconds = Math.round((this.sim.now / SECOND) * 1000) / 1000
    const text = `${phase}${ready}${shown}`
    const last = lines.at(-1)
    if (last?.slice(last.indexOf(' ') + 1) === text) return
    if (last?.startsWith(`${seconds} `) === true) lines.pop()
    lines.push(`${seconds} ${text}`)
  }
}

function shownStatus({ state, restartCount }: ContainerStatus): string {
  const restarts = restartCount === 0 ? '' : `(${restartCount})`
  if (state?.running !== undefined) return `Running${restarts}`
  if (state?.terminated !== undefined)
    return `${state.terminated.reason ?? ''}/${state.terminated.exitCode}${restarts}`
  return `${state?.waiting?.reason ?? ''}${restarts}`
}
