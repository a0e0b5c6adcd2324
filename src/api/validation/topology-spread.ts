import type { TopologySpreadConstraint } from '../types.generated.ts'
import { text, whole } from './absent.ts'
import { duplicate, invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLabelKeys } from './label-keys.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { supported } from './legacy-volumes.ts'

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']
const POLICIES = ['Honor', 'Ignore']

/** Spreading of pods. Source: Kubernetes v1.37, core/validation `validateTopologySpreadConstraints`. */
export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: string,
): FieldErrors {
  return constraints.flatMap((constraint, index) => {
    const place = `${path}[${index}]`
    return [
      ...ownErrors(constraint, place),
      ...repeatErrors(constraint, constraints.slice(index + 1), place),
      ...validateLabelKeys(constraint, place),
      ...validateLabelSelector(constraint.labelSelector, `${place}.labelSelector`),
    ]
  })
}

function ownErrors(constraint: TopologySpreadConstraint, path: string): FieldErrors {
  const { maxSkew, topologyKey, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy } = constraint
  const action = text(whenUnsatisfiable)
  const isKnown = ACTIONS.includes(action)
  return [
    ...positive(whole(maxSkew), `${path}.maxSkew`),
    ...(text(topologyKey) === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...(isKnown ? [] : [notSupported(`${path}.whenUnsatisfiable`, action, ACTIONS)]),
    ...minDomainsErrors(constraint.minDomains, action, `${path}.minDomains`),
    ...supported(nodeAffinityPolicy, POLICIES, `${path}.nodeAffinityPolicy`),
    ...supported(nodeTaintsPolicy, POLICIES, `${path}.nodeTaintsPolicy`),
  ]
}

function positive(value: number, path: string): FieldErrors {
  return value > 0 ? [] : [invalid(path, value, 'must be greater than zero')]
}

function minDomainsErrors(minDomains: number | undefined, action: string, path: string): FieldErrors {
  if (minDomains === undefined) return []
  const needed = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [
    ...positive(minDomains, path),
    ...(action === 'DoNotSchedule' ? [] : [invalid(path, minDomains, needed)]),
  ]
}

/** A constraint is known by its key and what happens when it cannot be met. */
function repeatErrors(
  { topologyKey, whenUnsatisfiable }: TopologySpreadConstraint,
  others: readonly TopologySpreadConstraint[],
  path: string,
): FieldErrors {
  const isRepeated = others.some(
    (other) =>
      text(other.topologyKey) === text(topologyKey) &&
      text(other.whenUnsatisfiable) === text(whenUnsatisfiable),
  )
  if (!isRepeated) return []
  const place = `${path}.{topologyKey, whenUnsatisfiable}`
  return [duplicate(place, `{${text(topologyKey)}, ${text(whenUnsatisfiable)}}`)]
}
