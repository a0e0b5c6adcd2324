import type { Container, EphemeralContainer, VolumeDevice, VolumeMount } from '../types.generated.ts'
import { text } from './absent.ts'
import type { VolumesByName } from './environment.ts'
import { forbidden, invalid, notFound, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateDescendingPath, validateNoBacksteps } from './file-paths.ts'

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE_MODES = ['Disabled', 'Enabled', 'IfPossible']

/** Where volumes are mounted. Source: Kubernetes v1.37, core/validation `ValidateVolumeMounts`. */
export function validateVolumeMounts(
  mounts: readonly VolumeMount[],
  devices: readonly VolumeDevice[],
  container: Container | EphemeralContainer,
  volumes: VolumesByName,
  path: string,
): FieldErrors {
  const taken = new Set<string>()
  const deviceNames = new Set(devices.map(({ name }) => text(name)))
  const devicePaths = lastPaths(devices.map(({ name, devicePath }) => [text(name), text(devicePath)]))
  return mounts.flatMap((mount, index) => {
    const place = `${path}[${index}]`
    const name = text(mount.name)
    const mountPath = text(mount.mountPath)
    const isTaken = taken.has(mountPath)
    taken.add(mountPath)
    return [
      ...(name === '' ? [required(`${place}.name`)] : []),
      ...(volumes.has(name) ? [] : [notFound(`${place}.name`, name)]),
      ...(mountPath === '' ? [required(`${place}.mountPath`)] : []),
      ...(isTaken ? [invalid(`${place}.mountPath`, mountPath, 'must be unique')] : []),
      ...(deviceNames.has(name)
        ? [invalid(`${place}.name`, name, 'must not already exist in volumeDevices')]
        : []),
      ...(devicePaths.has(mountPath)
        ? [invalid(`${place}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...subPathErrors(mount, path, place),
      ...propagationErrors(mount.mountPropagation, container, `${path}.mountPropagation`),
      ...recursiveErrors(mount, `${path}.recursiveReadOnly`),
    ]
  })
}

/** Paths by name: of a name that is there twice, the last. */
function lastPaths(pairs: readonly (readonly [name: string, path: string])[]): ReadonlySet<string> {
  return new Set(new Map(pairs).values())
}

/** Errors of paths in the volume are reported for the list, not for the mount. */
function subPathErrors(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  list: string,
  path: string,
): FieldErrors {
  const areBoth = subPath !== '' && subPathExpr !== ''
  const both = 'subPathExpr and subPath are mutually exclusive'
  return [
    ...(subPath === '' ? [] : validateDescendingPath(subPath, `${list}.subPath`)),
    ...(areBoth ? [invalid(`${path}.subPathExpr`, subPathExpr, both)] : []),
    ...(subPathExpr === '' ? [] : validateDescendingPath(subPathExpr, `${list}.subPathExpr`)),
  ]
}

function propagationErrors(
  propagation: string | undefined,
  { securityContext }: Container | EphemeralContainer,
  path: string,
): FieldErrors {
  if (propagation === undefined) return []
  const isKnown = PROPAGATIONS.includes(propagation)
  const isRefused = propagation === 'Bidirectional' && securityContext?.privileged !== true
  const privileged = 'Bidirectional mount propagation is available only to privileged containers'
  return [
    ...(isKnown ? [] : [notSupported(path, propagation, PROPAGATIONS)]),
    ...(isRefused ? [forbidden(path, privileged)] : []),
  ]
}

function recursiveErrors(
  { recursiveReadOnly, readOnly, mountPropagation }: VolumeMount,
  path: string,
): FieldErrors {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  if (!RECURSIVE_MODES.includes(recursiveReadOnly)) {
    return [notSupported(path, recursiveReadOnly, RECURSIVE_MODES)]
  }
  const isPropagated = mountPropagation !== undefined && mountPropagation !== 'None'
  const none = 'may only be specified when mountPropagation is None or not specified'
  return [
    ...(readOnly === true ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(isPropagated ? [forbidden(path, none)] : []),
  ]
}

/** Volumes that are given as devices. Source: core/validation `ValidateVolumeDevices`. */
export function validateVolumeDevices(
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  volumes: VolumesByName,
  path: string,
): FieldErrors {
  const names = new Set<string>()
  const paths = new Set<string>()
  const mountNames = new Set(mounts.map(({ name }) => text(name)))
  const mountPaths = lastPaths(mounts.map(({ name, mountPath }) => [text(name), text(mountPath)]))
  return devices.flatMap((device, index) => {
    const name = text(device.name)
    const place = `${path}[${index}]`
    const errors = [
      ...deviceNameErrors(name, names, volumes, `${place}.name`),
      ...devicePathErrors(text(device.devicePath), paths, `${place}.devicePath`),
      ...(mountNames.has(name)
        ? [invalid(`${place}.name`, name, 'must not already exist in volumeMounts')]
        : []),
      ...(mountPaths.has(text(device.devicePath))
        ? [
            invalid(
              `${place}.devicePath`,
              text(device.devicePath),
              'must not already exist as a path in volumeMounts',
            ),
          ]
        : []),
    ]
    if (name !== '') names.add(name)
    return errors
  })
}

function deviceNameErrors(
  name: string,
  names: ReadonlySet<string>,
  volumes: VolumesByName,
  path: string,
): FieldErrors {
  const volume = volumes.get(name)
  const isClaim = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined
  const claim = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
  return [
    ...(name === '' ? [required(path)] : []),
    ...(names.has(name) ? [invalid(path, name, 'must be unique')] : []),
    ...(volume !== undefined && !isClaim ? [invalid(path, name, claim)] : []),
    ...(volume === undefined ? [notFound(path, name)] : []),
  ]
}

function devicePathErrors(devicePath: string, paths: Set<string>, path: string): FieldErrors {
  const isTaken = paths.has(devicePath)
  const stepsBack = devicePath !== '' && validateNoBacksteps(devicePath, path).length > 0
  if (!stepsBack) paths.add(devicePath)
  return [
    ...(devicePath === '' ? [required(path)] : []),
    ...(isTaken ? [invalid(path, devicePath, 'must be unique')] : []),
    ...(stepsBack ? [invalid(path, devicePath, "can not contain backsteps ('..')")] : []),
  ]
}
