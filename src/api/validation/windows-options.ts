import type { PodSpec, WindowsSecurityContextOptions } from '../types.generated.ts'
import { forbidden, invalid, invalidEach } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { dns1123Subdomain } from './names.ts'
import { containersWithPaths } from './pod-containers.ts'

const SPECIFICATION_KIBIBYTES_MAX = 64
const DOMAIN_LENGTH_MAX = 256
const USER_LENGTH_MAX = 104
const NET_BIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`)

/**
 * What a container on Windows runs as.
 *
 * Source: Kubernetes v1.37, core/validation `validateWindowsSecurityContextOptions`.
 */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
): FieldErrors {
  if (options === undefined) return []
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: specification, runAsUserName: user } = options
  return [
    ...(name === undefined
      ? []
      : invalidEach(`${path}.gmsaCredentialSpecName`, name, dns1123Subdomain(name))),
    ...(specification === undefined
      ? []
      : invalidEach(`${path}.gmsaCredentialSpec`, specification, specificationProblems(specification))),
    ...(user === undefined ? [] : invalidEach(`${path}.runAsUserName`, user, userProblems(user))),
  ]
}

function specificationProblems(specification: string): readonly string[] {
  if (specification === '') return ['gmsaCredentialSpec cannot be an empty string']
  if (specification.length <= SPECIFICATION_KIBIBYTES_MAX * 1024) return []
  return [`gmsaCredentialSpec size must be under ${SPECIFICATION_KIBIBYTES_MAX} KiB`]
}

function userProblems(name: string): readonly string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  return [...(parts.length === 2 ? domainProblems(parts[0] ?? '') : []), ...accountProblems(user)]
}

function domainProblems(domain: string): readonly string[] {
  const isKnown = NET_BIOS_DOMAIN.test(domain) || DNS_DOMAIN.test(domain)
  return [
    ...(domain.length >= DOMAIN_LENGTH_MAX
      ? [`runAsUserName's Domain length must be under ${DOMAIN_LENGTH_MAX} characters`]
      : []),
    ...(isKnown ? [] : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]),
  ]
}

function accountProblems(user: string): readonly string[] {
  const isLong = user.length > USER_LENGTH_MAX
  const hasForbidden = /["/\\:;|=,+*?<>@[\]]/.test(user)
  return [
    ...(user === '' ? ["runAsUserName's User cannot be empty"] : []),
    ...(isLong ? [`runAsUserName's User length must not be longer than ${USER_LENGTH_MAX} characters`] : []),
    ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
    ...(hasForbidden
      ? [String.raw`runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]`]
      : []),
  ]
}

/**
 * Containers that run as processes of the host: all or none.
 *
 * Source: core/validation `validateWindowsHostProcessPod`.
 */
export function validateHostProcess(spec: PodSpec, isPrivilegedAllowed: boolean, path: string): FieldErrors {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const containers = containersWithPaths(spec, path)
  const own = containers.map(({ container }) => container.securityContext?.windowsOptions?.hostProcess)
  const differing = containers.flatMap(({ path: place }, index) => {
    const value = own[index]
    if (ofPod === undefined || value === undefined || value === ofPod) return []
    const detail = `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`
    return [invalid(`${place}.securityContext.windowsOptions.hostProcess`, value, detail)]
  })
  const count = own.filter((value) => value ?? ofPod === true).length
  return count === 0
    ? differing
    : [...differing, ...togetherErrors(spec, count, containers.length, isPrivilegedAllowed, path)]
}

function togetherErrors(
  spec: PodSpec,
  count: number,
  total: number,
  isPrivilegedAllowed: boolean,
  path: string,
): FieldErrors {
  const all = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
  const network = 'hostNetwork must be true if pod contains any hostProcess containers'
  return [
    ...(count === total ? [] : [invalid(path, '', all)]),
    ...(spec.hostNetwork === true ? [] : [invalid(`${path}.hostNetwork`, false, network)]),
    ...(isPrivilegedAllowed
      ? []
      : [forbidden(path, 'hostProcess containers are disallowed by cluster policy')]),
  ]
}
