import type { Node, Taint } from '../api/types.generated.ts'
import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { withCondition } from '../node/node-conditions.ts'
import type { FailureLog } from './failure-log.ts'
import type { FailingNode } from './node-crash.ts'
import { wholeMicros } from './occurrence.ts'

/** Hears of a node that has taken the place of another. */
type JoinListener = (node: FailingNode, replaced: NodeRow) => void

interface Replacement {
  readonly replaced: NodeRow
  readonly node: Node
  readonly after: Sampler
  readonly stream: RandomStream
  readonly joined: (node: FailingNode) => void
}

/** How often a kubelet asks again to register its node, without an answer (kubelet v1.37, `registerWithAPIServer`, its longest step). */
const REGISTER_RETRY: Micros = 7 * SECOND

const HOSTNAME = 'kubernetes.io/hostname'
/** Taints of conditions and cordons begin with this: a new node has none of them. */
const CONDITION_TAINT = 'node.kubernetes.io/'

/**
 * Lets new nodes take the place of those that are gone, as a node group of a cloud does: an instance is made, boots, and joins as a
 * node with the labels, taints and capacity of the one that it replaces, under a name of its own. Where a zone, or another place, is
 * down or cut off as a whole, none joins before that ends.
 */
export class NodeReplacements {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #cloud: CloudApi
  readonly #log: FailureLog
  /** Machines whose Node is replaced already, or will be. */
  readonly #replaced = new Set<NodeRow>()
  /** Those that could join, but for where they are. */
  #held: Replacement[] = []
  readonly #listeners: JoinListener[] = []
  readonly #counts = new Map<string, number>()
  readonly #made: PayloadHandler<Replacement>
  readonly #join: PayloadHandler<Replacement>

  constructor(sim: Simulation, api: ApiServer, cloud: CloudApi, log: FailureLog) {
    this.#sim = sim
    this.#api = api
    this.#cloud = cloud
    this.#log = log
    this.#join = sim.payloadHandler<Replacement>('node-replacement/join', (one) => this.#onJoin(one))
    this.#made = sim.payloadHandler<Replacement>('node-replacement/made', (one) =>
      this.#sim.afterWith(wholeMicros(one.after(one.stream)), this.#join, one),
    )
    log.observe(({ place, endedAt }) => {
      if (place !== undefined && endedAt !== undefined) this.#release()
    })
  }

  /** Registers who wants to know of nodes that take the place of these, or of one that took the place of these. */
  onJoinedFor(nodes: readonly FailingNode[], joined: (node: FailingNode) => void): void {
    const members = new Set(nodes.map(({ row }) => row))
    this.#listeners.push((node, replaced) => {
      if (!members.has(replaced)) return
      members.add(node.row)
      joined(node)
    })
  }

  /** Whether a node was asked for in place of this one. */
  isReplaced(row: NodeRow): boolean {
    return this.#replaced.has(row)
  }

  /**
   * Asks for a node in place of one that is gone: so long after its instance was made it joins. `node` is what its Node was, where
   * that may be deleted.
   */
  replace(
    row: NodeRow,
    how: { readonly after: Sampler; readonly stream: RandomStream; readonly node?: Node },
    joined: (node: FailingNode) => void = () => undefined,
  ): void {
    const { after, stream, node = this.#api.nodeRows.nodeOf(row) } = how
    if (node === undefined) return
    this.#replaced.add(row)
    this.#cloud.call('createInstance', this.#made, { replaced: row, node, after, stream, joined })
  }

  /** Those that wait for a place to come back look again, as events of their own. */
  #release(): void {
    const held = this.#held
    this.#held = []
    for (const one of held) this.#sim.afterWith(0, this.#join, one)
  }

  #onJoin(replacement: Replacement): void {
    const { [HOSTNAME]: _old, ...labels } = replacement.node.metadata?.labels ?? {}
    if (this.#log.isPlaceBroken(labels)) {
      this.#held.push(replacement)
      return
    }
    if (!this.#api.availability.takesWrites) {
      this.#sim.afterWith(REGISTER_RETRY, this.#join, replacement)
      return
    }
    const { replaced, node, joined } = replacement
    const name = this.#newName(node.metadata?.name ?? '')
    if (!this.#api.nodes.create(freshNode(node, name)).ok) return
    const one = { row: this.#api.nodeRows.everRowOf(name), name }
    this.#replaced.delete(one.row)
    joined(one)
    for (const listener of this.#listeners) listener(one, replaced)
  }

  /** `worker-3` is followed by `worker-3-r1`, that by `worker-3-r2`. */
  #newName(old: string): string {
    const base = old.replace(/-r\d+$/, '')
    for (;;) {
      const count = (this.#counts.get(base) ?? 0) + 1
      this.#counts.set(base, count)
      const name = `${base}-r${count}`
      if (this.#api.nodes.get(name) === undefined) return name
    }
  }
}

/** A node of the same kind as it is when it has just joined. */
function freshNode({ metadata, spec, status }: Node, name: string): Node {
  const labels = metadata?.labels ?? {}
  const { taints = [], unschedulable: _cordoned, providerID: _instance, ...others } = spec ?? {}
  const kept = taints.filter(({ key }: Taint) => !key.startsWith(CONDITION_TAINT))
  const { conditions: _conditions, images: _images, ...rest } = status ?? {}
  const node: Node = {
    metadata: {
      name,
      labels: HOSTNAME in labels ? { ...labels, [HOSTNAME]: name } : labels,
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
    },
    spec: { ...others, ...(kept.length === 0 ? {} : { taints: kept }) },
    status: rest,
  }
  return withCondition(node, { type: 'Ready', status: 'True', reason: 'KubeletReady' })
}
