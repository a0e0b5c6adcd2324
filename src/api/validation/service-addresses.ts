import type { ServiceSpec } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { areDualStack, parseAddress, validateAddress } from './addresses.ts'
import { duplicate, invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { supported } from './legacy-volumes.ts'

const PATH = 'spec.clusterIPs'
const FAMILIES = ['IPv4', 'IPv6']
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/**
 * Addresses of a service in the cluster, and their families.
 *
 * Source: Kubernetes v1.37, core/validation `ValidateServiceClusterIPsRelatedFields`.
 */
export function validateClusterAddresses(spec: ServiceSpec): FieldErrors {
  if (spec.type === 'ExternalName') return []
  const addresses = items(spec.clusterIPs)
  const each = addresses.flatMap((address, index) => addressErrors(address, index, addresses))
  const errors = [
    ...firstErrors(text(spec.clusterIP), addresses),
    ...familyErrors(items(spec.ipFamilies)),
    ...supported(spec.ipFamilyPolicy, FAMILY_POLICIES, 'spec.ipFamilyPolicy'),
    ...each,
    ...(addresses.length > 2 ? [invalid(PATH, listValue(addresses), 'may only hold up to 2 values')] : []),
  ]
  if (each.length > 0) return errors
  return [...errors, ...stackErrors(addresses), ...matchErrors(addresses, items(spec.ipFamilies))]
}

function firstErrors(address: string, addresses: readonly string[]): FieldErrors {
  const value = listValue(addresses)
  if (address === '') {
    if (addresses.length === 0) return []
    return [invalid(PATH, value, 'must be empty when `clusterIP` is not specified')]
  }
  if (addresses.length === 0) return [required(PATH)]
  return addresses[0] === address ? [] : [invalid(PATH, value, 'first value must match `clusterIP`')]
}

function familyErrors(families: readonly string[]): FieldErrors {
  return families.flatMap((family, index) => {
    const path = `spec.ipFamilies[${index}]`
    const isRepeated = families.indexOf(family) < index
    return [
      ...(FAMILIES.includes(family) ? [] : [notSupported(path, family, FAMILIES)]),
      ...(isRepeated ? [duplicate(path, { json: family })] : []),
    ]
  })
}

function addressErrors(address: string, index: number, addresses: readonly string[]): FieldErrors {
  if (index > 0 || address !== 'None') return validateAddress(address, `${PATH}[${index}]`)
  if (addresses.length === 1) return []
  return [invalid(PATH, listValue(addresses), "'None' must be the first and only value")]
}

function versionOf(address: string): 4 | 6 | undefined {
  return parseAddress(address)?.version
}

function stackErrors(addresses: readonly string[]): FieldErrors {
  if (addresses.length < 2 || areDualStack(addresses.map(versionOf)) === true) return []
  return [invalid(PATH, listValue(addresses), 'may specify no more than one IP for each IP family')]
}

function matchErrors(addresses: readonly string[], families: readonly string[]): FieldErrors {
  if (addresses.length === 1 && addresses[0] === 'None') return []
  return addresses.flatMap((address, index) => {
    const family = families[index]
    const expected = family === 'IPv4' ? 4 : 6
    if (family === undefined || !FAMILIES.includes(family) || versionOf(address) === expected) return []
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
    return [invalid(`${PATH}[${index}]`, address, detail)]
  })
}
