import type { Node } from '../../api/types.generated.ts'
import { Simulation } from '../../engine/simulation.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { bytesText, milliText } from '../../api/quantity.ts'
import { buildNodes } from '../../run/build-nodes.ts'
import { evictionThresholds } from '../../run/node-pressure.ts'
import type { NodeSource, Scenario } from '../../scenario/scenario.ts'
import type { PricedShape } from './choose-shapes.ts'

/** So many nodes of a shape. */
export interface ShapeCount {
  readonly shape: PricedShape
  readonly count: number
}

/** Nodes of some shapes. */
export type ShapeMix = readonly ShapeCount[]

/** What nodes of shapes have besides their size. */
export interface ShapeNodeSetting {
  /** Zones that the nodes of each shape go to in turn. */
  readonly zones: number
  /** What is held back from pods on each node, by resource; undefined: pods get all. */
  readonly reserved: Readonly<Record<string, string>> | undefined
}

/** Hours in a month as clouds count them: 365 days of 24 hours, by 12. */
const HOURS_A_MONTH = 730

/** US dollars an hour. */
export function hourlyCost(mix: ShapeMix): number {
  return mix.reduce((sum, { shape, count }) => sum + shape.price * count, 0)
}

/** US dollars a month of 730 hours. */
export function monthlyCost(hourly: number): number {
  return hourly * HOURS_A_MONTH
}

/** Words for a mix: `3 m5.large + 1 m5.xlarge`. */
export function mixText(mix: ShapeMix): string {
  const words = mix.filter(({ count }) => count > 0).map(({ shape, count }) => `${count} ${shape.name}`)
  return words.length === 0 ? 'no nodes' : words.join(' + ')
}

/** Node templates of a mix, with the labels that clouds give their nodes. */
export function sourcesOf(mix: ShapeMix, { zones, reserved }: ShapeNodeSetting): readonly NodeSource[] {
  const names = Array.from({ length: zones }, (_, index) => `zone-${String.fromCharCode(97 + index)}`)
  return mix
    .filter(({ count }) => count > 0)
    .map(({ shape, count }): NodeSource => {
      const { cpu, memory, pods, gpus, name, architecture, price } = shape
      const size = `${milliText(cpu)}:${bytesText(memory)}:${pods}`
      return {
        kind: 'template',
        shape: `${count}x${size}${gpus === 0 ? '' : `:gpu=${gpus}`}`,
        namePrefix: name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-'),
        labels: {
          'node.kubernetes.io/instance-type': name,
          'kubernetes.io/arch': architecture,
          'beta.kubernetes.io/arch': architecture,
        },
        taints: [],
        zones: names,
        pricePerHour: price,
        room: { ...NO_ROOM, kubeReserved: reserved },
      }
    })
}

const NO_ROOM = {
  disk: undefined,
  inodes: undefined,
  imageDisk: undefined,
  imageInodes: undefined,
  pids: undefined,
  systemReserved: undefined,
}

/** The nodes of a mix, as a run of the scenario has them. */
export function nodesOfMix(mix: ShapeMix, setting: ShapeNodeSetting, scenario: Scenario): readonly Node[] {
  const api = new ApiServer(new Simulation({ seed: scenario.seed }), [])
  return buildNodes(api, sourcesOf(mix, setting), evictionThresholds(scenario.eviction))
}
