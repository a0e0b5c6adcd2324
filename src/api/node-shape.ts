import { InputError } from '../base/errors.ts'
import { quantityMilli, quantityValue, requireQuantity } from './quantity.ts'

/** The size of a node. */
export interface NodeShape {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly pods: number
  readonly gpus: number
}

const DEFAULT_PODS = 110

/**
 * Reads `CPU:MEMORY[:PODS][:gpu=N]`, as `64:256Gi:110`; 110 pods by default.
 *
 * Throws `InputError` that names `field`, and below it the amount that is wrong.
 */
export function parseShape(text: string, field: string): NodeShape {
  const match = /^([^:]+):([^:]+)(?::(\d+))?(?::gpu=(\d+))?$/.exec(text)
  if (match === null) {
    throw new InputError({
      field,
      message: `"${text}" is no shape of nodes`,
      hint: 'expected CPU:MEMORY[:PODS][:gpu=N], such as 64:256Gi:110',
    })
  }
  return {
    cpu: amount(match[1] ?? '', `${field}.cpu`, quantityMilli),
    memory: amount(match[2] ?? '', `${field}.memory`, quantityValue),
    pods: Number(match[3] ?? DEFAULT_PODS),
    gpus: Number(match[4] ?? 0),
  }
}

function amount(text: string, field: string, read: (text: string) => number): number {
  const quantity = requireQuantity(text, field)
  if (quantity.nano > 0n) return read(text)
  throw new InputError({ field, message: `"${text}" is not above 0` })
}
