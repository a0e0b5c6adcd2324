import type { Node } from '../types.generated.ts'
import { entriesOf, items } from './absent.ts'
import { areDualStack, rangeVersion, validateRange } from './addresses.ts'
import { validateAmount } from './amounts.ts'
import { duplicate, internalError, invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'
import { validateTaints } from './tolerations.ts'

/**
 * A node; errors of its taints name `metadata`, as upstream's.
 *
 * Source: Kubernetes v1.37, core/validation `ValidateNode`.
 */
export function validateNode({ metadata, spec = {}, status = {} }: Node): FieldErrors {
  const amounts = { capacity: status.capacity, allocatable: status.allocatable }
  return [
    ...validateObjectMeta(metadata, false, subdomainName),
    ...validateTaints(items(spec.taints), 'metadata.taints'),
    ...Object.entries(amounts).flatMap(([field, list]) =>
      entriesOf(list).flatMap(([name, amount]) => validateAmount(name, amount, `status.${field}.${name}`)),
    ),
    ...rangeErrors(items(spec.podCIDRs), 'spec.podCIDRs'),
  ]
}

function rangeErrors(ranges: readonly string[], path: string): FieldErrors {
  const each = ranges.flatMap((range, index) => validateRange(range, `${path}[${index}]`))
  if (ranges.length < 2) return each
  const dualStack = areDualStack(ranges.map(rangeVersion))
  const wrong = ranges.findIndex((range) => rangeVersion(range) === undefined)
  const cause = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong] ?? ''})`
  const failure = `invalid PodCIDRs. failed to check with dual stack with error:${cause}`
  const isWrong = dualStack !== true || ranges.length > 2
  return [
    ...each,
    ...(dualStack === undefined ? [internalError(path, failure)] : []),
    ...(isWrong
      ? [invalid(path, listValue(ranges), 'may specify no more than one CIDR for each IP family')]
      : []),
    ...ranges.flatMap((range, index) =>
      ranges.indexOf(range) < index ? [duplicate(`${path}[${index}]`, range)] : [],
    ),
  ]
}
