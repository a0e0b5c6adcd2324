import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  Volume,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { ENVIRONMENT_FIELDS, validateFieldReference, validateResourceReference } from './downward-api.ts'
import { invalid, invalidEach, notFound, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateUnreservedPath } from './file-paths.ts'
import { configMapKey, environmentName, subdomainName } from './names.ts'

/** Volumes of a pod that are valid, by name. */
export type VolumesByName = ReadonlyMap<string, Volume>

/** Variables of a container. Source: Kubernetes v1.37, core/validation `ValidateEnv`. */
export function validateEnvironment(
  variables: readonly EnvVar[],
  volumes: VolumesByName,
  path: string,
): FieldErrors {
  return variables.flatMap((variable, index) => {
    const name = text(variable.name)
    const place = `${path}[${index}]`
    return [
      ...(name === ''
        ? [required(`${place}.name`)]
        : invalidEach(`${place}.name`, name, environmentName(name))),
      ...sourceErrors(variable, volumes, `${place}.valueFrom`),
    ]
  })
}

function sourceErrors({ value, valueFrom }: EnvVar, volumes: VolumesByName, path: string): FieldErrors {
  if (valueFrom === undefined) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    (source) => source !== undefined,
  ).length
  return [
    ...(fieldRef === undefined
      ? []
      : validateFieldReference(fieldRef, ENVIRONMENT_FIELDS, `${path}.fieldRef`)),
    ...(resourceFieldRef === undefined
      ? []
      : validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, false)),
    ...(configMapKeyRef === undefined ? [] : keyErrors(configMapKeyRef, `${path}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : keyErrors(secretKeyRef, `${path}.secretKeyRef`)),
    ...(fileKeyRef === undefined ? [] : fileKeyErrors(fileKeyRef, volumes, `${path}.fileKeyRef`)),
    ...countErrors(count, text(value), path),
  ]
}

function countErrors(count: number, value: string, path: string): FieldErrors {
  if (count === 0) {
    const sources = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    return [invalid(path, '', `must specify one of: ${sources}`)]
  }
  if (value !== '') return [invalid(path, '', 'may not be specified when `value` is not empty')]
  return count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : []
}

function keyErrors(reference: ConfigMapKeySelector, path: string): FieldErrors {
  const name = text(reference.name)
  const key = text(reference.key)
  return [
    ...invalidEach(`${path}.name`, name, subdomainName(name, false)),
    ...(key === '' ? [required(`${path}.key`)] : invalidEach(`${path}.key`, key, configMapKey(key))),
  ]
}

/** A variable that an emptyDir volume's file holds. Source: core/validation `validateFileKeySelector`. */
function fileKeyErrors(reference: FileKeySelector, volumes: VolumesByName, path: string): FieldErrors {
  const key = text(reference.key)
  const file = text(reference.path)
  return [
    ...(key === '' ? [required(`${path}.key`)] : invalidEach(`${path}.key`, key, environmentName(key))),
    ...volumeNameErrors(text(reference.volumeName), volumes, `${path}.volumeName`),
    ...(file === '' ? [required(`${path}.path`)] : validateUnreservedPath(file, `${path}.path`)),
  ]
}

function volumeNameErrors(name: string, volumes: VolumesByName, path: string): FieldErrors {
  if (name === '') return [required(path)]
  const volume = volumes.get(name)
  if (volume === undefined) return [notFound(path, name)]
  return volume.emptyDir === undefined
    ? [invalid(path, name, 'referenced volume must be of type emptyDir')]
    : []
}

/** ConfigMaps and Secrets whose keys become variables. Source: core/validation `ValidateEnvFrom`. */
export function validateEnvironmentSources(sources: readonly EnvFromSource[], path: string): FieldErrors {
  return sources.flatMap(({ prefix = '', configMapRef, secretRef }, index) => {
    const place = `${path}[${index}]`
    const count = items([configMapRef, secretRef]).filter((source) => source !== undefined).length
    return [
      ...(prefix === '' ? [] : invalidEach(`${place}.prefix`, prefix, environmentName(prefix))),
      ...(configMapRef === undefined ? [] : referenceErrors(configMapRef.name, `${place}.configMapRef.name`)),
      ...(secretRef === undefined ? [] : referenceErrors(secretRef.name, `${place}.secretRef.name`)),
      ...(count === 0 ? [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
      ...(count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : []),
    ]
  })
}

function referenceErrors(name: string | undefined, path: string): FieldErrors {
  const given = text(name)
  return given === '' ? [required(path)] : invalidEach(path, given, subdomainName(given, true))
}
