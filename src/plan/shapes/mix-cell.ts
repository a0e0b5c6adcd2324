import { podRequests } from '../../api/resources.ts'
import type { Node } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { claimedDevices } from '../packing/claimed-devices.ts'
import { withoutDaemonRoom } from '../packing/daemon-room.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'
import type { PricedShape } from './choose-shapes.ts'
import { SHAPE_LABEL, objectsWith, slicesOf } from './node-devices.ts'
import type { DeviceTemplate } from './node-devices.ts'
import { nodesOfMix, sourcesOf } from './shape-mix.ts'
import type { ShapeMix, ShapeNodeSetting } from './shape-mix.ts'

/** What a mix is tried with. */
export interface CellSetting extends ShapeNodeSetting {
  readonly scenario: Scenario
  readonly workload: StaticWorkload
  /** Devices that nodes which are tried have. */
  readonly devices: readonly DeviceTemplate[]
}

/** The nodes of a mix with room for pods that are no daemons, and the workload with the devices of these nodes. */
export function cellOfMix(
  mix: ShapeMix,
  setting: CellSetting,
): { readonly nodes: readonly Node[]; readonly workload: StaticWorkload } {
  const { scenario, workload, devices } = setting
  const nodes = nodesOfMix(mix, setting, scenario)
  const objects = objectsWith(workload, slicesOf(nodes, devices))
  return { nodes: withoutDaemonRoom(nodes, workload.daemonSets), workload: { ...workload, objects } }
}

/** The scenario on the nodes of a mix and their devices. */
export function scenarioOfMix(mix: ShapeMix, setting: CellSetting): Scenario {
  const { scenario, devices } = setting
  const slices = devices.length === 0 ? [] : slicesOf(nodesOfMix(mix, setting, scenario), devices)
  const objects = [...scenario.objects, ...slices.map((slice) => ({ ...slice }))]
  return { ...scenario, nodes: sourcesOf(mix, setting), objects }
}

/** Throws `InputError` where pods claim devices, and no node of the shapes has any, nor are there others in the network. */
export function requireDevices(setting: CellSetting, shapes: readonly PricedShape[]): void {
  const { nodes, workload } = cellOfMix(
    shapes.map((shape) => ({ shape, count: 1 })),
    setting,
  )
  if (workload.objects.some(({ kind }) => kind === 'ResourceSlice')) return
  const { delegated } = claimedDevices(workload.objects)
  const offered = new Set(nodes.flatMap(({ status }) => Object.keys(status?.allocatable ?? {})))
  const claiming = workload.templates.map(({ spec }) => {
    const asked = [...podRequests({ spec }).scalars.keys()]
    const isClaim = (spec.resourceClaims ?? []).length > 0
    return isClaim || asked.some((name) => delegated.has(name) && !offered.has(name))
  })
  const pod = workload.pods.find(({ template }) => claiming[template] === true)
  if (pod === undefined) return
  throw new InputError({
    field: '--devices',
    message: `is missing: pod ${pod.name} claims devices, and none of the shapes is known to have any`,
    hint: `give a file of ResourceSlices whose spec.nodeSelector selects by ${SHAPE_LABEL}, or have a node with that label and its slices in the scenario`,
  })
}
