import type { Endpoint, EndpointSlice, Service, V1EndpointPort } from '../../api/types.generated.ts'
import { hasClusterIP } from './endpoint.ts'
import type { AddressType } from './endpoint.ts'

/** `endpointslice.kubernetes.io/managed-by` of the slices of the EndpointSlice controller. */
export const MANAGER = 'endpointslice-controller.k8s.io'

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const SERVICE_NAME = 'kubernetes.io/service-name'
const HEADLESS = 'service.kubernetes.io/headless'
const RESERVED: ReadonlySet<string> = new Set([MANAGED_BY, SERVICE_NAME, HEADLESS])

/** Longest beginning of a name to which letters are added (apimachinery, `NameIsDNSSubdomain`). */
const PREFIX_MAX = 253

/** A slice that is about to be written: a new one has no name yet. */
export interface SliceDraft {
  /** What is stored, or what a new one begins as. */
  readonly slice: EndpointSlice
  readonly name: string | undefined
  /** Changed in place while the slice is filled. */
  readonly endpoints: Endpoint[]
}

/** The draft of a stored slice with these endpoints and labels. */
export function draftOf(
  slice: EndpointSlice,
  endpoints: readonly Endpoint[] = slice.endpoints ?? [],
  labels = slice.metadata?.labels ?? {},
): SliceDraft {
  const relabelled = { ...slice, metadata: { ...slice.metadata, labels } }
  return { slice: relabelled, name: slice.metadata?.name, endpoints: [...endpoints] }
}

/** An empty draft of a new slice of a service. Source: Kubernetes v1.37, endpointslice `newEndpointSlice`. */
export function newSlice(
  service: Service,
  ports: readonly V1EndpointPort[],
  addressType: AddressType,
): SliceDraft {
  const { name = '', namespace = '', uid = '' } = service.metadata ?? {}
  const prefix = `${name}-`
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: prefix.length > PREFIX_MAX ? name : prefix,
      namespace,
      labels: sliceLabels({}, service).labels,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    addressType,
    ports,
  }
  return { slice, name: undefined, endpoints: [] }
}

/** The slice as it is written. */
export function writtenSlice({ slice, name, endpoints }: SliceDraft): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, ...(name === undefined ? {} : { name }) }, endpoints }
}

/**
 * Labels of a service's slices: the service's own and those by which slices are found; and whether the former differ from what a
 * slice has now. Source: Kubernetes v1.37, endpointslice `setEndpointSliceLabels`.
 */
export function sliceLabels(
  present: Readonly<Record<string, string>>,
  { metadata, spec }: Service,
): { readonly labels: Readonly<Record<string, string>>; readonly haveChanged: boolean } {
  const wanted = unreserved(metadata?.labels ?? {})
  const now = unreserved(present)
  const haveChanged =
    Object.keys(now).length !== Object.keys(wanted).length ||
    Object.entries(wanted).some(([key, value]) => now[key] !== value)
  const labels = {
    ...wanted,
    ...(hasClusterIP(spec?.clusterIP ?? '') ? {} : { [HEADLESS]: '' }),
    [SERVICE_NAME]: metadata?.name ?? '',
    [MANAGED_BY]: MANAGER,
  }
  return { labels, haveChanged }
}

function unreserved(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !RESERVED.has(key)))
}

/** Whether a slice belongs to this very service, and not to an earlier one of the same name. */
export function isSliceOf({ metadata: slice }: EndpointSlice, { metadata }: Service): boolean {
  return (slice?.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === metadata?.uid && kind === 'Service' && apiVersion === 'v1',
  )
}

/** Whether the EndpointSlice controller looks after a slice. */
export function isManaged({ metadata }: EndpointSlice): boolean {
  return metadata?.labels?.[MANAGED_BY] === MANAGER
}

/** `namespace/name` of the service that a slice is of; undefined for one that does not say. */
export function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata?.labels?.[SERVICE_NAME] ?? ''
  return name === '' ? undefined : `${metadata?.namespace ?? ''}/${name}`
}
