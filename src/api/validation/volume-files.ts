import type { DownwardAPIVolumeFile, KeyToPath } from '../types.generated.ts'
import { text } from './absent.ts'
import { validateFieldReference, validateResourceReference, VOLUME_FIELDS } from './downward-api.ts'
import { invalid, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateFileMode, validateUnreservedPath } from './file-paths.ts'
import { requireTexts } from './legacy-volumes.ts'

/** A key and the file that holds its value. */
export function validateKeyToPath(key: KeyToPath, path: string): FieldErrors {
  return [
    ...requireTexts(key, ['key', 'path'], path),
    ...validateUnreservedPath(text(key.path), `${path}.path`),
    ...validateFileMode(key.mode, `${path}.mode`),
  ]
}

/** A file with a field of the pod, or with a resource of a container. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldErrors {
  const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
  const { fieldRef, resourceFieldRef } = file
  const isNone = fieldRef === undefined && resourceFieldRef === undefined
  const resource =
    resourceFieldRef === undefined
      ? []
      : validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, true)
  const field =
    fieldRef === undefined
      ? resource
      : [
          ...validateFieldReference(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`),
          ...(resourceFieldRef === undefined ? [] : [invalid(path, 'resource', both)]),
        ]
  return [
    ...requireTexts(file, ['path'], path),
    ...validateUnreservedPath(text(file.path), `${path}.path`),
    ...(isNone ? [required(path, 'one of fieldRef and resourceFieldRef is required')] : field),
    ...validateFileMode(file.mode, `${path}.mode`),
  ]
}
