import type { ApiServer } from '../cluster/api-server.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { returnDelay } from '../cluster/retry-wait.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { LeaderElection } from '../controllers/leader-election.ts'
import type { Led } from '../controllers/leader-election.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { ApiServers } from '../failure/control-plane/api-servers.ts'
import type { EtcdDisks } from '../failure/control-plane/etcd-disks.ts'
import { Etcd } from '../failure/control-plane/etcd.ts'
import { KubeletConnections } from '../failure/control-plane/kubelet-connections.ts'
import type { EtcdOptions } from '../failure/control-plane/etcd.ts'
import type { Machines } from '../node/machine.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { ElectedComponent } from '../scenario/failures/leader-loss.ts'

/** What the control plane of a run consists of. */
export interface ControlPlaneParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  /** Machines that it runs on: each has a process of each component. */
  readonly size: number
  readonly etcd: EtcdOptions
  readonly disks: EtcdDisks
  /** Writes a line of events.csv. */
  readonly note: (event: ReportedEvent) => void
}

/** What cuts kubelets off while the API server takes no writes. */
const CAUSE = 'api-server'

/**
 * How long an API server waits for etcd before it gives a write up: a wait that is shorter nobody notices who asked for it. etcd v3.6,
 * server/config `ReqTimeout`: 5 s, and two election time-outs.
 */
const REQUEST_TIMEOUT: Micros = 7 * SECOND

/** End of an outage for a kubelet; of an earlier one when another has begun since. */
interface KubeletReturn {
  readonly row: NodeRow
  readonly outage: number
}

/**
 * The processes of the control plane: who leads, and what becomes of all that need the API server while it takes no writes. Leaders rest, and
 * lose their leases when it lasts; kubelets are cut off, and come back one by one, each when its next try is due.
 *
 * Nothing of it is there, or costs anything, before it is asked for.
 */
export class ControlPlane {
  readonly #parts: ControlPlaneParts
  readonly #led: Readonly<Record<ElectedComponent, Led[]>> = {
    'kube-scheduler': [],
    'kube-controller-manager': [],
  }
  readonly #elections = new Map<ElectedComponent, LeaderElection>()
  readonly #reached: PayloadHandler<KubeletReturn>
  #apiServers: ApiServers | undefined
  #etcd: Etcd | undefined
  #isFollowing = false
  #outages = 0
  #outageAt = 0

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts
    this.#reached = parts.sim.payloadHandler<KubeletReturn>('control-plane/kubelet', ({ row, outage }) => {
      if (outage === this.#outages) parts.machines.end(row, 'cutOff', CAUSE)
    })
  }

  /** Machines that it runs on. */
  get size(): number {
    return this.#parts.size
  }

  /** The disks that etcd writes to. */
  get disks(): EtcdDisks {
    return this.#parts.disks
  }

  /** The election of a component, which has its first leader when it is asked for first. */
  election(component: ElectedComponent): LeaderElection {
    let election = this.#elections.get(component)
    if (election === undefined) {
      const options = { name: component, candidates: this.#parts.size }
      election = new LeaderElection(this.#parts, this.#led[component], options)
      election.onChange((leader) => {
        if (leader === undefined) this.#note('LeaderLost', component)
        else this.#note('LeaderElected', component, leader)
      })
      this.#elections.set(component, election)
    }
    return election
  }

  /** More that a component does while it leads. */
  lead(component: ElectedComponent, led: readonly Led[]): void {
    this.#led[component].push(...led)
    this.#elections.get(component)?.lead(led)
  }

  /** The API servers, which all that need them follow from now on. */
  apiServers(): ApiServers {
    this.#follow()
    return (this.#apiServers ??= this.#startServers())
  }

  /** What the API servers store in; all that need them follow from now on whether it takes writes. */
  etcd(): Etcd {
    this.#follow()
    return (this.#etcd ??= this.#startEtcd())
  }

  /** From now on all that need the API server follow whether it takes writes. */
  #follow(): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    const elections = [this.election('kube-scheduler'), this.election('kube-controller-manager')]
    const { availability } = this.#parts.api
    availability.watch('control-plane', (takesWrites) => {
      const reasons = availability.causes
      for (const election of elections) election.setOutage(!takesWrites)
      if (takesWrites) this.#letKubeletsReturn()
      else this.#cutKubeletsOff()
      this.#note(takesWrites ? 'WritesTaken' : 'WritesStopped', 'kube-apiserver', reasons.join(' '))
    })
  }

  /**
   * Each scheduler and controller manager talks to the API server of its own machine, and to no other (kubeadm v1.37, phases/kubeconfig
   * `getKubeConfigSpecs`: `LocalAPIEndpoint`); kubelets to any.
   */
  #startServers(): ApiServers {
    const { sim, api, machines, size } = this.#parts
    const servers = new ApiServers(sim, api.availability, size)
    servers.onChange(({ replica, isUp }) => {
      for (const election of this.#elections.values()) election.setCutOff(replica, !isUp)
    })
    new KubeletConnections(sim, api, machines, servers)
    return servers
  }

  /** Kubelets that are cut off are so no longer, without waiting for their next try. */
  reachKubelets(): void {
    const { api, machines } = this.#parts
    for (let index = 0; index < api.nodeRows.used; index++) machines.end(index as NodeRow, 'cutOff', CAUSE)
  }

  #startEtcd(): Etcd {
    const { sim, api, etcd: options } = this.#parts
    const etcd = new Etcd(sim, api.availability, options)
    etcd.onLeader((leader) => {
      if (leader === undefined) this.#note('LeaderLost', 'etcd')
      else this.#note('LeaderElected', 'etcd', `etcd-${leader + 1}`)
    })
    return etcd
  }

  #note(kind: string, object: string, reason = ''): void {
    this.#parts.note({ kind, object, node: '', reason, message: '' })
  }

  #cutKubeletsOff(): void {
    const { api, machines, sim } = this.#parts
    this.#outages += 1
    this.#outageAt = sim.now
    for (let index = 0; index < api.nodeRows.used; index++) machines.begin(index as NodeRow, 'cutOff', CAUSE)
  }

  #letKubeletsReturn(): void {
    const { api, sim } = this.#parts
    const stream = sim.random.stream('control-plane/kubelets')
    const lasted = sim.now - this.#outageAt
    const isShort = lasted < REQUEST_TIMEOUT && this.#apiServers?.hasBeenDownSince(this.#outageAt) !== true
    for (let index = 0; index < api.nodeRows.used; index++) {
      const kubelet = { row: index as NodeRow, outage: this.#outages }
      sim.atWith(sim.now + (isShort ? 0 : returnDelay(lasted, stream)), this.#reached, kubelet)
    }
  }
}
