import type { ApiServer } from '../cluster/api-server.ts'
import type { PodRow } from '../cluster/rows.ts'
import { AttachDetach } from '../controllers/attach-detach.ts'
import { CloudNodeLifecycle } from '../controllers/cloud-node-lifecycle.ts'
import type { Led } from '../controllers/leader-election.ts'
import { MachineHealthCheck } from '../controllers/machine-health-check.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { NodeReplacements } from '../failure/node-replacement.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { Machines } from '../node/machine.ts'
import type { ReportedEvent } from '../report/sources.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** Kinds with which pods may have volumes that have to be attached. */
const VOLUME_KINDS = ['PersistentVolumeClaim', 'PersistentVolume', 'StatefulSet']

/** What the controllers of nodes and their volumes work on. */
export interface NodeRepairParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly kubelets: Kubelets
  readonly cloud: CloudApi
  readonly replacements: NodeReplacements
  /** Kinds of the objects that the run has, or will have. */
  readonly kinds: ReadonlySet<string>
  readonly note: (event: ReportedEvent) => void
  /** Hears of a pod that waits for its volumes on its node, and that it has them. */
  readonly awaited: (pod: PodRow, waits: boolean) => void
}

/**
 * Starts what looks after nodes besides kube-controller-manager's own controllers: the cloud's node lifecycle, the attachment of volumes,
 * and the repair of machines if the scenario has it, which rest while the API server takes no writes. Returns what kube-controller-manager does of it while it leads.
 */
export function buildNodeRepair(parts: NodeRepairParts, scenario: Scenario): readonly Led[] {
  const { sim, api, machines, kubelets, kinds, note, awaited } = parts
  const others: Led[] = [new CloudNodeLifecycle(sim, api, machines, scenario.cloud)]
  if (scenario.repair !== undefined) others.push(startRepair(parts, scenario.repair))
  api.availability.watch('node-repair', (takesWrites) => {
    for (const one of others) one.setPaused(!takesWrites)
  })
  if (!VOLUME_KINDS.some((kind) => kinds.has(kind))) return []
  const cloud = attachesByCalls(scenario) ? parts.cloud : undefined
  const heard = (event: Omit<ReportedEvent, 'kind'>): void => note({ kind: 'Volume', ...event })
  return [new AttachDetach({ sim, api, machines, kubelets, cloud, heard, awaited }, scenario.attachments)]
}

/** Whether something is said of the cloud, or of its failures, that bears on attachments; else they take no time. */
function attachesByCalls({ cloud: { latencies, qps }, failures }: Scenario): boolean {
  const isThrottled = failures.some(({ kind }) => kind === 'cloudThrottling')
  return (
    isThrottled ||
    qps !== undefined ||
    latencies.attachVolume !== undefined ||
    latencies.detachVolume !== undefined
  )
}

function startRepair(
  { sim, api, machines, replacements, note }: NodeRepairParts,
  { unhealthyConditions, ...setting }: NonNullable<Scenario['repair']>,
): Led {
  const stream = sim.random.stream('machine-health-check/replace')
  return new MachineHealthCheck(
    {
      sim,
      api,
      machines,
      replace: (row, node, after) => replacements.replace(row, { after: () => after, stream, node }),
      isReplaced: (row) => replacements.isReplaced(row),
      repaired: ({ node, step, message }) =>
        note({ kind: 'Repair', object: node, node, reason: step, message }),
    },
    { ...setting, ...(unhealthyConditions === undefined ? {} : { unhealthyConditions }) },
  )
}
