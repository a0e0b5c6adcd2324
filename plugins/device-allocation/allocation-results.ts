import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NodeSelector,
  NodeSelectorRequirement,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import { AllocationError } from './allocation-error.ts'
import { consumedCapacity } from './device-capacity.ts'
import { claimName, resultName } from './device-requests.ts'
import type { RequestData } from './device-requests.ts'
import type { ChosenDevice, ClaimSolution } from './device-search.ts'

/**
 * The allocation as the claim's status says it: devices, configuration, and the nodes from which they can be used.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `Allocate`, the end of it.
 */
export function allocationOf(
  { claim, devices, requests }: ClaimSolution,
  nodeName: string,
): AllocationResult {
  const config = configurationOf(claim, requests)
  const nodeSelector = nodeSelectorOf(devices, nodeName)
  return {
    devices: {
      results: devices.map((chosen, place) => resultOf(chosen, claim, place)),
      ...(config.length === 0 ? {} : { config }),
    },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  }
}

/** Throws `AllocationError` when it cannot be said from which nodes the devices of a solution can be used. */
export function checkNodeSelector({ devices }: ClaimSolution): void {
  nodeSelectorOf(devices, '')
}

function resultOf(chosen: ChosenDevice, claim: ResourceClaim, place: number): DeviceRequestAllocationResult {
  const { device, request, consumed } = chosen
  const { bindingConditions, bindingFailureConditions } = device.device
  const { tolerations } = request
  // Where the real one draws a random identifier, the claim and the place in it do as well.
  const shareID = `${claim.metadata?.uid ?? claimName(claim)}-${place}`
  return {
    request: resultName(request),
    driver: device.slice.driver,
    pool: device.slice.pool,
    device: device.device.name,
    ...(request.adminAccess ? { adminAccess: true } : {}),
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(bindingConditions === undefined ? {} : { bindingConditions }),
    ...(bindingFailureConditions === undefined ? {} : { bindingFailureConditions }),
    ...(consumed === undefined ? {} : { shareID, consumedCapacity: consumedCapacity(device, consumed) }),
  }
}

/** Configurations of the classes, each class once, then those of the claim; without `requests` they are for all. */
function configurationOf(
  claim: ResourceClaim,
  requests: readonly RequestData[],
): readonly DeviceAllocationConfiguration[] {
  const configurations: { requests: string[]; rest: Omit<DeviceAllocationConfiguration, 'requests'> }[] = []
  const byClass = new Map<string, typeof configurations>()
  for (const request of requests) {
    const className = request.deviceClass.metadata?.name ?? ''
    const known = byClass.get(className)
    if (known !== undefined) {
      for (const configuration of known) configuration.requests.push(resultName(request))
      continue
    }
    const made = (request.deviceClass.spec?.config ?? []).map((configuration) => ({
      requests: [resultName(request)],
      rest: { source: 'FromClass', ...configuration },
    }))
    byClass.set(className, made)
    configurations.push(...made)
  }
  for (const { requests: names = [], ...configuration } of claim.spec?.devices?.config ?? []) {
    const rest = { source: 'FromClaim', ...configuration }
    if (names.length === 0) configurations.push({ requests: [], rest })
    for (const request of requests) {
      const isMeant = names.includes(request.parent ?? request.name) || names.includes(resultName(request))
      if (isMeant) configurations.push({ requests: [...names], rest })
    }
  }
  return configurations.map(({ requests: names, rest }) => {
    return names.length === 0 || names.length === requests.length ? rest : { ...rest, requests: names }
  })
}

/** The node itself when one of the devices is local to it; else what the slices ask of nodes, all together. */
function nodeSelectorOf(devices: readonly ChosenDevice[], nodeName: string): NodeSelector | undefined {
  const fields: NodeSelectorRequirement[] = []
  const expressions: NodeSelectorRequirement[] = []
  for (const { device } of devices) {
    const choice = device.slice.selectsByDevice ? device.device : device.slice.slice.spec
    if (choice.nodeName !== undefined || device.device.bindsToNode === true) {
      const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }]
      return { nodeSelectorTerms: [{ matchFields }] }
    }
    const terms = choice.nodeSelector?.nodeSelectorTerms ?? []
    if (terms.length > 1) {
      throw new AllocationError(`unsupported ResourceSlice.NodeSelector with ${terms.length} terms`)
    }
    addMissing(fields, terms[0]?.matchFields ?? [])
    addMissing(expressions, terms[0]?.matchExpressions ?? [])
  }
  if (fields.length + expressions.length === 0) return undefined
  const term = {
    ...(fields.length === 0 ? {} : { matchFields: fields }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  }
  return { nodeSelectorTerms: [term] }
}

function addMissing(all: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[]): void {
  const textOf = ({ key, operator, values = [] }: NodeSelectorRequirement): string =>
    JSON.stringify([key, operator, [...new Set(values)].sort()])
  for (const requirement of more) {
    if (!all.some((other) => textOf(other) === textOf(requirement))) all.push(requirement)
  }
}
