import { scaledValue } from '../api/int-or-percent.ts'
import type { IntOrString, Node, NodeSystemInfo } from '../api/types.generated.ts'
import { MINUTE, SECOND, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { Machines } from '../node/machine.ts'
import { conditionOf } from '../node/node-conditions.ts'
import { cordon } from './cordon.ts'
import { NodeDrains } from './node-drains.ts'
import type { DrainParts, DrainedNode, NodeDrainOptions } from './node-drains.ts'

/** What kubelets say of the software of their node, as far as an upgrade changes it. */
export type NodeSoftware = Partial<
  Pick<NodeSystemInfo, 'kubeletVersion' | 'kernelVersion' | 'osImage' | 'containerRuntimeVersion'>
>

/** How the nodes of a pool are upgraded. */
export interface UpgradeOptions extends NodeDrainOptions {
  /**
   * Nodes of the pool that may be out of service at a time: a number, or a percentage, rounded down, at least one; 1 by
   * default.
   */
  readonly nodesMax?: IntOrString
  /** Draws how long a node is down. */
  readonly downtime: () => Micros
  /** Longest that is waited for a node to be Ready once its machine may be up again; 10 min by default. */
  readonly readyTimeout?: Micros | undefined
  readonly software: NodeSoftware
}

/** What happened in a wave. */
export type UpgradeStep =
  | { readonly step: 'drained'; readonly node: string; readonly drained: DrainedNode }
  | { readonly step: 'down'; readonly node: string; readonly span: Micros }
  | { readonly step: 'upgraded'; readonly node: string; readonly startedAt: Micros; readonly downAt: Micros }
  | { readonly step: 'deleted'; readonly node: string }
  /** Without a node: nodes that have not had their turn were not Ready for too long. */
  | { readonly step: 'failed'; readonly node: string | undefined; readonly problem: string }
  | {
      readonly step: 'ended'
      readonly upgraded: number
      readonly total: number
      /** Whether something failed, so that it stopped before its end. */
      readonly isStopped: boolean
    }

/** What a wave works on. */
export interface UpgradeParts extends DrainParts {
  readonly machines: Machines
}

/** A node that has its turn. */
interface Turn {
  readonly row: NodeRow
  readonly startedAt: Micros
  downAt: Micros
  /** When it is given up; undefined before its machine could be up again. */
  deadline: Micros | undefined
}

const LOOK_EVERY: Micros = SECOND

/** Default of Cluster API v1.12, MachineHealthCheck `nodeStartupTimeoutSeconds`. */
const READY_TIMEOUT: Micros = 10 * MINUTE

/**
 * An upgrade that goes over a pool of nodes, in order of creation, some at a time:
 *
 *     waiting ─▶ cordoned, drained ─▶ down ─▶ up, Ready ─▶ uncordoned
 *                       └── given up ───┴── not Ready in time: stays cordoned, and no other node begins
 *
 * Nodes of the pool that are not Ready for other reasons count as out of service: while there are too many of them no node begins,
 * and the wave stops when that lasts for `readyTimeout`. Nodes that are deleted meanwhile are left out.
 *
 * Ours, after what pools of nodes do: Cluster API's MachineDeployment with `maxSurge: 0`, OpenShift's machine-config-operator
 * (`maxUnavailable` of a pool), kured; the steps for a node are those of kubeadm's "Upgrading Linux nodes".
 */
export class UpgradeWave {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #cause: string
  readonly #options: UpgradeOptions
  readonly #pool: readonly string[]
  readonly #waiting: string[]
  readonly #turns = new Map<string, Turn>()
  readonly #drains: NodeDrains
  readonly #hear: (step: UpgradeStep) => void
  readonly #back: PayloadHandler<string>
  readonly #look: PayloadHandler<string>
  readonly #unblock: PayloadHandler<Micros>
  #upgraded = 0
  #isStopped = false
  #isStarting = false
  /** Since when nodes that are not Ready hold it up. */
  #blockedAt: Micros | undefined

  constructor(
    parts: UpgradeParts,
    nodes: readonly string[],
    options: UpgradeOptions,
    hear: (step: UpgradeStep) => void,
  ) {
    const { sim, api, machines, name } = parts
    this.#sim = sim
    this.#api = api
    this.#machines = machines
    this.#cause = name
    this.#options = options
    this.#pool = nodes
    this.#waiting = [...nodes]
    this.#hear = hear
    this.#drains = new NodeDrains({ sim, api, name: `${name}/drain` }, options, (node) =>
      this.#onDrained(node),
    )
    this.#back = sim.payloadHandler<string>(`${name}/back`, (node) => this.#onBack(node))
    this.#look = sim.payloadHandler<string>(`${name}/look`, (node) => this.#onLook(node))
    this.#unblock = sim.payloadHandler<Micros>(`${name}/unblock`, (since) => this.#onUnblock(since))
    this.#startNext()
  }

  /** A node that fails as it begins comes back here: the loop goes on for it. */
  #startNext(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    while (!this.#isStopped && this.#mayStart()) this.#start(this.#waiting.shift() ?? '')
    this.#isStarting = false
    if (this.#turns.size > 0 || (this.#waiting.length > 0 && !this.#isStopped)) return
    this.#hear({
      step: 'ended',
      upgraded: this.#upgraded,
      total: this.#pool.length,
      isStopped: this.#isStopped,
    })
  }

  #mayStart(): boolean {
    const [next] = this.#waiting
    if (next === undefined) return false
    const { nodesMax = 1 } = this.#options
    const most = Math.max(1, scaledValue(nodesMax, this.#pool.length, 'down') ?? 1)
    if (this.#turns.size >= most) {
      this.#blockedAt = undefined
      return false
    }
    const others = this.#pool.filter(
      (node) => node !== next && !this.#turns.has(node) && !this.#isReadyOrGone(node),
    )
    const mayStart = this.#turns.size + others.length < most
    if (mayStart) this.#blockedAt = undefined
    else if (this.#blockedAt === undefined) {
      this.#blockedAt = this.#sim.now
      this.#sim.afterWith(LOOK_EVERY, this.#unblock, this.#blockedAt)
    }
    return mayStart
  }

  #onUnblock(since: Micros): void {
    if (this.#blockedAt !== since || this.#isStopped) return
    const { readyTimeout = READY_TIMEOUT } = this.#options
    if (this.#sim.now >= since + readyTimeout) {
      const problem = `nodes of the pool were not Ready for ${formatDuration(readyTimeout)}`
      this.#isStopped = true
      this.#hear({ step: 'failed', node: undefined, problem })
    } else this.#sim.afterWith(LOOK_EVERY, this.#unblock, since)
    this.#startNext()
  }

  #start(node: string): void {
    if (!cordon(this.#api, node, true)) {
      this.#hear({ step: 'deleted', node })
      return
    }
    const row = this.#api.nodeRows.everRowOf(node)
    const { now } = this.#sim
    this.#turns.set(node, { row, startedAt: now, downAt: now, deadline: undefined })
    this.#drains.start(node)
  }

  #onDrained(drained: DrainedNode): void {
    const { node, left } = drained
    const turn = this.#turns.get(node)
    if (turn === undefined) return
    this.#hear({ step: 'drained', node, drained })
    if (left > 0) this.#end(node, { problem: leftOver(drained) })
    else if (this.#api.nodes.get(node) === undefined) this.#end(node, 'deleted')
    else {
      const span = Math.max(1, this.#options.downtime())
      turn.downAt = this.#sim.now
      this.#machines.crash(turn.row, this.#cause)
      this.#hear({ step: 'down', node, span })
      this.#sim.afterWith(span, this.#back, node)
    }
  }

  #onBack(node: string): void {
    const turn = this.#turns.get(node)
    if (turn === undefined) return
    this.#machines.restore(turn.row, this.#cause)
    turn.deadline = this.#sim.now + (this.#options.readyTimeout ?? READY_TIMEOUT)
    // After the kubelet has posted its first status in this instant.
    this.#sim.afterWith(0, this.#look, node)
  }

  #onLook(name: string): void {
    const turn = this.#turns.get(name)
    if (turn === undefined) return
    const node = this.#api.nodes.get(name)
    if (node === undefined) {
      this.#end(name, 'deleted')
      return
    }
    if (!this.#api.availability.takesWrites) {
      this.#sim.afterWith(LOOK_EVERY, this.#look, name)
      return
    }
    if (this.#machines.isUp(turn.row) && isReady(node)) {
      this.#api.nodes.update(withSoftware(node, this.#options.software))
      cordon(this.#api, name, false)
      this.#end(name, 'upgraded')
      return
    }
    const { readyTimeout = READY_TIMEOUT } = this.#options
    if (this.#sim.now >= (turn.deadline ?? 0)) {
      this.#end(name, { problem: `${name} was not Ready ${formatDuration(readyTimeout)} after its restart` })
    } else this.#sim.afterWith(LOOK_EVERY, this.#look, name)
  }

  #end(node: string, result: 'upgraded' | 'deleted' | { readonly problem: string }): void {
    const turn = this.#turns.get(node)
    if (turn === undefined) return
    this.#turns.delete(node)
    if (result === 'upgraded') {
      this.#upgraded += 1
      this.#hear({ step: 'upgraded', node, startedAt: turn.startedAt, downAt: turn.downAt })
    } else if (result === 'deleted') this.#hear({ step: 'deleted', node })
    else {
      this.#isStopped = true
      this.#hear({ step: 'failed', node, problem: result.problem })
    }
    this.#startNext()
  }

  #isReadyOrGone(name: string): boolean {
    const node = this.#api.nodes.get(name)
    return node === undefined || isReady(node)
  }
}

/** Why a drain that was given up was so, in words. */
export function leftOver({ node, left, errors }: DrainedNode): string {
  const pods = left === 1 ? '1 pod was' : `${left} pods were`
  const because = errors.length === 0 ? '' : `: ${errors.join('; ')}`
  return `${pods} still on ${node} when it was given up${because}`
}

/** A node that says nothing of it is taken for Ready. */
function isReady(node: Node): boolean {
  return (conditionOf(node, 'Ready')?.status ?? 'True') === 'True'
}

/** The node with what its kubelet says of its software after the upgrade; what is not known of it is empty. */
function withSoftware(node: Node, software: NodeSoftware): Node {
  if (Object.keys(software).length === 0) return node
  const nodeInfo: NodeSystemInfo = { ...NO_SYSTEM_INFO, ...node.status?.nodeInfo, ...software }
  return { ...node, status: { ...node.status, nodeInfo } }
}

const NO_SYSTEM_INFO: NodeSystemInfo = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
}
