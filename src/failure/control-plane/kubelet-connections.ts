import type { RandomStream } from '../../base/random.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { retryWait } from '../../cluster/retry-wait.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../../engine/simulation.ts'
import type { Machines } from '../../node/machine.ts'
import type { ApiServers, LostConnections } from './api-servers.ts'

/**
 * How long a client waits on a connection over which nothing comes: a ping after 30 s, and 15 s for its answer (apimachinery v1.37, util/net
 * `readIdleTimeoutSeconds`, `pingTimeoutSeconds`).
 */
const SILENCE_MAX: Micros = 45 * SECOND

const CAUSE = 'api-connection'

/** A kubelet's next try to reach a server, after so many that failed. */
interface Reconnection {
  readonly row: NodeRow
  readonly failures: number
}

/**
 * Which API server each kubelet is connected to: one that is drawn for it, through a load balancer. When that goes down the kubelet is cut
 * off until it has noticed, waited, and found another that runs. It stays with that one (`--goaway-chance` is 0 by default).
 */
export class KubeletConnections {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #machines: Machines
  readonly #servers: ApiServers
  readonly #stream: RandomStream
  readonly #connect: PayloadHandler<Reconnection>
  /** By row; of nodes that joined since the last server went down nothing is known. */
  readonly #serverOf: number[] = []
  /** Whether no server has run since kubelets were connected last. */
  #areAllLost = false

  constructor(sim: Simulation, api: ApiServer, machines: Machines, servers: ApiServers) {
    this.#sim = sim
    this.#api = api
    this.#machines = machines
    this.#servers = servers
    this.#stream = sim.random.stream('control-plane/connections')
    this.#connect = sim.payloadHandler<Reconnection>('control-plane/connect', (again) => this.#onTry(again))
    servers.onChange(({ replica, isUp, connections }) => {
      // Without any server all are cut off as it is.
      if (servers.running.length === 0) this.#areAllLost = true
      else if (this.#areAllLost) this.#reconnect()
      else if (!isUp) this.#lose(replica, connections)
    })
  }

  /** Servers run again after none did: all kubelets find those. */
  #reconnect(): void {
    this.#areAllLost = false
    for (let index = 0; index < this.#api.nodeRows.used; index++) {
      this.#serverOf[index] = this.#drawn(this.#servers.running)
    }
  }

  #drawn(servers: readonly number[]): number {
    return servers[this.#stream.integer(servers.length)] ?? 0
  }

  #lose(replica: number, connections: LostConnections): void {
    const ran = [...this.#servers.running, replica].sort((one, other) => one - other)
    const unnoticed = connections === 'silent' ? SILENCE_MAX : 0
    for (let index = 0; index < this.#api.nodeRows.used; index++) {
      const server = (this.#serverOf[index] ??= this.#drawn(ran))
      if (server !== replica) continue
      const row = index as NodeRow
      this.#machines.begin(row, 'cutOff', CAUSE)
      const at = this.#sim.now + unnoticed + retryWait(0, this.#stream)
      this.#sim.atWith(at, this.#connect, { row, failures: 1 })
    }
  }

  #onTry({ row, failures }: Reconnection): void {
    const { running } = this.#servers
    const server = running[this.#stream.integer(Math.max(1, running.length))]
    if (server === undefined) {
      const at = this.#sim.now + retryWait(failures, this.#stream)
      this.#sim.atWith(at, this.#connect, { row, failures: failures + 1 })
      return
    }
    this.#serverOf[row] = server
    this.#machines.end(row, 'cutOff', CAUSE)
  }
}
