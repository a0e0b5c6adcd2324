import type { ApiServer } from '../cluster/api-server.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import { RequestServer } from '../cluster/request-server.ts'
import type { Led } from '../controllers/leader-election.ts'
import type { Simulation } from '../engine/simulation.ts'
import { EtcdDisks } from '../failure/control-plane/etcd-disks.ts'
import { ETCD_DEFAULTS } from '../failure/control-plane/etcd.ts'
import type { EtcdOptions } from '../failure/control-plane/etcd.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Machines } from '../node/machine.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { ControlPlaneSetting, EtcdSetting } from '../scenario/control-plane.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { startControllers } from './build-controllers.ts'
import { ControlPlane } from './control-plane.ts'

/** What of a run the control plane is made around. */
interface GivenParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly scheduler: Led
  /** Kinds of the objects that the run has, or will have. */
  readonly kinds: ReadonlySet<string>
  readonly cloud: CloudApi
  /** Writes a line of events.csv. */
  readonly note: (event: ReportedEvent) => void
}

/** Starts the controllers that a run needs, and makes the control plane that leads them and its scheduler. */
export function buildControlPlane(
  { sim, api, machines, scheduler, kinds, cloud, note }: GivenParts,
  scenario: Scenario,
): { readonly owned: OwnedPods | undefined; readonly controlPlane: ControlPlane } {
  const disks = new EtcdDisks(scenario.controlPlane.etcd.fsync ?? ETCD_DEFAULTS.fsync)
  const etcd = etcdOptions(scenario.controlPlane.etcd, disks)
  startRequests(api, scenario.controlPlane, { etcd, disks })
  const { owned, controllers } = startControllers(sim, api, kinds, { ...scenario, cloud })
  const controlPlane = new ControlPlane({
    sim,
    api,
    machines,
    size: scenario.controlPlane.apiServers,
    etcd,
    disks,
    note,
  })
  controlPlane.lead('kube-scheduler', [scheduler])
  controlPlane.lead('kube-controller-manager', controllers)
  if (controllers.length > 0) controlPlane.election('kube-controller-manager')
  return { owned, controlPlane }
}

/** Has writes take seats and time, where the scenario says so. */
function startRequests(
  api: ApiServer,
  { requests, apiServers }: ControlPlaneSetting,
  { etcd, disks }: { readonly etcd: EtcdOptions; readonly disks: EtcdDisks },
): void {
  if (requests === undefined) return
  const stream = api.sim.random.stream('etcd/writes')
  api.requests = new RequestServer(api, {
    seats: (requests.maxRequestsInflight + requests.maxMutatingRequestsInflight) * apiServers,
    latency: () => requests.processing + disks.commitTime(etcd.members, etcd.roundTrip, stream),
  })
}

function etcdOptions(setting: EtcdSetting, { fsync }: EtcdDisks): EtcdOptions {
  const {
    members,
    heartbeat = ETCD_DEFAULTS.heartbeat,
    electionTimeout = ETCD_DEFAULTS.electionTimeout,
    roundTrip = ETCD_DEFAULTS.roundTrip,
  } = setting
  return { members, heartbeat, electionTimeout, roundTrip, fsync }
}
