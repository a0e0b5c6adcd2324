import type { PodSecurityContext, PodSpec, SecurityContext } from '../types.generated.ts'
import { items, text } from './absent.ts'
import { forbidden, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { containersWithPaths } from './pod-containers.ts'

const SYSTEMS = ['linux', 'windows']
const POD_FIELDS: readonly (keyof PodSecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const CONTAINER_FIELDS: readonly (keyof SecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

/**
 * Fields that the operating system of the pod has.
 *
 * Source: Kubernetes v1.37, core/validation `validateOS`, `validateWindows`.
 */
export function validateSystem(spec: PodSpec, path: string): FieldErrors {
  if (spec.os === undefined) return []
  const name = text(spec.os.name)
  if (name === '') return [required(`${path}.os.name`, 'cannot be empty')]
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)]
  return name === 'linux' ? linuxErrors(spec, path) : windowsErrors(spec, path)
}

function linuxErrors(spec: PodSpec, path: string): FieldErrors {
  const refusal = 'windows options cannot be set for a linux pod'
  const places = [
    { context: spec.securityContext, place: path },
    ...containersWithPaths(spec, path).map(({ container, path: place }) => ({
      context: container.securityContext,
      place,
    })),
  ]
  return places
    .filter(({ context }) => context?.windowsOptions !== undefined)
    .map(({ place }) => forbidden(`${place}.securityContext.windowsOptions`, refusal))
}

function windowsErrors(spec: PodSpec, path: string): FieldErrors {
  const { securityContext: ofPod = {}, hostUsers, hostPID, hostIPC, shareProcessNamespace } = spec
  const isGiven = (value: unknown): boolean =>
    value !== undefined && (!Array.isArray(value) || value.length > 0)
  const flags = {
    hostUsers: hostUsers !== undefined,
    hostPID: hostPID === true,
    hostIPC: hostIPC === true,
    shareProcessNamespace: shareProcessNamespace !== undefined,
  }
  const places = [
    ...POD_FIELDS.filter((field) => isGiven(ofPod[field])).map((field) => `${path}.securityContext.${field}`),
    ...Object.entries(flags).flatMap(([field, isSet]) => (isSet ? [`${path}.${field}`] : [])),
    ...containersWithPaths(spec, path).flatMap(({ container, path: place }) =>
      CONTAINER_FIELDS.filter((field) => container.securityContext?.[field] !== undefined).map(
        (field) => `${place}.securityContext.${field}`,
      ),
    ),
  ]
  return places.map((place) => forbidden(place, 'cannot be set for a windows pod'))
}

/**
 * Namespaces of the host that pods with users of their own cannot share.
 *
 * Source: core/validation `validateHostUsers`.
 */
export function validateHostUsers(spec: PodSpec, path: string): FieldErrors {
  if (spec.hostUsers !== false) return []
  const shared = {
    hostNetwork: spec.hostNetwork === true,
    HostPID: spec.hostPID === true,
    HostIPC: spec.hostIPC === true,
  }
  const devices = containersWithPaths(spec, path).filter(
    ({ container }) => items<unknown>(container.volumeDevices).length > 0,
  )
  const refusal = 'when `pod.Spec.HostUsers` is false'
  return [
    ...Object.entries(shared).flatMap(([field, isSet]) =>
      isSet ? [forbidden(`${path}.${field}`, refusal)] : [],
    ),
    ...devices.map(({ path: place }) => forbidden(`${place}.volumeDevices`, refusal)),
  ]
}
