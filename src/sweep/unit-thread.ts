import type { MessagePort } from 'node:worker_threads'

import { runUnit } from './run-unit.ts'
import type { RunUnit, UnitResult } from './run-unit.ts'
import { packedError } from './unit-error.ts'
import type { UnitError } from './unit-error.ts'

/** What a thread is told: a run to make, or to end the one that it is at. */
export type ThreadOrder = { readonly unit: RunUnit } | 'stop'

/** What a thread answers to a run. */
export type ThreadAnswer = { readonly result: UnitResult } | { readonly error: UnitError }

/** Runs what comes over a port, one run after another, until the port is closed. */
export function serveUnits(port: MessagePort): void {
  const stop = new AbortController()
  port.on('message', (order: ThreadOrder) => {
    if (order === 'stop') stop.abort()
    else void answer(order.unit)
  })
  const answer = async (unit: RunUnit): Promise<void> => {
    port.postMessage(await answerOf(unit, stop.signal))
  }
}

async function answerOf(unit: RunUnit, signal: AbortSignal): Promise<ThreadAnswer> {
  try {
    return { result: await runUnit(unit, signal) }
  } catch (error) {
    return { error: packedError(error) }
  }
}
