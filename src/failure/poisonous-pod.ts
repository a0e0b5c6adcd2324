import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { POD_READINESS, POD_RUNNING } from '../cluster/pod-event.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, PayloadHandler, Simulation, Timer } from '../engine/simulation.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { Machines } from '../node/machine.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { wholeMicros } from './occurrence.ts'

/** Pods that kill the node that they run on. */
export interface PoisonousPodOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  /** Whether a pod is one of them, by what its template says. */
  readonly isPoisonous: (template: {
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
  }) => boolean
  /** From the start of its containers until its node goes down. */
  readonly killsAfter: Sampler
  readonly repair: Sampler
  /** After so many nodes it kills no more. */
  readonly nodesMax: number
}

interface Ticking {
  readonly serial: number
  readonly node: NodeRow
  readonly timer: Timer
}

/**
 * Pods that bring their node down some time after they have started: a request of death, a driver bug, a fork bomb. The pod is evicted
 * and made again, and kills the next node, until it is gone or has had its number of nodes; a node that comes back with the pod still
 * bound to it is killed again.
 */
export class PoisonousPods {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #log: FailureLog
  readonly #kubelets: Kubelets
  readonly #options: PoisonousPodOptions
  readonly #stream: RandomStream
  readonly #timers = new Map<PodRow, Ticking>()
  readonly #kill: Handler
  readonly #mend: PayloadHandler<FailureRecord>
  #killed = 0

  constructor(
    sim: Simulation,
    parts: {
      readonly api: ApiServer
      readonly log: FailureLog
      readonly kubelets: Kubelets
      readonly machines: Machines
    },
    options: PoisonousPodOptions,
  ) {
    const { api, log, kubelets, machines } = parts
    this.#sim = sim
    this.#api = api
    this.#log = log
    this.#kubelets = kubelets
    this.#options = options
    const name = `poisonous-pod/${options.ordinal}`
    this.#stream = sim.random.stream(`failure/${name}`)
    this.#kill = sim.handler(`${name}/kill`, (pod, serial) => this.#onKill(pod as PodRow, serial))
    this.#mend = sim.payloadHandler<FailureRecord>(`${name}/mend`, (record) => log.end(record))
    api.watch({
      name,
      assigned: true,
      podEvents: POD_RUNNING | POD_READINESS,
      podEventsOnceFinished: 0,
      onPod: ({ pod, node }) => this.#started(pod, node),
    })
    machines.watch(name, ({ row, up }) => {
      if (!up) this.#forgetOn(row)
    })
  }

  #started(pod: PodRow, node: NodeRow): void {
    const { pods } = this.#api
    if (this.#killed >= this.#options.nodesMax || pods.isRemoved(pod)) return
    if (!this.#options.isPoisonous(pods.infoOf(pod).template.metadata) || !this.#runs(pod, node)) return
    const serial = pods.table.serial(pod)
    if (this.#timers.get(pod)?.serial === serial) return
    const span = wholeMicros(this.#options.killsAfter(this.#stream))
    this.#timers.set(pod, { serial, node, timer: this.#sim.after(span, this.#kill, pod, serial) })
  }

  #onKill(pod: PodRow, serial: number): void {
    const ticking = this.#timers.get(pod)
    if (ticking?.serial !== serial) return // Another pod has its row.
    this.#timers.delete(pod)
    const { node } = ticking
    if (this.#killed >= this.#options.nodesMax || !this.#api.pods.isCurrent(pod, serial)) return
    if (!this.#runs(pod, node)) return
    this.#killed += 1
    const record = this.#log.begin('poisonous-pod', { nodes: [node], name: this.#api.pods.keyOf(pod) })
    this.#sim.afterWith(wholeMicros(this.#options.repair(this.#stream)), this.#mend, record)
  }

  #runs(pod: PodRow, node: NodeRow): boolean {
    return this.#kubelets.runningOn(node).includes(pod)
  }

  /** Nothing runs on the node any more: what starts there later starts anew. */
  #forgetOn(node: NodeRow): void {
    for (const [pod, ticking] of this.#timers) {
      if (ticking.node !== node) continue
      this.#sim.cancel(ticking.timer)
      this.#timers.delete(pod)
    }
  }
}
