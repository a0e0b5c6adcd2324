import { compareQuantities, formatQuantity, parseQuantity, subtractQuantities } from '../api/quantity.ts'
import type { ParsedQuantity } from '../api/quantity.ts'
import type { Quantity } from '../api/types.generated.ts'
import { amountOf, isHard } from './eviction/thresholds.ts'
import type { Threshold } from './eviction/thresholds.ts'

type Amounts = Readonly<Record<string, Quantity>>

/** What a kubelet keeps from pods. */
export interface NodeReservation {
  readonly kubeReserved: Amounts
  readonly systemReserved: Amounts
  readonly thresholds: readonly Threshold[]
}

/** Resources that hard thresholds are taken off, with the signals of those. */
const HELD_BACK = { 'memory.available': 'memory', 'nodefs.available': 'ephemeral-storage' } as const

const NANO = 1_000_000_000n
const NOTHING: ParsedQuantity = { nano: 0n, format: 'BinarySI' }

/**
 * What pods can ask for on a node: its capacity without what is reserved for Kubernetes and the system, and without the hard
 * eviction thresholds of memory and disk; never below 0.
 *
 * Source: kubelet v1.37, cm/node_container_manager_linux.go `GetNodeAllocatableReservation`, nodestatus/setters.go.
 */
export function nodeAllocatable(capacity: Amounts, reservation: NodeReservation): Record<string, string> {
  const { kubeReserved, systemReserved } = reservation
  const allocatable: Record<string, string> = {}
  for (const [resource, text] of Object.entries(capacity)) {
    const whole = parseQuantity(text) ?? NOTHING
    let left = whole
    for (const amounts of [kubeReserved, systemReserved]) {
      left = subtractQuantities(left, parseQuantity(amounts[resource] ?? 0) ?? NOTHING)
    }
    const nano = heldBack(resource, whole, reservation.thresholds)
    left = subtractQuantities(left, { nano, format: whole.format })
    allocatable[resource] = formatQuantity(compareQuantities(left, NOTHING) < 0 ? NOTHING : left)
  }
  return allocatable
}

/** What of a resource the hard thresholds hold back, in billionths. */
function heldBack(resource: string, capacity: ParsedQuantity, thresholds: readonly Threshold[]): bigint {
  const threshold = thresholds.find(
    (one) => isHard(one) && one.signal in HELD_BACK && heldResource(one) === resource,
  )
  if (threshold === undefined) return 0n
  const { value } = threshold
  if ('quantity' in value) return value.quantity.nano
  return BigInt(amountOf(value, Number(capacity.nano / NANO))) * NANO
}

function heldResource({ signal }: Threshold): string | undefined {
  return signal === 'memory.available' || signal === 'nodefs.available' ? HELD_BACK[signal] : undefined
}
