import type { Node, NodeSelectorTerm, PodTemplateSpec } from '../../src/api/types.generated.ts'
import { compileNodeSelectorTerm } from '../../src/api/selectors.ts'
import { SECOND } from '../../src/base/time.ts'
import type { Micros } from '../../src/base/time.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { NO_LIMITS } from '../../src/cluster/client.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { OwnedPods } from '../../src/cluster/owned-pods.ts'
import { POD_CREATED, POD_DELETING } from '../../src/cluster/pod-event.ts'
import { NO_TIME, PHASE_PENDING } from '../../src/cluster/pod-table.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { WorkloadParts } from '../../src/controllers/workload-parts.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** How the nodes of a cluster behave. */
interface NodeBehaviour {
  /** Time from a pod's creation until it runs and is ready. */
  readonly startup: Micros
  /** Time from the request for its deletion until it is gone. */
  readonly shutdown: Micros
  /** Whether a pod becomes ready by itself. */
  readonly becomesReady: boolean
}

/** Controllers of workloads on nodes that only start and stop pods: no scheduler, no kubelet. */
export class WorkloadCluster {
  readonly sim = new Simulation({ seed: 1 })
  readonly api = new ApiServer(this.sim, [])
  readonly parts: WorkloadParts = {
    sim: this.sim,
    api: this.api,
    owned: new OwnedPods(this.api),
    limits: NO_LIMITS,
  }
  readonly behaviour: NodeBehaviour

  constructor(behaviour: Partial<NodeBehaviour> = {}) {
    this.behaviour = { startup: SECOND, shutdown: SECOND, becomesReady: true, ...behaviour }
    const { sim, api } = this
    type Held = { readonly pod: PodRow; readonly serial: number }
    const start = sim.payloadHandler('nodes/start', ({ pod, serial }: Held) => {
      if (!api.pods.isCurrent(pod, serial) || api.pods.isRemoved(pod)) return
      const node = api.nodeRows.rowOf(this.#nodeFor(pod))
      if (node === undefined || api.pods.bind(pod, node, 0) !== undefined) return
      if (api.pods.table.phase(pod) === PHASE_PENDING) api.pods.markRunning(pod, this.behaviour.becomesReady)
    })
    const stop = sim.payloadHandler('nodes/stop', ({ pod, serial }: Held) => {
      if (api.pods.isCurrent(pod, serial) && !api.pods.isRemoved(pod)) api.pods.remove(pod)
    })
    api.watch({
      name: 'nodes',
      podEvents: POD_CREATED | POD_DELETING,
      onPod: ({ pod, serial, podEvent }) => {
        const isNew = podEvent === POD_CREATED
        sim.afterWith(isNew ? this.behaviour.startup : this.behaviour.shutdown, isNew ? start : stop, {
          pod,
          serial,
        })
      },
    })
  }

  addNode(name: string, node: Partial<Node> = {}): void {
    this.api.nodes.create({ ...node, metadata: { name, ...node.metadata } })
  }

  create(object: StoredObject): void {
    const created = this.api.collection(object.kind ?? '').create(object)
    if (!created.ok) throw new Error(created.message)
  }

  get<T extends StoredObject>(kind: string, key: string): T {
    const object = this.api.collection<T>(kind).get(key)
    if (object === undefined) throw new Error(`there is no ${kind} ${key}`)
    return object
  }

  change<T extends StoredObject>(kind: string, key: string, change: (object: T) => T): void {
    const changed = this.api.collection<T>(kind).update(change(this.get<T>(kind, key)))
    if (!changed.ok) throw new Error(changed.message)
  }

  run(seconds: number): void {
    this.sim.run(this.sim.now + seconds * SECOND)
  }

  /** Names of the stored pods, in order. */
  podNames(): string[] {
    return this.pods().map((pod) => this.api.pods.nameOf(pod))
  }

  pods(): PodRow[] {
    return [...this.api.pods.table.stored()].toSorted((one, other) =>
      this.api.pods.nameOf(one) < this.api.pods.nameOf(other) ? -1 : 1,
    )
  }

  pod(name: string): PodRow {
    const row = this.api.pods.rowOfGivenName(`default/${name}`)
    if (row === undefined) throw new Error(`there is no pod ${name}`)
    return row
  }

  labelsOf(pod: PodRow): Readonly<Record<string, string>> {
    return this.api.pods.infoOf(pod).template.metadata.labels
  }

  /** Whether the pod is ready, and stays. */
  isUp(pod: PodRow): boolean {
    const { table } = this.api.pods
    return table.isReady(pod) && table.deletingAt(pod) === NO_TIME
  }

  /** The node that a pod's affinity names; the first one for a pod without. */
  #nodeFor(pod: PodRow): string {
    const { affinity } = this.api.pods.infoOf(pod).template.spec
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    const [first] = this.api.nodes.list()
    if (required === undefined) return first?.metadata?.name ?? ''
    const matches = required.nodeSelectorTerms.map((term: NodeSelectorTerm) => compileNodeSelectorTerm(term))
    const node = [...this.api.nodes.list()].find(({ metadata }) =>
      matches.some((holds) => holds(metadata?.labels ?? {}, metadata?.name ?? '')),
    )
    return node?.metadata?.name ?? ''
  }
}

/** A pod template of one container; another `version` is another template. */
export function podTemplate(version = '1'): PodTemplateSpec {
  return {
    metadata: { labels: { app: 'web' }, annotations: { version } },
    spec: { containers: [{ name: 'main', image: `web:${version}` }] },
  }
}
