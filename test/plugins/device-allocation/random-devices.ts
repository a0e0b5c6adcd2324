import type {
  Device,
  DeviceConstraint,
  DeviceRequest,
  DeviceTaintRule,
  Node,
  ResourceSlice,
  ResourceSliceSpec,
  V1ResourceClaim as ResourceClaim,
} from '../../../src/api/types.generated.ts'
import type { RandomStream } from '../../../src/base/random.ts'
import { node } from '../../scheduler/cluster-builder.ts'
import { DRIVER, claim, device, slice } from './devices.ts'

const OTHER_DRIVER = 'nic.example.com'

/** Makes slices and claims by chance, of all kinds that the allocator tells apart. */
export class RandomDevices {
  readonly #random: RandomStream
  /** Slices by what they are replaced by. */
  readonly #named = new Map<string, readonly ResourceSlice[]>()

  constructor(random: RandomStream) {
    this.#random = random
  }

  node(name: string): Node {
    const made = node(name, { cpu: '8', memory: '8Gi' })
    if (this.#chance(0.4)) return { ...made, metadata: { name } }
    const labels = { ...made.metadata?.labels, zone: this.#one(['a', 'b']) }
    return { ...made, metadata: { ...made.metadata, labels } }
  }

  /** The slices of a pool: on a node, on nodes by label, on all, or chosen device by device; with counters or without. */
  slices(name: string): readonly ResourceSlice[] {
    const driver = this.#chance(0.7) ? DRIVER : OTHER_DRIVER
    // Now and then a pool has the name of another driver's, or slices of another pool.
    const poolName = this.#chance(0.8) ? `pool-${name}` : 'pool-shared'
    const hasCounters = this.#chance(0.4)
    const count = 1 + this.#random.integer(2) + (hasCounters ? 1 : 0)
    const resourceSliceCount = this.#chance(0.93) ? count : count + 1
    const pool = { name: poolName, generation: 1 + this.#random.integer(2), resourceSliceCount }
    const placing = this.#placing()
    const made = Array.from({ length: count }, (_, index) => {
      const own = hasCounters && this.#chance(0.2) ? this.#placing() : placing
      if (!hasCounters || index > 0) {
        const devices = this.#devices(`${name}-${index}`, hasCounters, own.perDeviceNodeSelection === true)
        return slice(`${name}-${index}`, devices, { driver, pool, ...own })
      }
      const counters = { units: { value: `${1 + this.#random.integer(4)}` } }
      const where = own.perDeviceNodeSelection === true ? { allNodes: true } : own
      return slice(`${name}-0`, [], { driver, pool, ...where, sharedCounters: [{ name: 'set', counters }] })
    })
    return made
  }

  /** The slices made before under the name of these; these take their place. */
  replacedBy(made: readonly ResourceSlice[]): readonly ResourceSlice[] {
    const name = made[0]?.metadata?.name?.split('-')[0] ?? ''
    const before = this.#named.get(name) ?? []
    this.#named.set(name, made)
    return before
  }

  /** One of few shapes of claims, so that many are alike. */
  claim(name: string): ResourceClaim {
    const requests = Array.from({ length: 1 + this.#random.integer(2) }, (_, place) =>
      this.#request(`r${place}`),
    )
    return claim(name, requests, this.#constraints())
  }

  /** An expression; now and then one that fails on devices without the attribute. */
  selector(): string {
    const model = `device.attributes["${DRIVER}"].model == "${this.#one(['a', 'b'])}"`
    return this.#chance(0.1) ? model : `device.driver != "${DRIVER}" || ${model}`
  }

  taintRule(name: string): DeviceTaintRule {
    const pool = `pool-s${this.#random.integer(8)}`
    return {
      kind: 'DeviceTaintRule',
      metadata: { name },
      spec: { deviceSelector: { pool }, taint: { key: 'broken', effect: 'NoSchedule' } },
    }
  }

  #placing(): Partial<ResourceSliceSpec> {
    const draw = this.#random.uniform()
    if (draw < 0.5) return { nodeName: `n${this.#random.integer(8)}` }
    if (draw < 0.7) return { nodeSelector: this.#nodeSelector() }
    return draw < 0.85 ? { allNodes: true } : { perDeviceNodeSelection: true }
  }

  #nodeSelector(): NonNullable<ResourceSliceSpec['nodeSelector']> {
    const matchExpressions = [{ key: 'zone', operator: 'In', values: [this.#one(['a', 'b'])] }]
    const term = { matchExpressions }
    return { nodeSelectorTerms: this.#chance(0.1) ? [term, term] : [term] }
  }

  #devices(slices: string, hasCounters: boolean, selectsByDevice: boolean): readonly Device[] {
    return Array.from({ length: 1 + this.#random.integer(3) }, (_, index) => {
      const attributes = { model: this.#one(['a', 'b']), numa: this.#random.integer(2) }
      const counters = { units: { value: `${1 + this.#random.integer(2)}` } }
      return device(`${slices}-${index}`, attributes, {
        ...(hasCounters && this.#chance(0.8) ? { consumesCounters: [{ counterSet: 'set', counters }] } : {}),
        ...(this.#chance(0.3) ? this.#shared() : {}),
        ...(this.#chance(0.15) ? { taints: [{ key: 'old', effect: 'NoSchedule' }] } : {}),
        ...(this.#chance(0.1) ? { bindingConditions: ['ready'], bindingFailureConditions: ['failed'] } : {}),
        ...(this.#chance(0.1) ? { bindsToNode: true } : {}),
        ...(selectsByDevice ? this.#placingOfDevice() : {}),
      })
    })
  }

  #placingOfDevice(): Partial<Device> {
    const draw = this.#random.uniform()
    if (draw < 0.3) return { nodeName: `n${this.#random.integer(8)}` }
    return draw < 0.7 ? { nodeSelector: this.#nodeSelector() } : { allNodes: true }
  }

  #shared(): Partial<Device> {
    const requestPolicy = this.#chance(0.5)
      ? { default: '1', validRange: { min: '1', step: '1' } }
      : undefined
    const memory = { value: '4', ...(requestPolicy === undefined ? {} : { requestPolicy }) }
    return { allowMultipleAllocations: true, capacity: { memory } }
  }

  #request(name: string): DeviceRequest {
    const wanted = {
      deviceClassName: this.#chance(0.97) ? this.#one(['gpu', 'fast']) : 'missing',
      ...(this.#chance(0.1) ? { allocationMode: 'All' } : { count: 1 + this.#random.integer(2) }),
      ...(this.#chance(0.3) ? { selectors: [{ cel: { expression: this.selector() } }] } : {}),
      ...(this.#chance(0.2) ? { tolerations: [{ key: 'old', operator: 'Exists' }] } : {}),
      ...(this.#chance(0.2) ? { capacity: { requests: { memory: this.#one(['1', '3']) } } } : {}),
    }
    if (this.#chance(0.25)) {
      return {
        name,
        firstAvailable: [
          { ...wanted, name: 'x', count: 3 },
          { deviceClassName: 'gpu', name: 'y' },
        ],
      }
    }
    return { name, exactly: { ...wanted, ...(this.#chance(0.1) ? { adminAccess: true } : {}) } }
  }

  #constraints(): readonly DeviceConstraint[] {
    const attribute = `${DRIVER}/${this.#one(['numa', 'model'])}`
    const draw = this.#random.uniform()
    if (draw < 0.25) return [{ matchAttribute: attribute }]
    return draw < 0.35 ? [{ distinctAttribute: attribute, requests: ['r0'] }] : []
  }

  #chance(share: number): boolean {
    return this.#random.uniform() < share
  }

  #one<Part>(parts: readonly Part[]): Part {
    return parts[this.#random.integer(parts.length)] as Part
  }
}
