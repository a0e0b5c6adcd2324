import { computeZoneState, taintingRate } from '../../controllers/zone-state.ts'
import { logicFamily } from '../family.ts'

interface ZoneInput {
  /** Status of the Ready condition of each node of a zone; `nil` without the condition. */
  readonly ready?: readonly string[] | null
  readonly unhealthyZoneThreshold: string
  readonly evictionLimiterQPS: string
  readonly secondaryEvictionLimiterQPS: string
  readonly largeClusterThreshold: number
}

/** The state of a zone and the rates of tainting in it: the node lifecycle controller. */
export const nodeLifecycle = logicFamily<ZoneInput>('node-lifecycle', (input) => {
  const nodes = input.ready ?? []
  const notReady = nodes.filter((status) => status !== 'True').length
  const rates = {
    evictionRate: Number(input.evictionLimiterQPS),
    secondaryEvictionRate: Number(input.secondaryEvictionLimiterQPS),
    largeZone: input.largeClusterThreshold,
  }
  return {
    notReady,
    state: computeZoneState(nodes.length - notReady, notReady, Number(input.unhealthyZoneThreshold)),
    healthyQPS: String(taintingRate('Normal', nodes.length, rates)),
    reducedQPS: String(taintingRate('PartialDisruption', nodes.length, rates)),
  }
})
