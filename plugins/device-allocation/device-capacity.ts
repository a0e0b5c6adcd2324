import { formatQuantity, parseQuantity } from '../../src/api/quantity.ts'
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

/** The finest that a range of capacities is counted in, in 10⁻⁹ units. */
const MILLI = 1_000_000n

/**
 * What a request takes of each capacity of a device, by full name in 10⁻⁹ units; undefined when the device does not have
 * what is asked, or its policy does not allow the amount.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `consumable_capacity.go`.
 */
export function consumptionOf(
  device: SliceDevice,
  request: CapacityRequirements | undefined,
): Amounts | undefined {
  const capacities = capacitiesOf(device)
  const asked = new Map<string, bigint>()
  for (const [name, amount] of Object.entries(request?.requests ?? {})) {
    const key = qualifiedName(name, device.slice.driver)
    if (!capacities.has(key)) return undefined
    if (asked.has(key)) throw new AllocationError(`capacity "${key}" requested under two names`)
    asked.set(key, nanoOf(amount))
  }
  const consumed: Amounts = new Map()
  for (const [name, capacity] of capacities) {
    const amount = amountTaken(asked.get(name), capacity)
    if (violates(amount, capacity.requestPolicy)) return undefined
    consumed.set(name, amount)
  }
  return consumed
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

function amountTaken(asked: bigint | undefined, { nano, requestPolicy }: Capacity): bigint {
  if (asked === undefined) return requestPolicy?.default === undefined ? nano : nanoOf(requestPolicy.default)
  const { validRange, validValues } = requestPolicy ?? {}
  if (validRange !== undefined) return roundedUp(asked, validRange)
  return (validValues ?? []).map(nanoOf).find((valid) => asked <= valid) ?? asked
}

/** At least the minimum, and whole steps from there. */
function roundedUp(asked: bigint, range: CapacityRequestPolicyRange): bigint {
  const min = nanoOf(range.min)
  if (asked < min) return min
  if (range.step === undefined) return asked
  if (asked % MILLI !== 0n) {
    throw new AllocationError("capacity request cannot be represented in the device's range arithmetic")
  }
  const step = nanoOf(range.step)
  const beyond = (asked - min) % step
  return beyond === 0n ? asked : asked + step - beyond
}

function violates(amount: bigint, policy: CapacityRequestPolicy | undefined): boolean {
  if (policy === undefined) return false
  if (policy.default !== undefined && amount === nanoOf(policy.default)) return false
  const { validRange, validValues = [] } = policy
  if (validRange !== undefined) {
    if (validRange.max !== undefined && amount > nanoOf(validRange.max)) return true
    return validRange.step !== undefined && (amount - nanoOf(validRange.min)) % nanoOf(validRange.step) !== 0n
  }
  return validValues.length > 0 && !validValues.some((valid) => nanoOf(valid) === amount)
}

function nanoOf(quantity: Quantity): bigint {
  return parseQuantity(quantity)?.nano ?? 0n
}
