import type { ContainerStatus, PodCondition, PodSpec } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../../src/cluster/rows.ts'
import { TestCluster } from '../test-cluster.ts'
import type { TestClusterOptions } from '../test-cluster.ts'
import { PodHistory } from './pod-history.ts'

/** A cluster of one node, and pods with containers that behave by annotations. */
export class LifecycleCluster extends TestCluster {
  readonly node0: NodeRow
  readonly #history = new PodHistory(this.api)

  constructor(
    options: TestClusterOptions & {
      readonly cpu?: string
      readonly memory?: string
      readonly disk?: string
    } = {},
  ) {
    super(options)
    this.node0 = this.addNode('n0', options)
  }

  /** Creates a pod from the manifest's spec, bound to the first node; annotations go without their prefix. */
  pod(
    spec: Partial<PodSpec>,
    annotations: Readonly<Record<string, string>> = {},
    labels: Record<string, string> = {},
  ): PodRow {
    const names = Object.entries(annotations).map(([key, value]) => [`stowage.dev/${key}`, value])
    const interned = this.api.pods.templates.intern({
      metadata: {
        namespace: 'default',
        labels,
        annotations: Object.fromEntries(names) as Record<string, string>,
      },
      spec: { containers: [{ name: 'app' }], ...spec },
      sizing: 'template',
    })
    if (!interned.ok) throw new Error(interned.message)
    return this.api.pods.create({ template: interned.id, node: this.node0 })
  }

  delete(pod: PodRow, graceSeconds: number): void {
    this.api.pods.requestDeletion(pod, { grace: graceSeconds * SECOND, reason: 'Test' })
  }

  status(pod: PodRow, name = 'app'): ContainerStatus | undefined {
    return this.#history.statuses(pod).find((status) => status.name === name)
  }

  shown(pod: PodRow): string {
    return this.#history.shown(pod)
  }

  podCondition(pod: PodRow, type: string): PodCondition | undefined {
    return this.api.pods.detailsOf(pod).conditions?.find((condition) => condition.type === type)
  }

  history(pod: PodRow): readonly string[] {
    return this.#history.of(pod)
  }
}
