import { formatQuantity } from '../../api/quantity.ts'
import { SECOND } from '../../base/time.ts'
import { ThresholdError, parseThresholds } from '../../node/eviction/threshold-config.ts'
import type { EvictionConfiguration } from '../../node/eviction/threshold-config.ts'
import type { ThresholdValue } from '../../node/eviction/thresholds.ts'
import { logicFamily } from '../family.ts'

/** The kubelet's eviction thresholds from its configuration, or what is wrong with it. */
export const evictionConfig = logicFamily('eviction-config', (input: EvictionConfiguration) => {
  try {
    return {
      thresholds: parseThresholds(input).map(({ signal, value, grace, minReclaim }) => ({
        signal,
        operator: 'LessThan',
        value: valueOf(value),
        gracePeriodSeconds: grace / SECOND,
        ...(minReclaim === undefined ? {} : { minReclaim: valueOf(minReclaim) }),
      })),
    }
  } catch (error) {
    if (error instanceof ThresholdError) return { error: true, message: error.message }
    throw error
  }
})

function valueOf(value: ThresholdValue): object {
  if ('quantity' in value) return { quantity: formatQuantity(value.quantity) }
  return { percentage: shortest(value.percentage) }
}

/** The decimal with the fewest digits that is this number of 32 bits, as Go prints it. */
function shortest(number: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(number.toPrecision(digits))
    if (Math.fround(rounded) === number) return rounded
  }
  return Number(number.toPrecision(9))
}
