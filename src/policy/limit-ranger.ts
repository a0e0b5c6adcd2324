import type { Amounts } from '../api/defaults/amounts.ts'
import { compareQuantities, formatQuantity, parseQuantity } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import { resourceList } from '../api/resource-list.ts'
import type { ResourceList } from '../api/resource-list.ts'
import { aggregateLimits, aggregateRequests } from '../api/resources.ts'
import type { Container, LimitRange, LimitRangeItem, PodSpec } from '../api/types.generated.ts'

/** Annotation in which the plugin says what it set. */
export const LIMIT_RANGER_ANNOTATION = 'kubernetes.io/limit-ranger'

/** What a LimitRange made of a pod. */
export interface LimitedPod {
  readonly spec: PodSpec
  /** What was set, for the annotation; empty when nothing was. */
  readonly annotation: string
}

/**
 * The pod with the default requests and limits of a LimitRange where its containers have none.
 *
 * Source: Kubernetes v1.37, plugin/admission/limitranger `PodMutateLimitFunc`.
 */
export function applyLimitRange(limitRange: LimitRange, spec: PodSpec): LimitedPod {
  const requests: Record<string, Amounts[string]> = {}
  const limits: Record<string, Amounts[string]> = {}
  for (const item of limitRange.spec?.limits ?? []) {
    if (item.type !== 'Container') continue
    Object.assign(requests, item.defaultRequest)
    Object.assign(limits, item.default)
  }
  const notes: string[] = []
  const fill = (container: Container, what: string): Container => {
    const own = container.resources ?? {}
    const absentRequests = absentOf(own.requests, requests)
    const absentLimits = absentOf(own.limits, limits)
    if (absentRequests.length > 0)
      notes.push(`${absentRequests.join(', ')} request for ${what} ${container.name}`)
    if (absentLimits.length > 0) notes.push(`${absentLimits.join(', ')} limit for ${what} ${container.name}`)
    if (absentRequests.length + absentLimits.length === 0) return container
    const resources = {
      ...own,
      requests: { ...requests, ...own.requests },
      limits: { ...limits, ...own.limits },
    }
    return { ...container, resources }
  }
  const containers = spec.containers.map((container) => fill(container, 'container'))
  const initContainers = spec.initContainers?.map((container) => fill(container, 'init container'))
  if (notes.length === 0) return { spec, annotation: '' }
  return {
    spec: { ...spec, containers, ...(initContainers === undefined ? {} : { initContainers }) },
    annotation: `LimitRanger plugin set: ${notes.join('; ')}`,
  }
}

function absentOf(own: Amounts | undefined, defaults: Amounts): string[] {
  return Object.keys(defaults)
    .filter((resource) => own?.[resource] === undefined)
    .sort()
}

/** What a container, a pod or a claim asks for and is limited to. */
interface Asked {
  readonly requests: ResourceList
  readonly limits: ResourceList
}

/**
 * What of a pod a LimitRange does not allow, in the words of the API server; empty when all is allowed.
 *
 * Pods count by their spec alone, without overhead; pod-level cpu and memory stand for the containers' sums.
 * Source: Kubernetes v1.37, plugin/admission/limitranger `PodValidateLimitFunc`.
 */
export function limitRangeViolations(limitRange: LimitRange, spec: PodSpec): readonly string[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const found = (limitRange.spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Pod') return violationsOf(item, podAmounts(spec))
    if (item.type !== 'Container') return []
    return containers.flatMap(({ resources }) =>
      violationsOf(item, {
        requests: resourceList(resources?.requests),
        limits: resourceList(resources?.limits),
      }),
    )
  })
  return [...new Set(found)]
}

/** Several violations as one text, as Kubernetes joins errors. */
export function violationsText(violations: readonly string[]): string {
  return violations.length === 1 ? (violations[0] ?? '') : `[${violations.join(', ')}]`
}

function podAmounts(spec: PodSpec): Asked {
  const options = { skipPodLevel: true, excludeOverhead: true }
  const requests = new Map(aggregateRequests({ spec }, options))
  const limits = new Map(aggregateLimits({ spec }, options))
  for (const [list, own] of [
    [requests, spec.resources?.requests],
    [limits, spec.resources?.limits],
  ] as const) {
    for (const [resource, amount] of resourceList(own)) {
      if (resource === 'cpu' || resource === 'memory') list.set(resource, amount)
    }
  }
  return { requests, limits }
}

/** What is wrong with what is asked beside a bound, as a message goes on; none if it keeps to it. */
type Objection = (
  bound: ParsedQuantity,
  request: ParsedQuantity | undefined,
  limit: ParsedQuantity | undefined,
) => string | undefined

function violationsOf(item: LimitRangeItem, asked: Asked): string[] {
  const check = (bounds: Amounts | undefined, rule: (resource: string) => string, objection: Objection) =>
    [...resourceList(bounds)]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([resource, bound]) => {
        const wrong = objection(bound, asked.requests.get(resource), asked.limits.get(resource))
        return wrong === undefined
          ? []
          : [`${rule(resource)} per ${item.type} is ${formatQuantity(bound)}${wrong}`]
      })
  return [
    ...check(item.min, (resource) => `minimum ${resource} usage`, belowMinimum),
    ...check(item.max, (resource) => `maximum ${resource} usage`, aboveMaximum),
    ...check(item.maxLimitRequestRatio, (resource) => `${resource} max limit to request ratio`, aboveRatio),
  ]
}

const belowMinimum: Objection = (bound, request, limit) => {
  if (request === undefined) return '.  No request is specified'
  if (compareQuantities(request, bound) < 0) return `, but request is ${formatQuantity(request)}`
  if (limit !== undefined && compareQuantities(limit, bound) < 0)
    return `, but limit is ${formatQuantity(limit)}`
  return undefined
}

const aboveMaximum: Objection = (bound, request, limit) => {
  if (limit === undefined) return '.  No limit is specified'
  if (compareQuantities(limit, bound) > 0) return `, but limit is ${formatQuantity(limit)}`
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `, but request is ${formatQuantity(request)}`
  return undefined
}

const aboveRatio: Objection = (bound, request, limit) => {
  if (request === undefined || request.nano === 0n) return ', but no request is specified or request is 0'
  if (limit === undefined || limit.nano === 0n) return ', but no limit is specified or limit is 0'
  if (limit.nano * NANO <= bound.nano * request.nano) return undefined
  return `, but provided ratio is ${ratioText(limit.nano, request.nano)}`
}

const NANO = 1_000_000_000n
const MILLIONTHS = 1_000_000n

/** The ratio of two positive numbers with six decimals, half to even. */
function ratioText(limit: bigint, request: bigint): string {
  const scaled = limit * MILLIONTHS
  const rest = scaled % request
  let millionths = scaled / request
  const twice = rest * 2n
  if (twice > request || (twice === request && millionths % 2n === 1n)) millionths += 1n
  return `${millionths / MILLIONTHS}.${String(millionths % MILLIONTHS).padStart(6, '0')}`
}

/**
 * What of the size of a PersistentVolumeClaim a LimitRange does not allow.
 *
 * Source: Kubernetes v1.37, plugin/admission/limitranger `PersistentVolumeClaimValidateLimitFunc`.
 */
export function claimViolations(limitRange: LimitRange, requests: Amounts | undefined): readonly string[] {
  const asked = resourceList(requests)
  const found = (limitRange.spec?.limits ?? []).flatMap((item) => {
    if (item.type !== 'PersistentVolumeClaim') return []
    const below = violationsOf(
      { type: item.type, ...(item.min === undefined ? {} : { min: item.min }) },
      {
        requests: asked,
        limits: new Map(),
      },
    )
    const above = Object.entries(item.max ?? {}).map(([resource, amount]) => {
      const bound = parseQuantity(amount)
      const request = asked.get(resource)
      const rule = `maximum ${resource} usage per ${item.type} is ${bound === undefined ? '' : formatQuantity(bound)}`
      if (request === undefined) return `${rule}.  No request is specified`
      if (bound === undefined || compareQuantities(request, bound) <= 0) return ''
      return `${rule}, but request is ${formatQuantity(request)}`
    })
    return [...below, ...above.filter((message) => message !== '')]
  })
  return [...new Set(found)]
}
