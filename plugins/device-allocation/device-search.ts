import type { DeviceTaint, V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import type { Amounts } from './allocated-devices.ts'
import { AllocationError } from './allocation-error.ts'
import { hasCapacity } from './device-capacity.ts'
import { constraintsOf } from './device-constraints.ts'
import type { Constraint, RequestNames } from './device-constraints.ts'
import { CLAIM_DEVICES_MAX, claimName, isSelectable, requestsOf, takeOf } from './device-requests.ts'
import type { DeviceTake, PooledDevice, RequestContext, RequestData } from './device-requests.ts'
import type { DevicePool } from './device-pools.ts'
import { CounterBook } from './shared-counters.ts'
import type { SliceDevice } from './device-slices.ts'

/** A device that was chosen for a request. */
export interface ChosenDevice {
  readonly device: SliceDevice
  readonly request: RequestData
  /** What it takes of the capacities of a shared device. */
  readonly consumed: Amounts | undefined
}

/** What was found for one claim. */
export interface ClaimSolution {
  readonly claim: ResourceClaim
  readonly devices: readonly ChosenDevice[]
  /** The alternative that was taken of each request. */
  readonly requests: readonly RequestData[]
}

/** Whether all is found, nothing is, or a claim would get more devices than it can have. */
type Outcome = 'done' | 'failed' | 'too-many'

/** Which device of which alternative of which request of which claim is looked for. */
interface Place {
  readonly claim: number
  readonly request: number
  readonly alternative: number
  readonly device: number
}

/** Where in the pools the search for a device starts. */
interface Start {
  readonly pool: number
  readonly slice: number
  readonly device: number
}

const FROM_START: Start = { pool: 0, slice: 0, device: 0 }

/**
 * Looks for devices for all claims at once: claim by claim, request by request, the first device that is free and
 * matches, back and on to the next where the rest cannot be found. The first solution is taken.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `allocateOne`, whose order of
 * trying decides which devices are given.
 */
export class DeviceSearch {
  readonly #claims: readonly ResourceClaim[]
  readonly #context: RequestContext
  readonly #requests: RequestData[][][]
  readonly #constraints: Constraint[][]
  readonly #counters: CounterBook
  /** Claims that were given the device in this search. */
  readonly #givenTo = new Map<SliceDevice, Set<number>>()
  readonly #allocating = new Map<SliceDevice, Amounts>()
  /** Pools of which a device had its counters: something of them may be chosen, or left taken. */
  readonly #reached = new Set<DevicePool>()
  #passedOver = 0
  readonly #chosen: ChosenDevice[][]
  readonly #taken: number[][]

  constructor(claims: readonly ResourceClaim[], context: RequestContext) {
    this.#claims = claims
    this.#context = context
    this.#requests = []
    this.#constraints = []
    for (const claim of claims) {
      const make = (): RequestData[][] => requestsOf(claim, context)
      this.#requests.push(context.memory?.requestsOf(claim, make) ?? make())
      this.#constraints.push(
        constraintsOf(claim.spec?.devices?.constraints ?? [], claimName(claim), context.hasLists),
      )
    }
    this.#counters = new CounterBook(context.allocated)
    this.#chosen = claims.map(() => [])
    this.#taken = claims.map(() => [])
  }

  /** Pools that were not looked at, for they were known to have nothing. */
  get passedOver(): number {
    return this.#passedOver
  }

  /** The devices of each claim; undefined when the node does not have them. */
  run(): readonly ClaimSolution[] | undefined {
    if (this.#next({ claim: 0, request: 0, alternative: 0, device: 0 }, false, FROM_START) !== 'done') {
      return undefined
    }
    return this.#claims.map((claim, place) => ({
      claim,
      devices: this.#chosen[place] ?? [],
      requests: (this.#requests[place] ?? []).flatMap(
        (alternatives, request) => alternatives[this.#taken[place]?.[request] ?? 0] ?? [],
      ),
    }))
  }

  #next(place: Place, isAlternative: boolean, start: Start): Outcome {
    const claim = this.#claims[place.claim]
    if (claim === undefined) return 'done'
    const alternatives = this.#requests[place.claim]?.[place.request]
    if (alternatives === undefined) {
      const outcome = this.#next(
        { claim: place.claim + 1, request: 0, alternative: 0, device: 0 },
        false,
        FROM_START,
      )
      // Another choice for this claim may leave the next with an alternative that needs fewer devices.
      return outcome === 'too-many' ? 'failed' : outcome
    }
    if (!isAlternative && alternatives[0]?.parent !== undefined)
      return this.#tryAlternatives(place, alternatives)
    const request = alternatives[place.alternative]
    if (request === undefined || request.allDevices?.length === 0) return 'failed'
    if (place.device >= request.deviceCount) {
      const next = { claim: place.claim, request: place.request + 1, alternative: 0, device: 0 }
      return this.#next(next, false, FROM_START)
    }
    const count = (this.#chosen[place.claim]?.length ?? 0) + request.deviceCount - place.device
    if (count > CLAIM_DEVICES_MAX) return 'too-many'
    return request.allDevices === undefined
      ? this.#tryDevices(place, request, claim, isAlternative, start)
      : this.#takeNext(place, request, request.allDevices, isAlternative)
  }

  #tryAlternatives(place: Place, alternatives: readonly RequestData[]): Outcome {
    let areAllTooMany = true
    for (let alternative = 0; alternative < alternatives.length; alternative++) {
      const outcome = this.#next({ ...place, alternative }, true, FROM_START)
      if (outcome === 'too-many') continue
      areAllTooMany = false
      if (outcome === 'failed') continue
      const taken = this.#taken[place.claim]
      if (taken !== undefined) taken[place.request] = alternative
      return 'done'
    }
    return areAllTooMany ? 'too-many' : 'failed'
  }

  /** All devices that match were found before; their order does not matter. */
  #takeNext(
    place: Place,
    request: RequestData,
    all: readonly PooledDevice[],
    isAlternative: boolean,
  ): Outcome {
    const wanted = all[place.device]
    const giveUp = wanted === undefined ? undefined : this.#take(place, request, wanted, true)
    if (giveUp === undefined) return 'failed'
    const outcome = this.#next({ ...place, device: place.device + 1 }, isAlternative, FROM_START)
    if (outcome !== 'done') giveUp()
    return outcome
  }

  #tryDevices(
    place: Place,
    request: RequestData,
    claim: ResourceClaim,
    isAlternative: boolean,
    start: Start,
  ): Outcome {
    const { pools, memory } = this.#context
    const barren = memory?.barrenPools(request)
    for (let p = start.pool; p < pools.length; p++) {
      const pool = pools[p]
      if (pool === undefined || pool.isIncomplete || pool.isInvalid) continue
      if (barren?.has(p) === true && !this.#reached.has(pool)) {
        this.#passedOver += 1
        continue
      }
      const from = p === start.pool ? start : FROM_START
      const outcome = this.#tryPool(place, request, claim, { isAlternative, pool, number: p, from })
      if (outcome !== 'failed') return outcome
      const isWhole = from.slice === 0 && from.device === 0
      if (isWhole && !this.#reached.has(pool)) barren?.add(p)
    }
    return 'failed'
  }

  /** Tries the devices of one pool, from one on. */
  #tryPool(
    place: Place,
    request: RequestData,
    claim: ResourceClaim,
    at: {
      readonly isAlternative: boolean
      readonly pool: DevicePool
      readonly number: number
      readonly from: Start
    },
  ): Outcome {
    const { pool, from } = at
    for (let s = from.slice; s < pool.slices.length; s++) {
      const devices = pool.slices[s]?.devices ?? []
      for (let d = s === from.slice ? from.device : 0; d < devices.length; d++) {
        const device = devices[d]
        if (device === undefined || !this.#isCandidate(place, request, device, claim)) continue
        const giveUp = this.#take(place, request, { device, pool }, false)
        if (giveUp === undefined) continue
        const next = { ...place, device: place.device + 1 }
        const outcome = this.#next(next, at.isAlternative, { pool: at.number, slice: s, device: d + 1 })
        if (outcome === 'done') return 'done'
        giveUp()
        if (outcome === 'too-many') return 'too-many'
      }
    }
    return 'failed'
  }

  #isCandidate(place: Place, request: RequestData, device: SliceDevice, claim: ResourceClaim): boolean {
    if (this.#isInUse(place, request, device)) return false
    if (!isSelectable(request, device, claim, this.#context.node)) return false
    return this.#hasRoom(device, takeOf(request, device))
  }

  #isInUse(place: Place, request: RequestData, device: SliceDevice): boolean {
    const given = this.#givenTo.get(device)
    if (request.adminAccess) return given?.has(place.claim) === true
    return this.#context.allocated.isTaken(device.id) || (given?.size ?? 0) > 0
  }

  #hasRoom(device: SliceDevice, { amounts, fitsAlone }: DeviceTake): boolean {
    const consumed = this.#context.allocated.consumedOf(device.id)
    const allocating = this.#allocating.get(device)
    if (consumed === undefined && allocating === undefined) return fitsAlone
    return amounts !== undefined && hasCapacity(device, amounts, consumed, allocating)
  }

  /**
   * Gives a device to a request, if nothing speaks against it; the result gives it up again. As upstream, counters that
   * were taken for a device which taints or constraints then refuse stay taken in this search.
   */
  #take(place: Place, request: RequestData, wanted: PooledDevice, isMust: boolean): (() => void) | undefined {
    const { device, pool } = wanted
    const claim = this.#claims[place.claim]
    if (claim === undefined) return undefined
    if (!(request.adminAccess && device.isShareable) && this.#isInUse(place, request, device))
      return undefined
    const consumes = (device.device.consumesCounters ?? []).length > 0
    const isShared = device.isShareable && this.#isCapacityInUse(device)
    if (consumes && !isShared && !this.#counters.take(device, pool)) return undefined
    this.#reached.add(pool)
    if (device.taints.some((taint) => keepsOff(taint, request))) return undefined
    const names: RequestNames =
      request.parent === undefined
        ? { request: request.name, subRequest: undefined }
        : { request: request.parent, subRequest: request.name }
    if (!this.#join(place.claim, names, device)) {
      if (!isMust) return undefined
      throw new AllocationError(
        `claim ${claimName(claim)}, request ${request.name}: cannot add device ${device.id} because a claim constraint would not be satisfied`,
      )
    }
    const given = this.#givenTo.get(device) ?? new Set()
    this.#givenTo.set(device, given)
    if (!device.isShareable) given.add(place.claim)
    const take = takeOf(request, device)
    const { amounts } = take
    if (amounts === undefined || !this.#hasRoom(device, take)) return undefined
    if (device.isShareable) this.#changeAllocating(device, amounts, 1n)
    this.#chosen[place.claim]?.push({ device, request, consumed: device.isShareable ? amounts : undefined })
    return () => {
      for (const constraint of this.#constraints[place.claim] ?? []) constraint.remove(names)
      given.delete(place.claim)
      if (device.isShareable) this.#changeAllocating(device, amounts, -1n)
      else if (consumes) this.#counters.giveBack(device, pool)
      this.#chosen[place.claim]?.pop()
    }
  }

  #isCapacityInUse(device: SliceDevice): boolean {
    return this.#context.allocated.consumedOf(device.id) !== undefined || this.#allocating.has(device)
  }

  /** Whether all constraints of the claim let the device join; none keeps it otherwise. */
  #join(claim: number, names: RequestNames, device: SliceDevice): boolean {
    const joined: Constraint[] = []
    for (const constraint of this.#constraints[claim] ?? []) {
      if (!constraint.add(names, device)) {
        for (const other of joined) other.remove(names)
        return false
      }
      joined.push(constraint)
    }
    return true
  }

  #changeAllocating(device: SliceDevice, amounts: Amounts, sign: 1n | -1n): void {
    const sums = this.#allocating.get(device) ?? new Map<string, bigint>()
    for (const [name, amount] of amounts) sums.set(name, (sums.get(name) ?? 0n) + amount * sign)
    if ([...sums.values()].some((amount) => amount > 0n)) this.#allocating.set(device, sums)
    else this.#allocating.delete(device)
  }
}

/** Only taints with these effects keep claims off, and only from requests that do not tolerate them. */
function keepsOff(taint: DeviceTaint, request: RequestData): boolean {
  if (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') return false
  return !request.tolerations.some(({ effect = '', key = '', operator = '', value = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false
    if (key !== '' && key !== taint.key) return false
    return (
      operator === 'Exists' ||
      (operator !== '' && operator !== 'Equal' ? false : value === (taint.value ?? ''))
    )
  })
}
