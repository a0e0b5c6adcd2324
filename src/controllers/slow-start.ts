/** Calls that are made slowly at first. */
export interface SlowStart {
  /** How many calls are wanted. */
  readonly count: number
  /** Calls in the first batch. */
  readonly initialBatchSize: number
  /** Makes one call; `settled` hears of its end, at once or later, with what went wrong if it failed. */
  readonly call: (settled: (error?: string) => void) => void
  /** Hears once, at the end: how many calls succeeded, and the first error if one failed. */
  readonly done: (successes: number, error: string | undefined) => void
}

/** Size of the first batch of every controller that starts slowly. */
export const SLOW_START_INITIAL_BATCH_SIZE = 1

/**
 * Makes calls in batches that double, each when the one before has ended; after a batch with an error come no others. So a
 * pod that nobody admits is tried once a round, not a thousand times.
 *
 * Source: kube-controller-manager v1.37, replicaset/replica_set.go `slowStartBatch`.
 */
export function startSlowly({ count, initialBatchSize, call, done }: SlowStart): void {
  let remaining = count
  let successes = 0
  const startBatch = (size: number): void => {
    if (size <= 0) {
      done(successes, undefined)
      return
    }
    let pending = size
    let firstError: string | undefined
    const settled = (error?: string): void => {
      pending -= 1
      if (error === undefined) successes += 1
      else firstError ??= error
      if (pending > 0) return
      remaining -= size
      if (firstError === undefined) startBatch(Math.min(2 * size, remaining))
      else done(successes, firstError)
    }
    for (let i = 0; i < size; i++) call(settled)
  }
  startBatch(Math.min(remaining, initialBatchSize))
}
