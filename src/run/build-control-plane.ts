import type { ApiServer } from '../cluster/api-server.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import type { Led } from '../controllers/leader-election.ts'
import type { Simulation } from '../engine/simulation.ts'
import { ETCD_DEFAULTS } from '../failure/control-plane/etcd.ts'
import type { EtcdOptions } from '../failure/control-plane/etcd.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Machines } from '../node/machine.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { EtcdSetting } from '../scenario/control-plane.ts'
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
  const { owned, controllers } = startControllers(sim, api, kinds, { ...scenario, cloud })
  const controlPlane = new ControlPlane({
    sim,
    api,
    machines,
    size: scenario.controlPlane.apiServers,
    etcd: etcdOptions(scenario.controlPlane.etcd),
    note,
  })
  controlPlane.lead('kube-scheduler', [scheduler])
  controlPlane.lead('kube-controller-manager', controllers)
  if (controllers.length > 0) controlPlane.election('kube-controller-manager')
  return { owned, controlPlane }
}

function etcdOptions(setting: EtcdSetting): EtcdOptions {
  const {
    members,
    heartbeat = ETCD_DEFAULTS.heartbeat,
    electionTimeout = ETCD_DEFAULTS.electionTimeout,
    roundTrip = ETCD_DEFAULTS.roundTrip,
    fsync = ETCD_DEFAULTS.fsync,
  } = setting
  return { members, heartbeat, electionTimeout, roundTrip, fsync }
}
