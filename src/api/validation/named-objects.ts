import type { ObjectMeta } from '../types.generated.ts'
import type { FieldErrors } from './field-error.ts'
import { validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'
import type { ObjectNameCheck } from './names.ts'

/**
 * Kinds of which the metadata is all that is checked here: whether they are of a namespace, and how they are
 * named.
 */
const NAMING: Readonly<Record<string, readonly [isNamespaced: boolean, checkName: ObjectNameCheck]>> = {
  ControllerRevision: [true, subdomainName],
  CSIDriver: [false, subdomainName],
  CSINode: [false, subdomainName],
  CSIStorageCapacity: [true, subdomainName],
  DeviceClass: [false, subdomainName],
  Endpoints: [true, subdomainName],
  EndpointSlice: [true, subdomainName],
  IngressClass: [false, subdomainName],
  Lease: [true, subdomainName],
  ResourceClaim: [true, subdomainName],
  ResourceClaimTemplate: [true, subdomainName],
  ResourceSlice: [false, subdomainName],
  ServiceAccount: [true, subdomainName],
  VolumeAttachment: [false, subdomainName],
}

/** Rules of these kinds. */
export const NAMED_OBJECTS: readonly (readonly [
  kind: string,
  validate: (object: { readonly metadata?: ObjectMeta }) => FieldErrors,
])[] = Object.entries(NAMING).map(([kind, [isNamespaced, checkName]]) => [
  kind,
  ({ metadata }) => validateObjectMeta(metadata, isNamespaced, checkName),
])
