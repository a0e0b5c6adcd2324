import type { Service, ServiceSpec } from '../api/types.generated.ts'
import { InvariantError } from '../base/assert.ts'
import type { ApiServer } from './api-server.ts'
import { objectKey } from './object-store.ts'
import { dotted } from './pod-address.ts'

/** `--service-cluster-ip-range` of kube-apiserver, as kubeadm sets it: 10.96.0.0/12. */
const FIRST = 10 * 2 ** 24 + 96 * 2 ** 16
const SIZE = 2 ** 20
/** Addresses at the beginning of the range that are given only to services that ask for them. */
const STATIC_BAND = 256
/** Address of the service `kubernetes` of the API server itself. */
const API_SERVER = dotted(FIRST + 1)

/** A service with its addresses, or why it cannot have them. */
export type AddressedService =
  | { readonly ok: true; readonly service: Service }
  | { readonly ok: false; readonly reason: 'Invalid'; readonly message: string }

/**
 * Gives services their cluster IPs as they are created, in a cluster of one family, IPv4: none for ExternalName, `None` stays.
 *
 * Source: kube-apiserver v1.37, registry/core/service `alloc.go` and ipallocator: a random address outside of the static band, and the
 * next free one if it is taken. Departs from it in that a service may ask for an address that is not in the range: manifests of other
 * clusters do.
 */
export class ServiceAddresses {
  readonly #api: ApiServer
  /** Addresses that are in use, with the key of the service. */
  readonly #users = new Map<string, string>([[API_SERVER, 'default/kubernetes']])
  readonly #addressOf = new Map<string, string>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const service of api.collection<Service>('Service').list()) {
      this.#written(objectKey(service.metadata), service)
    }
    api.observeObjects(({ kind, key, object }) => {
      if (kind === 'Service') this.#written(key, object as Service | undefined)
    })
  }

  /**
   * The service as it is stored: with `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`. An update that leaves them out keeps
   * those that it has.
   */
  admit(service: Service): AddressedService {
    const { spec = {} } = service
    if (spec.type === 'ExternalName') return { ok: true, service }
    const key = objectKey(service.metadata)
    const families = familiesOf(spec)
    if ('message' in families) return { ok: false, reason: 'Invalid', ...families }
    const stored = this.#api.collection<Service>('Service').get(key)?.spec
    const asked = emptyToUndefined(spec.clusterIP) ?? emptyToUndefined(stored?.clusterIP)
    const clusterIP = asked ?? this.#free()
    const user = this.#users.get(clusterIP)
    if (user !== undefined && user !== key) {
      const message = `spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`
      return { ok: false, reason: 'Invalid', message }
    }
    const clusterIPs = spec.clusterIPs ?? [clusterIP]
    return { ok: true, service: { ...service, spec: { ...spec, clusterIP, clusterIPs, ...families } } }
  }

  #written(key: string, service: Service | undefined): void {
    const address = emptyToUndefined(service?.spec?.clusterIP)
    const before = this.#addressOf.get(key)
    if (before === address) return
    if (before !== undefined && this.#users.get(before) === key) this.#users.delete(before)
    if (address === undefined || address === 'None') {
      this.#addressOf.delete(key)
      return
    }
    this.#addressOf.set(key, address)
    this.#users.set(address, key)
  }

  #free(): string {
    const stream = this.#api.sim.random.stream('api/cluster-ips')
    // Neither the first nor the last address of the range is given.
    const count = SIZE - 1 - STATIC_BAND
    const start = stream.integer(count)
    for (let step = 0; step < count; step++) {
      const address = dotted(FIRST + STATIC_BAND + ((start + step) % count))
      if (!this.#users.has(address)) return address
    }
    throw new InvariantError('all cluster IPs are in use')
  }
}

const allocators = new WeakMap<ApiServer, ServiceAddresses>()

/** The service as the API server stores it, with its addresses: one allocator for each server. */
export function withAddresses(api: ApiServer, service: Service): AddressedService {
  let addresses = allocators.get(api)
  if (addresses === undefined) {
    addresses = new ServiceAddresses(api)
    allocators.set(api, addresses)
  }
  return addresses.admit(service)
}

type Families = Required<Pick<ServiceSpec, 'ipFamilies' | 'ipFamilyPolicy'>>

/** Families of a service in a cluster that has IPv4 only. */
function familiesOf(spec: ServiceSpec): Families | { readonly message: string } {
  const { ipFamilies = [], selector } = spec
  const isOpen = spec.clusterIP === 'None' && selector === undefined
  if (isOpen && spec.ipFamilyPolicy === undefined) {
    return { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
  }
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? 'SingleStack'
  if (ipFamilyPolicy === 'RequireDualStack' && !isOpen) {
    return {
      message: `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`,
    }
  }
  if (ipFamilies.length === 1 && ipFamilies[0] === 'IPv6') {
    return { message: 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster' }
  }
  return { ipFamilies: isOpen && ipFamilies.length > 0 ? ipFamilies : ['IPv4'], ipFamilyPolicy }
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
