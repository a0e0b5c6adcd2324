import { formatQuantity, parseQuantity } from '../../src/api/quantity.ts'
import type { ParsedQuantity } from '../../src/api/quantity.ts'
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  CapacityRequirements,
  Quantity,
} from '../../src/api/types.generated.ts'
import { qualifiedName } from './allocated-devices.ts'
import type { Amounts } from './allocated-devices.ts'
import { AllocationError } from './allocation-error.ts'
import type { SliceDevice } from './device-slices.ts'

/** Amounts of capacities that a request asks for. */
export interface CapacityRequest {
  readonly capacity: CapacityRequirements | undefined
  /** Whether ranges may be counted in thousandths: the feature gate DRAFractionalCapacityRange. */
  readonly hasFractions: boolean
}

const UNIT = 1_000_000_000n
const MILLI = 1_000_000n
const INT64_MAX = 2n ** 63n - 1n
const NOT_REPRESENTABLE = "capacity request cannot be represented in the device's range arithmetic"

/**
 * What a request takes of each capacity of a device, by full name in 10⁻⁹ units; undefined when the device does not have
 * what is asked, or its policy does not allow the amount.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `consumable_capacity.go`.
 */
export function consumptionOf(device: SliceDevice, request: CapacityRequest): Amounts | undefined {
  const capacities = capacitiesOf(device)
  const asked = new Map<string, ParsedQuantity>()
  for (const [name, amount] of Object.entries(request.capacity?.requests ?? {})) {
    const key = qualifiedName(name, device.slice.driver)
    if (!capacities.has(key)) return undefined
    if (asked.has(key)) throw new AllocationError(requestedTwice(name, device.slice.driver))
    asked.set(key, parseQuantity(amount) ?? NOTHING)
  }
  const consumed: Amounts = new Map()
  for (const [name, capacity] of capacities) {
    try {
      consumed.set(name, amountTaken(asked.get(name), capacity, request.hasFractions))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new AllocationError(`capacity ${JSON.stringify(name)}: ${NOT_REPRESENTABLE}: ${error.message}`)
    }
  }
  for (const [name, { requestPolicy }] of capacities) {
    if (violates(consumed.get(name) ?? 0n, requestPolicy, request.hasFractions)) return undefined
  }
  return consumed
}

const NOTHING: ParsedQuantity = { nano: 0n, format: 'DecimalSI' }

function requestedTwice(name: string, driver: string): string {
  const short = name.startsWith(`${driver}/`) ? name.slice(driver.length + 1) : name
  const [one, other] = short === name ? [name, `${driver}/${name}`] : [name, short]
  return `capacity "${short}" requested both as "${one}" and as "${other}"`
}

/** Whether a device has room for an amount of each capacity beside what is taken and what is about to be. */
export function hasCapacity(
  device: SliceDevice,
  amounts: Readonly<Amounts>,
  taken: Readonly<Amounts> | undefined,
  allocating: Readonly<Amounts> | undefined,
): boolean {
  for (const [name, { nano }] of capacitiesOf(device)) {
    const sum = (amounts.get(name) ?? 0n) + (taken?.get(name) ?? 0n) + (allocating?.get(name) ?? 0n)
    if (sum > nano) return false
  }
  return true
}

/** What a claim's status says is taken, under the names that the device gives its capacities. */
export function consumedCapacity(
  device: SliceDevice,
  amounts: Readonly<Amounts>,
): Readonly<Record<string, Quantity>> {
  const own = device.device.capacity ?? {}
  const prefix = `${device.slice.driver}/`
  return Object.fromEntries(
    [...amounts].map(([name, nano]) => {
      const spelled = name in own || !name.startsWith(prefix) ? name : name.slice(prefix.length)
      const format = parseQuantity(own[spelled]?.value ?? 0)?.format ?? 'DecimalSI'
      return [spelled, formatQuantity({ nano, format })]
    }),
  )
}

/** What there is of a capacity, in 10⁻⁹ units, and what may be taken of it. */
interface Capacity {
  readonly nano: bigint
  readonly requestPolicy: CapacityRequestPolicy | undefined
}

const capacitiesByDevice = new WeakMap<SliceDevice, ReadonlyMap<string, Capacity>>()

/** The capacities by full name; one that is given with the driver's domain goes before the same without. */
function capacitiesOf(of: SliceDevice): ReadonlyMap<string, Capacity> {
  const known = capacitiesByDevice.get(of)
  if (known !== undefined) return known
  const { device, slice } = of
  const capacities = new Map<string, Capacity>()
  for (const [name, { value, requestPolicy }] of Object.entries(device.capacity ?? {})) {
    const key = qualifiedName(name, slice.driver)
    if (name === key || !capacities.has(key)) capacities.set(key, { nano: nanoOf(value), requestPolicy })
  }
  capacitiesByDevice.set(of, capacities)
  return capacities
}

function amountTaken(
  asked: ParsedQuantity | undefined,
  { nano, requestPolicy }: Capacity,
  hasFractions: boolean,
): bigint {
  if (asked === undefined) return requestPolicy?.default === undefined ? nano : nanoOf(requestPolicy.default)
  const { validRange, validValues } = requestPolicy ?? {}
  if (validRange !== undefined) return roundedUp(asked, validRange, hasFractions)
  return (validValues ?? []).map(nanoOf).find((valid) => asked.nano <= valid) ?? asked.nano
}

/** At least the minimum, and whole steps from there. */
function roundedUp(asked: ParsedQuantity, range: CapacityRequestPolicyRange, hasFractions: boolean): bigint {
  const min = nanoOf(range.min)
  if (asked.nano < min) return min
  if (range.step === undefined) return asked.nano
  const unit = unitOf(range, hasFractions)
  if (unit === MILLI && !isWhole(asked.nano, MILLI)) {
    throw new RangeError(`request ${formatQuantity(asked)} is not a representable milli value`)
  }
  if (asked.nano > INT64_MAX * unit) {
    throw new RangeError(`request ${formatQuantity(asked)} exceeds MaxInt64`)
  }
  const from = inUnits(min, unit)
  const step = inUnits(nanoOf(range.step), unit)
  const beyond = (inUnits(asked.nano, unit) - from) % step
  const sum = inUnits(asked.nano, unit) + (beyond === 0n ? 0n : step - beyond)
  if (sum > INT64_MAX) {
    const limit = unit === MILLI ? 'the milli-value range' : 'MaxInt64'
    throw new RangeError(`rounding request ${formatQuantity(asked)} up to the next step passes ${limit}`)
  }
  return sum * unit
}

/** Ranges are counted in whole units, or in thousandths where all of their numbers are some. */
function unitOf({ min, max, step }: CapacityRequestPolicyRange, hasFractions: boolean): bigint {
  const numbers = [min, max, step].flatMap((each) => (each === undefined ? [] : [nanoOf(each)]))
  return hasFractions && numbers.every((nano) => isWhole(nano, MILLI)) ? MILLI : UNIT
}

function isWhole(nano: bigint, unit: bigint): boolean {
  return nano % unit === 0n && nano <= INT64_MAX * unit
}

/** In whole units, rounded up. */
function inUnits(nano: bigint, unit: bigint): bigint {
  return (nano + unit - 1n) / unit
}

function violates(amount: bigint, policy: CapacityRequestPolicy | undefined, hasFractions: boolean): boolean {
  if (policy === undefined) return false
  if (policy.default !== undefined && amount === nanoOf(policy.default)) return false
  const { validRange, validValues = [] } = policy
  if (validRange !== undefined) {
    if (validRange.max !== undefined && amount > nanoOf(validRange.max)) return true
    if (validRange.step === undefined) return false
    const unit = unitOf(validRange, hasFractions)
    if (unit === MILLI && !isWhole(amount, MILLI)) return true
    const beyond = inUnits(amount, unit) - inUnits(nanoOf(validRange.min), unit)
    return beyond % inUnits(nanoOf(validRange.step), unit) !== 0n
  }
  return validValues.length > 0 && !validValues.some((valid) => nanoOf(valid) === amount)
}

function nanoOf(quantity: Quantity): bigint {
  return parseQuantity(quantity)?.nano ?? 0n
}
