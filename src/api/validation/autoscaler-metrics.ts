import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from '../types.generated.ts'
import { text } from './absent.ts'
import { amountOf, amountText } from './amounts.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { pathSegmentName } from './names.ts'

const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const
const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

type Source = (typeof SOURCES)[number]

/**
 * A metric: the source of its type, and no other.
 *
 * Source: Kubernetes v1.37, autoscaling/validation `validateMetricSpec`.
 */
export function validateMetric(metric: MetricSpec, path: string): FieldErrors {
  const type = text(metric.type)
  const given = SOURCES.filter((source) => metric[source] !== undefined)
  const [first] = given
  const place = `${path}.type`
  const expected = SOURCES.find(
    (source) => source.toLowerCase() === type.toLowerCase() && TYPES.includes(type),
  )
  const unknown = TYPES.includes(type) ? [] : [notSupported(place, type, TYPES)]
  return [
    ...(type === '' ? [required(place, 'must specify a metric source type')] : []),
    ...unknown,
    ...(first === undefined ? [] : sourceErrors(metric, first, `${path}.${first}`)),
    ...expectedErrors(metric, expected, path),
    ...unknown,
    ...(given.length === 1 ? [] : given)
      .filter((source) => source !== expected)
      .map((source) => forbidden(`${path}.${source}`, 'must populate the given metric source only')),
  ]
}

function expectedErrors(metric: MetricSpec, expected: Source | undefined, path: string): FieldErrors {
  if (expected === undefined || metric[expected] !== undefined) return []
  return [required(`${path}.${expected}`, 'must populate information for the given metric source')]
}

/** What sources have, each some of it. */
interface AnySource {
  readonly describedObject?: CrossVersionObjectReference
  readonly metric?: { readonly name?: string }
  readonly name?: string
  readonly container?: string
  readonly target?: MetricTarget
}

function sourceErrors(spec: MetricSpec, kind: Source, path: string): FieldErrors {
  const source: AnySource = spec[kind] ?? {}
  const target: Partial<MetricTarget> = source.target ?? {}
  const isResource = kind === 'resource' || kind === 'containerResource'
  const name = text(source.name)
  return [
    ...(kind === 'object'
      ? validateObjectReference(source.describedObject, false, `${path}.describedObject`)
      : []),
    ...(isResource ? [] : nameErrors(text(source.metric?.name), `${path}.metric.name`)),
    ...(isResource && name === '' ? [required(`${path}.name`, 'must specify a resource name')] : []),
    ...(kind === 'containerResource' && text(source.container) === ''
      ? [required(`${path}.container`, 'must specify a container')]
      : []),
    ...targetErrors(target, `${path}.target`),
    ...combinationErrors(target, kind, `${path}.target`),
  ]
}

/**
 * A reference to an object of any version.
 *
 * Source: autoscaling/validation `ValidateCrossVersionObjectReference`.
 */
export function validateObjectReference(
  reference: CrossVersionObjectReference | undefined,
  isGroupNeeded: boolean,
  path: string,
): FieldErrors {
  const { kind = '', name = '', apiVersion = '' } = reference ?? {}
  return [
    ...Object.entries({ kind, name }).flatMap(([field, value]) => {
      const place = `${path}.${field}`
      return value === '' ? [required(place)] : invalidEach(place, value, pathSegmentName(value, false))
    }),
    ...versionErrors(apiVersion, isGroupNeeded, `${path}.apiVersion`),
  ]
}

function versionErrors(version: string, isGroupNeeded: boolean, path: string): FieldErrors {
  const [group = '', ...rest] = version.split('/')
  if (rest.length > 1) return [invalid(path, version, `unexpected GroupVersion string: ${version}`)]
  const hasGroup = group !== '' && rest.length === 1
  if (hasGroup || !isGroupNeeded) return []
  return [invalid(path, version, 'apiVersion must specify API group')]
}

function nameErrors(name: string, path: string): FieldErrors {
  if (name === '') return [required(path, 'must specify a metric name')]
  return invalidEach(path, name, pathSegmentName(name, false))
}

function targetErrors(target: Partial<MetricTarget>, path: string): FieldErrors {
  const { type = '', value, averageValue, averageUtilization: share } = target
  const isKnown = ['Utilization', 'Value', 'AverageValue'].includes(type)
  const known = 'must be either Utilization, Value, or AverageValue'
  const low = share !== undefined && share < 1
  return [
    ...(type === '' ? [required(`${path}.type`, 'must specify a metric target type')] : []),
    ...(isKnown ? [] : [invalid(`${path}.type`, { json: type }, known)]),
    ...Object.entries({ value, averageValue }).flatMap(([field, amount]) =>
      amount === undefined || amountOf(amount).nano > 0n
        ? []
        : [invalid(`${path}.${field}`, { json: amountText(amount) }, 'must be positive')],
    ),
    ...(low ? [invalid(`${path}.averageUtilization`, share, 'must be greater than 0')] : []),
  ]
}

/** Which amounts of a target a source needs. */
function combinationErrors(target: Partial<MetricTarget>, kind: Source, path: string): FieldErrors {
  const { value, averageValue, averageUtilization } = target
  const average = `${path}.averageValue`
  switch (kind) {
    case 'pods': {
      const isPositive = averageValue !== undefined && amountOf(averageValue).nano > 0n
      return isPositive ? [] : [required(average, 'must specify a positive target averageValue')]
    }
    case 'object':
    case 'external': {
      const needed = 'must set either a target value for metric or a per-pod target'
      if (value === undefined && averageValue === undefined) return [required(average, needed)]
      if (kind === 'object' || value === undefined || averageValue === undefined) return []
      return [forbidden(`${path}.value`, 'may not set both a target value for metric and a per-pod target')]
    }
    case 'resource':
    case 'containerResource': {
      const needed = 'must set either a target raw value or a target utilization'
      if (averageUtilization === undefined && averageValue === undefined) {
        return [required(`${path}.averageUtilization`, needed)]
      }
      if (averageUtilization === undefined || averageValue === undefined) return []
      return [forbidden(average, 'may not set both a target raw value and a target utilization')]
    }
  }
}
