import type {
  LimitRange,
  LimitRangeItem,
  Namespace,
  ResourceQuota,
  ResourceQuotaSpec,
} from '../types.generated.ts'
import { quantityMilliExact, quantityValueExact } from '../quantity.ts'
import { entriesOf, items, text } from './absent.ts'
import { amountOf, amountText, compareAmounts, validateAmount } from './amounts.ts'
import type { Amounts } from './amounts.ts'
import { duplicate, forbidden, invalid, invalidEach, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateFinalizerName, validateObjectMeta } from './metadata.ts'
import { labelKey, labelName, subdomainName } from './names.ts'
import { validateQuotaScopes } from './quota-scopes.ts'
import {
  isOvercommitAllowed,
  validateContainerResourceName,
  validateQuotaResourceName,
  validateResourceName,
} from './resource-names.ts'

const LIMIT_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']
const MILLI_VALUE_MAX = 9_223_372_036_854_775n

/** A namespace. Source: Kubernetes v1.37, core/validation `ValidateNamespace`. */
export function validateNamespace({ metadata, spec }: Namespace): FieldErrors {
  return [
    ...validateObjectMeta(metadata, false, labelName),
    ...items(spec?.finalizers).flatMap((name) => [
      ...invalidEach('spec.finalizers', name, labelKey(name)),
      ...validateFinalizerName(name, 'spec.finalizers'),
    ]),
  ]
}

/** A quota. Source: core/validation `ValidateResourceQuota`. */
export function validateResourceQuota({ metadata, spec, status }: ResourceQuota): FieldErrors {
  const quota: ResourceQuotaSpec = spec ?? {}
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...hardErrors(quota.hard, 'spec.hard'),
    ...validateQuotaScopes(quota),
    ...hardErrors(status?.hard, 'status.hard'),
    ...hardErrors(status?.used, 'status.used'),
  ]
}

function hardErrors(amounts: Amounts | undefined, path: string): FieldErrors {
  return entriesOf(amounts).flatMap(([name, amount]) => [
    ...validateQuotaResourceName(name, `${path}[${name}]`),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ])
}

/** Limits of a namespace. Source: core/validation `ValidateLimitRange`. */
export function validateLimitRange({ metadata, spec }: LimitRange): FieldErrors {
  const types = new Set<string>()
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...items(spec?.limits).flatMap((limit, index) => {
      const path = `spec.limits[${index}]`
      const type = text(limit.type)
      const isRepeated = types.has(type)
      types.add(type)
      return [
        ...typeErrors(type, `${path}.type`),
        ...(isRepeated ? [duplicate(`${path}.type`, { json: type })] : []),
        ...limitErrors(limit, type, path),
      ]
    }),
  ]
}

function typeErrors(type: string, path: string): FieldErrors {
  const problems = labelKey(type)
  if (problems.length > 0) return problems.map((problem) => invalid(path, { json: type }, problem))
  if (type.includes('/') || LIMIT_TYPES.includes(type)) return []
  return [invalid(path, { json: type }, 'must be a standard limit type or fully qualified')]
}

function limitErrors(limit: LimitRangeItem, type: string, path: string): FieldErrors {
  const { min = {}, max = {}, maxLimitRequestRatio: ratio = {} } = limit
  const isPod = type === 'Pod'
  const defaults = isPod ? {} : (limit.default ?? {})
  const defaultRequest = isPod ? {} : (limit.defaultRequest ?? {})
  const lists = { max, min, default: defaults, defaultRequest, maxLimitRequestRatio: ratio }
  const names = Object.values(lists).flatMap((amounts) => Object.keys(amounts))
  const needsStorage = type === 'PersistentVolumeClaim' && !('storage' in min) && !('storage' in max)
  const storage = 'either minimum or maximum storage value is required, but neither was provided'
  return [
    ...Object.entries(lists).flatMap(([field, amounts]) =>
      entriesOf(amounts).flatMap(([name]) => nameErrors(type, name, `${path}.${field}[${name}]`)),
    ),
    ...(isPod ? podDefaultErrors(limit, path) : []),
    ...(needsStorage ? [required(`${path}.limits`, storage)] : []),
    ...[...new Set(names)].toSorted().flatMap((name) => orderErrors(lists, name, path)),
  ]
}

function nameErrors(type: string, name: string, path: string): FieldErrors {
  const isOfContainer = type === 'Pod' || type === 'Container'
  return isOfContainer ? validateContainerResourceName(name, path) : validateResourceName(name, path)
}

function podDefaultErrors(limit: LimitRangeItem, path: string): FieldErrors {
  const given = { default: limit.default, defaultRequest: limit.defaultRequest }
  return Object.entries(given)
    .filter(([, amounts]) => entriesOf(amounts).length > 0)
    .map(([field]) => forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"))
}

interface LimitLists {
  readonly max: Amounts
  readonly min: Amounts
  readonly default: Amounts
  readonly defaultRequest: Amounts
  readonly maxLimitRequestRatio: Amounts
}

type AmountList = 'max' | 'min' | 'default' | 'defaultRequest'

/**
 * Lists of which the first has at most what the second has, where errors are told, whose value, and the text.
 */
const ORDERS: readonly {
  readonly less: AmountList
  readonly more: AmountList
  readonly place: AmountList
  readonly value: AmountList
  readonly names: readonly [string, string]
}[] = [
  { less: 'min', more: 'max', place: 'min', value: 'min', names: ['min', 'max'] },
  {
    less: 'min',
    more: 'defaultRequest',
    place: 'defaultRequest',
    value: 'defaultRequest',
    names: ['min', 'default request'],
  },
  {
    less: 'defaultRequest',
    more: 'max',
    place: 'defaultRequest',
    value: 'defaultRequest',
    names: ['default request', 'max'],
  },
  {
    less: 'defaultRequest',
    more: 'default',
    place: 'defaultRequest',
    value: 'defaultRequest',
    names: ['default request', 'default limit'],
  },
  { less: 'min', more: 'default', place: 'default', value: 'min', names: ['min', 'default'] },
  { less: 'default', more: 'max', place: 'default', value: 'max', names: ['default', 'max'] },
]

function orderErrors(lists: LimitLists, name: string, path: string): FieldErrors {
  return [
    ...ORDERS.flatMap(({ less, more, place, value, names }) => {
      const low = lists[less][name]
      const high = lists[more][name]
      if (low === undefined || high === undefined || compareAmounts(low, high) <= 0) return []
      const [one, other] = names
      const detail = `${one} value ${amountText(low)} is greater than ${other} value ${amountText(high)}`
      return [invalid(`${path}.${place}[${name}]`, { json: amountText(lists[value][name]) }, detail)]
    }),
    ...ratioErrors(lists, name, `${path}.maxLimitRequestRatio[${name}]`),
    ...equalErrors(lists, name, `${path}.defaultRequest[${name}]`),
  ]
}

function ratioErrors(
  { maxLimitRequestRatio, min, max }: LimitLists,
  name: string,
  path: string,
): FieldErrors {
  const ratio = maxLimitRequestRatio[name]
  const least = min[name]
  const most = max[name]
  if (ratio === undefined) return []
  const shown = amountText(ratio)
  const value = { json: shown }
  const isLow = compareAmounts(ratio, 1) < 0
  const low = isLow ? [invalid(path, value, `ratio ${shown} is less than 1`)] : []
  if (least === undefined || most === undefined) return low
  const amounts = [amountOf(ratio), amountOf(least), amountOf(most)]
  const isSmall = amounts.every((amount) => quantityValueExact(amount) < MILLI_VALUE_MAX)
  const [wanted = 0, smallest = 0, largest = 0] = amounts.map((amount) =>
    Number(isSmall ? quantityMilliExact(amount) : quantityValueExact(amount)),
  )
  const limit = largest / smallest
  if ((isSmall ? wanted / 1000 : wanted) <= limit) return low
  return [...low, invalid(path, value, `ratio ${shown} is greater than max/min = ${limit.toFixed(6)}`)]
}

/** What cannot be overcommitted has one default. */
function equalErrors(
  { default: defaults, defaultRequest }: LimitLists,
  name: string,
  path: string,
): FieldErrors {
  const limit = defaults[name]
  const request = defaultRequest[name]
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return []
  if (compareAmounts(limit, request) === 0) return []
  const given = amountText(request)
  const detail = `default value ${amountText(limit)} must equal to defaultRequest value ${given} in ${name}`
  return [invalid(path, { json: given }, detail)]
}
