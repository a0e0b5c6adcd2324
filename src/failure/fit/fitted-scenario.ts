import type { FamilyName } from './family-names.ts'
import type { FailureFit } from './failure-fit.ts'
import { spanDistribution } from './fitted-spans.ts'
import type { SpanDistribution } from './fitted-spans.ts'

/** The `nodeCrash` of a scenario's `spec.failures`. */
export interface FittedNodeCrash {
  readonly nodeCrash: {
    readonly timeBetweenFailures: SpanDistribution
    readonly repair: SpanDistribution
    readonly age: string
  }
}

/** Which families to take; the ones that fit best by default. */
export interface FamilyChoice {
  readonly between?: FamilyName | undefined
  readonly repair?: FamilyName | undefined
}

/** How many times between failures nodes have behind them: then the number does not matter any more. */
const AGE = 50

/**
 * The failures of a system as a model of single nodes: each fails as often as a machine of the trace did on average, so a cluster
 * with as many nodes has as many failures a year. A node counts from the end of its repair to the next crash, so the mean
 * repair is taken off. Nodes have run for long when a run starts: were all new, a year would have up to twice as many, because new
 * ones fail early.
 */
export function fittedNodeCrash(fit: FailureFit, choice: FamilyChoice): FittedNodeCrash {
  const { perMachine, repair, timeBetweenFailures, machineHoursPerFailure = 0 } = fit
  const repairHours = repair.mean ?? 0
  // Where the trace tells shares of machines, the system's spans are the only ones known.
  const spans = perMachine.count > 0 ? perMachine : timeBetweenFailures
  return {
    nodeCrash: {
      timeBetweenFailures: spanDistribution(spans, {
        family: choice.between,
        meanHours: Math.max(machineHoursPerFailure - repairHours, 1e-6),
        of: 'times between failures',
      }),
      repair: spanDistribution(repair, { family: choice.repair, meanHours: repairHours, of: 'repairs' }),
      age: `${Math.max(1, Math.ceil((AGE * machineHoursPerFailure) / 24))}d`,
    },
  }
}
