import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../types.generated.ts'
import { entriesOf, items, text } from './absent.ts'
import { invalid, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct, listValue } from './go-shapes.ts'
import { isStandardQuotaResource } from './resource-names.ts'

const EXISTING = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity']
const SCOPES: ReadonlySet<string> = new Set([...EXISTING, 'PriorityClass', 'VolumeAttributesClass'])
const PAIRS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const POD_RESOURCES: ReadonlySet<string> = new Set(['pods', ...COMPUTE])
const CLAIM_RESOURCES: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage'])

/**
 * Which objects a quota counts.
 *
 * Source: Kubernetes v1.37, core/validation `validateResourceQuotaScopes`, `validateScopeSelector`.
 */
export function validateQuotaScopes(spec: ResourceQuotaSpec): FieldErrors {
  return [...scopeErrors(spec, 'spec.scopes'), ...selectorErrors(spec, 'spec.scopeSelector.matchExpressions')]
}

/**
 * Resources of the quota that a scope says nothing of.
 *
 * Source: core/helper `IsResourceQuotaScopeValidForResource`.
 */
function unfitResources(scope: string, { hard }: ResourceQuotaSpec): readonly string[] {
  const names = entriesOf(hard).map(([name]) => name)
  return names.filter((name) => isStandardQuotaResource(name) && !isFit(scope, name))
}

function isFit(scope: string, resource: string): boolean {
  switch (scope) {
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return (
        POD_RESOURCES.has(resource) ||
        resource.includes('hugepages-') ||
        resource.includes('ephemeral-storage')
      )
    case 'BestEffort':
      return resource === 'pods'
    case 'VolumeAttributesClass':
      return CLAIM_RESOURCES.has(resource)
    default:
      return true
  }
}

function scopeErrors(spec: ResourceQuotaSpec, path: string): FieldErrors {
  const scopes = items(spec.scopes)
  const value = listValue(scopes)
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.has(scope) ? [] : [invalid(path, value, 'unsupported scope')]),
      ...unfitResources(scope, spec).map(() => invalid(path, value, 'unsupported scope applied to resource')),
    ]),
    ...conflictErrors(scopes, spec, path),
  ]
}

function conflictErrors(names: readonly string[], spec: ResourceQuotaSpec, path: string): FieldErrors {
  return PAIRS.filter((pair) => pair.every((scope) => names.includes(scope))).map(() =>
    invalid(path, listValue(spec.scopes), 'conflicting scopes'),
  )
}

function selectorErrors(spec: ResourceQuotaSpec, path: string): FieldErrors {
  const { scopeSelector } = spec
  if (scopeSelector === undefined) return []
  const requirements = items(scopeSelector.matchExpressions)
  const value = goStruct('ScopeSelector', scopeSelector)
  return [
    ...requirements.flatMap((requirement) => {
      const scope = text(requirement.scopeName)
      return [
        ...(SCOPES.has(scope) ? [] : [invalid(`${path}.scopeName`, { json: scope }, 'unsupported scope')]),
        ...unfitResources(scope, spec).map(() =>
          invalid(path, value, 'unsupported scope applied to resource'),
        ),
        ...requirementErrors(requirement, path),
      ]
    }),
    ...conflictErrors(
      requirements.map(({ scopeName }) => scopeName),
      spec,
      path,
    ),
  ]
}

const EXISTS_ONLY =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ' +
  'ResourceQuotaScopeCrossNamespacePodAffinity'

function requirementErrors(
  requirement: Partial<ScopedResourceSelectorRequirement>,
  path: string,
): FieldErrors {
  const { scopeName = '', operator = '' } = requirement
  const values = items(requirement.values)
  const place = `${path}.operator`
  const isMisused = EXISTING.includes(scopeName) && operator !== 'Exists'
  const misuse = isMisused ? [invalid(place, { json: operator }, EXISTS_ONLY)] : []
  switch (operator) {
    case 'In':
    case 'NotIn': {
      const needed = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
      return [...misuse, ...(values.length === 0 ? [required(`${path}.values`, needed)] : [])]
    }
    case 'Exists':
    case 'DoesNotExist': {
      const none = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
      return [...misuse, ...(values.length === 0 ? [] : [invalid(`${path}.values`, listValue(values), none)])]
    }
    default:
      return [...misuse, invalid(place, { json: operator }, 'not a valid selector operator')]
  }
}
