import { formatQuantity } from '../quantity.ts'
import { aggregateLimits, aggregateRequests, listTexts } from '../resources.ts'
import type { PodSpec, ResourceRequirements } from '../types.generated.ts'
import { entriesOf, items, text } from './absent.ts'
import { amountOf, amountText, compareAmounts, isWholePages, validateAmount } from './amounts.ts'
import { duplicate, forbidden, invalid, invalidEach, notFound, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { dns1123Label } from './names.ts'
import {
  isHugePages,
  isOvercommitAllowed,
  validateContainerResourceName,
  validatePodResourceName,
} from './resource-names.ts'

type NameCheck = (name: string, path: string) => FieldErrors

/**
 * Requests, limits and claims of a container.
 *
 * Source: Kubernetes v1.37, core/validation `validateResourceRequirements`.
 */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldErrors {
  return requirementErrors(resources ?? {}, validateContainerResourceName, claimNames, path)
}

function requirementErrors(
  resources: ResourceRequirements,
  checkName: NameCheck,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldErrors {
  const names = [...entriesOf(resources.limits), ...entriesOf(resources.requests)].map(([name]) => name)
  const needsMore = names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')
  return [
    ...entriesOf(resources.limits).flatMap(([name, amount]) =>
      amountErrors(name, amount, checkName, `${path}.limits[${name}]`),
    ),
    ...entriesOf(resources.requests).flatMap(([name, amount]) => [
      ...amountErrors(name, amount, checkName, `${path}.requests[${name}]`),
      ...limitErrors(name, resources, path),
    ]),
    ...(needsMore ? [forbidden(path, 'HugePages require cpu or memory')] : []),
    ...claimErrors(items(resources.claims), claimNames, `${path}.claims`),
  ]
}

function amountErrors(
  name: string,
  amount: string | number,
  checkName: NameCheck,
  path: string,
): FieldErrors {
  const shown = amountText(amount)
  const isUneven = isHugePages(name) && !isWholePages(name, amount)
  return [
    ...checkName(name, path),
    ...validateAmount(name, amount, path),
    ...(isUneven ? [invalid(path, shown, `${shown} is not positive integer multiple of ${name}`)] : []),
  ]
}

/** Requests are at most limits; those of resources that cannot be overcommitted are equal to them. */
function limitErrors(name: string, { requests, limits }: ResourceRequirements, path: string): FieldErrors {
  const request = requests?.[name]
  const limit = limits?.[name]
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return []
    return [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareAmounts(request, limit)
  const shown = amountText(request)
  if (order !== 0 && !isOvercommitAllowed(name)) {
    return [invalid(`${path}.requests`, shown, `must be equal to ${name} limit of ${amountText(limit)}`)]
  }
  if (order <= 0) return []
  return [
    invalid(`${path}.requests`, shown, `must be less than or equal to ${name} limit of ${amountText(limit)}`),
  ]
}

interface NamedClaim {
  readonly name?: string
  readonly request?: string
}

/** Claims refer to those of the pod, each once: as a whole, or by request. */
function claimErrors(
  claims: readonly NamedClaim[],
  claimNames: ReadonlySet<string>,
  path: string,
): FieldErrors {
  const seen = new Set<string>()
  return claims.flatMap(({ name = '', request = '' }, index) => {
    const place = `${path}[${index}]`
    if (name === '') return [required(place)]
    const errors = [...repeatedClaimErrors(name, request, seen, place)]
    if (!claimNames.has(name)) {
      const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].toSorted().join(', ')}`
      errors.push(notFound(place, name, `must be one of the names in pod.spec.resourceClaims${known}`))
    }
    return errors
  })
}

function repeatedClaimErrors(name: string, request: string, seen: Set<string>, path: string): FieldErrors {
  if (seen.has(name)) return [duplicate(path, name)]
  const key = request === '' ? name : `${name}/${request}`
  const named = request === '' ? [] : invalidEach(`${path}.request`, request, dns1123Label(request))
  const overlaps =
    request === '' ? [...seen].filter((other) => other.includes('/') && other.startsWith(`${name}/`)) : []
  const repeated = seen.has(key) ? [duplicate(path, key)] : overlaps.map(() => duplicate(path, name))
  seen.add(key)
  return [...named, ...repeated]
}

/**
 * Resources of the pod as a whole: at least what its containers request together, at least each limit of
 * theirs. What the pod does not set is filled in later, on admission.
 *
 * Source: Kubernetes v1.37, core/validation `validatePodResources` and `validatePodResourceConsistency`.
 */
export function validatePodResources(
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldErrors {
  const { resources } = spec
  if (resources === undefined) return []
  if (spec.os?.name === 'windows') return [forbidden(path, 'may not be set for a windows pod')]
  const hasClaims = resources.claims !== undefined
  return [
    ...(hasClaims ? [forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level')] : []),
    ...requirementErrors(resources, validatePodResourceName, claimNames, path),
    ...aggregateErrors(spec, resources, path),
    ...pageLimitErrors(spec, resources, path),
    ...items(spec.containers).flatMap((container, index) =>
      entriesOf(container.resources?.limits).flatMap(([name, limit]) =>
        podLimitErrors(limit, resources.limits?.[name], `${path}.containers[${index}][${name}].limits`),
      ),
    ),
  ]
}

function aggregateErrors(spec: PodSpec, resources: ResourceRequirements, path: string): FieldErrors {
  const together = listTexts(aggregateRequests({ spec }, { skipPodLevel: true, excludeOverhead: true }))
  return entriesOf(together).flatMap(([name, sum]) => {
    const request = resources.requests?.[name]
    if (request === undefined || compareAmounts(sum, request) <= 0) return []
    const detail = `must be greater than or equal to aggregate container requests of ${text(sum)}`
    return [invalid(`${path}.requests[${name}]`, formatQuantity(amountOf(request)), detail)]
  })
}

/** Huge pages of the pod are as many as its containers may have together. */
function pageLimitErrors(spec: PodSpec, resources: ResourceRequirements, path: string): FieldErrors {
  const together = listTexts(aggregateLimits({ spec }, { skipPodLevel: true, excludeOverhead: true }))
  return entriesOf(together).flatMap(([name, sum]) => {
    const limit = resources.limits?.[name]
    if (!isHugePages(name) || limit === undefined || compareAmounts(sum, limit) <= 0) return []
    const detail = `must be greater than or equal to aggregate container limits of ${text(sum)}`
    return [invalid(`${path}.limits[${name}]`, formatQuantity(amountOf(limit)), detail)]
  })
}

function podLimitErrors(
  limit: string | number,
  podLimit: string | number | undefined,
  path: string,
): FieldErrors {
  if (podLimit === undefined || compareAmounts(limit, podLimit) <= 0) return []
  return [
    invalid(path, amountText(limit), `must be less than or equal to pod limits of ${amountText(podLimit)}`),
  ]
}
