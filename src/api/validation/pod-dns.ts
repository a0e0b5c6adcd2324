import type { HostAlias, PodDNSConfig } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { validateAddress } from './addresses.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { dns1123Subdomain, dns1123SubdomainWithUnderscore } from './names.ts'

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const NAMESERVERS_MAX = 3
const SEARCH_PATHS_MAX = 32
const SEARCH_LENGTH_MAX = 2048

/**
 * Where names are looked up.
 *
 * Source: Kubernetes v1.37, core/validation `validateDNSPolicy`, `validatePodDNSConfig`.
 */
export function validateDns(policy: string, config: PodDNSConfig | undefined, path: string): FieldErrors {
  return [...policyErrors(policy, `${path}.dnsPolicy`), ...configErrors(policy, config, `${path}.dnsConfig`)]
}

function policyErrors(policy: string, path: string): FieldErrors {
  if (policy === '') return [required(path)]
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)]
}

function configErrors(policy: string, config: PodDNSConfig | undefined, path: string): FieldErrors {
  if (policy === 'None') {
    if (config === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (items(config.nameservers).length === 0) {
      const needed = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [required(`${path}.nameservers`, needed)]
    }
  }
  if (config === undefined) return []
  return [
    ...nameserverErrors(items(config.nameservers), `${path}.nameservers`),
    ...searchErrors(items(config.searches), `${path}.searches`),
    ...items(config.options).flatMap(({ name }, index) =>
      text(name) === '' ? [required(`${path}.options[${index}]`, 'must not be empty')] : [],
    ),
  ]
}

function nameserverErrors(servers: readonly string[], path: string): FieldErrors {
  const areMany = servers.length > NAMESERVERS_MAX
  const most = `must not have more than ${NAMESERVERS_MAX} nameservers`
  return [
    ...(areMany ? [invalid(path, listValue(servers), most)] : []),
    ...servers.flatMap((server, index) => validateAddress(server, `${path}[${index}]`)),
  ]
}

function searchErrors(searches: readonly string[], path: string): FieldErrors {
  const value = listValue(searches)
  const areMany = searches.length > SEARCH_PATHS_MAX
  const areLong = searches.join(' ').length > SEARCH_LENGTH_MAX
  const longest =
    `must not have more than ${SEARCH_LENGTH_MAX} characters ` + '(including spaces) in the search list'
  return [
    ...(areMany ? [invalid(path, value, `must not have more than ${SEARCH_PATHS_MAX} search paths`)] : []),
    ...(areLong ? [invalid(path, value, longest)] : []),
    ...searches.flatMap((search, index) => {
      if (search === '.') return []
      const domain = search.replace(/\.$/, '')
      return invalidEach(`${path}[${index}]`, domain, dns1123SubdomainWithUnderscore(domain))
    }),
  ]
}

/** Names of addresses in the pod's file of hosts. Source: core/validation `ValidateHostAliases`. */
export function validateHostAliases(aliases: readonly HostAlias[], path: string): FieldErrors {
  return aliases.flatMap(({ ip, hostnames }, index) => [
    ...validateAddress(text(ip), `${path}[${index}].ip`),
    ...items(hostnames).flatMap((name, at) =>
      invalidEach(`${path}[${index}].hostnames[${at}]`, name, dns1123Subdomain(name)),
    ),
  ])
}
