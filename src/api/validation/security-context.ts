import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { duplicate, forbidden, invalid, invalidEach, notSupported, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateDescendingPath } from './file-paths.ts'
import { goStruct } from './go-shapes.ts'
import { supported } from './legacy-volumes.ts'
import { userOrGroup } from './names.ts'
import { validateWindowsOptions } from './windows-options.ts'

/** What of the pod and the cluster decides what a container may do. */
export interface SecurityRules {
  /** Whether the API server runs with `--allow-privileged`. */
  readonly isPrivilegedAllowed: boolean
  /** Whether the pod shares the users of the host. */
  readonly hasHostUsers: boolean
}

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const PROC_MOUNTS = ['Default', 'Unmasked']
const APP_ARMOR_LENGTH_MAX = 4095
const SYSCTL_LENGTH_MAX = 253
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SYSCTL_FORM = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`
const SYSCTL = new RegExp(SYSCTL_FORM)

/** What a container may do. Source: Kubernetes v1.37, core/validation `ValidateSecurityContext`. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  rules: SecurityRules,
  path: string,
): FieldErrors {
  if (context === undefined) return []
  const isRefused = context.privileged === true && !rules.isPrivilegedAllowed
  return [
    ...(isRefused ? [forbidden(`${path}.privileged`, 'disallowed by cluster policy')] : []),
    ...idErrors(context.runAsUser, `${path}.runAsUser`),
    ...idErrors(context.runAsGroup, `${path}.runAsGroup`),
    ...procMountErrors(context.procMount, rules.hasHostUsers, `${path}.procMount`),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...escalationErrors(context, path),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

function idErrors(id: number | undefined, path: string): FieldErrors {
  return id === undefined ? [] : invalidEach(path, id, userOrGroup(id))
}

function procMountErrors(mount: string | undefined, hasHostUsers: boolean, path: string): FieldErrors {
  const isExposed = hasHostUsers && mount === 'Unmasked'
  return [
    ...supported(mount, PROC_MOUNTS, path),
    ...(isExposed ? [invalid(path, { json: mount }, '`hostUsers` must be false to use `Unmasked`')] : []),
  ]
}

function escalationErrors(context: SecurityContext, path: string): FieldErrors {
  if (context.allowPrivilegeEscalation !== false) return []
  const value = goStruct('SecurityContext', context)
  const added = items(context.capabilities?.add).filter((capability) => capability === 'CAP_SYS_ADMIN')
  const refusal = 'cannot set `allowPrivilegeEscalation` to false and '
  return [
    ...(context.privileged === true ? [invalid(path, value, `${refusal}\`privileged\` to true`)] : []),
    ...added.map(() => invalid(path, value, `${refusal}\`capabilities.Add\` CAP_SYS_ADMIN`)),
  ]
}

function seccompErrors(profile: SeccompProfile | undefined, path: string): FieldErrors {
  if (profile === undefined) return []
  const place = `${path}.localhostProfile`
  const { localhostProfile } = profile
  const type = text(profile.type)
  return [...seccompTypeErrors(type, `${path}.type`), ...localhostErrors()]

  function localhostErrors(): FieldErrors {
    if (type !== 'Localhost') {
      if (localhostProfile === undefined) return []
      const value = goStruct('SeccompProfile', profile ?? {})
      return [invalid(place, value, 'can only be set when seccomp type is Localhost')]
    }
    if (localhostProfile === undefined) return [required(place, 'must be set when seccomp type is Localhost')]
    return validateDescendingPath(localhostProfile, place)
  }
}

function seccompTypeErrors(type: string, path: string): FieldErrors {
  if (type === '') return [required(path, 'type is required when seccompProfile is set')]
  return PROFILE_TYPES.includes(type) ? [] : [notSupported(path, type, PROFILE_TYPES)]
}

function appArmorErrors(profile: AppArmorProfile | undefined, path: string): FieldErrors {
  if (profile === undefined) return []
  const { localhostProfile } = profile
  const place = `${path}.localhostProfile`
  switch (profile.type) {
    case 'Localhost':
      return localProfileErrors(localhostProfile, place)
    case 'RuntimeDefault':
    case 'Unconfined':
      if (localhostProfile === undefined) return []
      return [invalid(place, localhostProfile, 'can only be set when AppArmor type is Localhost')]
    default:
      if (text(profile.type) === '') {
        return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
      }
      return [notSupported(`${path}.type`, profile.type, PROFILE_TYPES)]
  }
}

function localProfileErrors(profile: string | undefined, path: string): FieldErrors {
  const needed = 'must be set when AppArmor type is Localhost'
  if (profile === undefined) return [required(path, needed)]
  const isPadded = profile.trim() !== profile
  const isLong = profile.length > APP_ARMOR_LENGTH_MAX
  return [
    ...(isPadded ? [invalid(path, profile, 'must not be padded with whitespace')] : []),
    ...(profile === '' ? [required(path, needed)] : []),
    ...(isLong ? [tooLong(path, APP_ARMOR_LENGTH_MAX)] : []),
  ]
}

/** What the containers of a pod may do. Source: core/validation `validatePodSpecSecurityContext`. */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldErrors {
  const context = spec.securityContext ?? {}
  const sharesProcesses = spec.shareProcessNamespace === true && spec.hostPID === true
  const shared = 'ShareProcessNamespace and HostPID cannot both be enabled'
  return [
    ...idErrors(context.fsGroup, `${path}.fsGroup`),
    ...idErrors(context.runAsUser, `${path}.runAsUser`),
    ...idErrors(context.runAsGroup, `${path}.runAsGroup`),
    ...items(context.supplementalGroups).flatMap((id, index) =>
      idErrors(id, `${path}.supplementalGroups[${index}]`),
    ),
    ...(sharesProcesses ? [invalid(`${path}.shareProcessNamespace`, true, shared)] : []),
    ...sysctlErrors(items(context.sysctls), spec, `${path}.sysctls`),
    ...policyErrors(context, path),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

function policyErrors(context: PodSecurityContext, path: string): FieldErrors {
  const { fsGroupChangePolicy, supplementalGroupsPolicy, seLinuxChangePolicy } = context
  return [
    ...supported(fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`),
    ...supported(supplementalGroupsPolicy, ['Merge', 'Strict'], `${path}.supplementalGroupsPolicy`),
    ...supported(seLinuxChangePolicy, ['MountOption', 'Recursive'], `${path}.seLinuxChangePolicy`),
  ]
}

function sysctlErrors(sysctls: readonly Sysctl[], spec: PodSpec, path: string): FieldErrors {
  const seen = new Set<string>()
  return sysctls.flatMap(({ name = '' }: Partial<Sysctl>, index) => {
    const place = `${path}[${index}].name`
    const errors = [...sysctlNameErrors(name, seen, place), ...sharedSysctlErrors(name, spec, place)]
    seen.add(name)
    return errors
  })
}

function sysctlNameErrors(name: string, seen: ReadonlySet<string>, path: string): FieldErrors {
  if (name === '') return [required(path)]
  if (name.length > SYSCTL_LENGTH_MAX || !SYSCTL.test(name)) {
    const expected = `must have at most ${SYSCTL_LENGTH_MAX} characters and match regex ${SYSCTL_FORM}`
    return [invalid(path, name, expected)]
  }
  return seen.has(name) ? [duplicate(path, name)] : []
}

/** A namespace that the pod shares with the host is the host's to set. */
function sharedSysctlErrors(name: string, spec: PodSpec, path: string): FieldErrors {
  const dotted = withDots(name)
  const isNetwork = dotted.startsWith('net.')
  const isIpc = ['kernel.shm', 'kernel.msg', 'fs.mqueue.'].some((start) => dotted.startsWith(start))
  if (spec.hostNetwork === true && isNetwork) {
    return [invalid(path, name, "may not be specified when 'hostNetwork' is true")]
  }
  if (spec.hostIPC !== true || (!isIpc && dotted !== 'kernel.sem')) return []
  return [invalid(path, name, "may not be specified when 'hostIPC' is true")]
}

/** The first separator decides which of point and slash separates; the other is part of names. */
function withDots(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}
