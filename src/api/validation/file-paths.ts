import { invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'

const FILE_MODE_MAX = 0o777

/**
 * Paths of files in volumes and containers.
 *
 * Source: Kubernetes v1.37, core/validation `validatePathNoBacksteps`, `validateLocalDescendingPath`,
 * `ValidateLocalNonReservedPath`.
 */
export function validateNoBacksteps(value: string, path: string): FieldErrors {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []
}

/** A relative path without `..`. */
export function validateDescendingPath(value: string, path: string): FieldErrors {
  const isAbsolute = value.startsWith('/')
  return [
    ...(isAbsolute ? [invalid(path, value, 'must be a relative path')] : []),
    ...validateNoBacksteps(value, path),
  ]
}

/** A relative path that does not start with two points. */
export function validateUnreservedPath(value: string, path: string): FieldErrors {
  const isReserved = value.startsWith('..') && !value.startsWith('../')
  return [
    ...validateDescendingPath(value, path),
    ...(isReserved ? [invalid(path, value, "must not start with '..'")] : []),
  ]
}

/** A mode of a file, if there is one. */
export function validateFileMode(mode: number | undefined, path: string): FieldErrors {
  if (mode === undefined || (mode >= 0 && mode <= FILE_MODE_MAX)) return []
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}
