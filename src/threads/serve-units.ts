import type { MessagePort } from 'node:worker_threads'

import { packedError } from './thread-error.ts'
import type { ThreadError } from './thread-error.ts'
import type { DoUnit, ThreadOrder } from './thread-task.ts'

/** What a thread answers to a unit. */
export type ThreadAnswer = { readonly result: unknown } | { readonly error: ThreadError }

/** Does the units that come over a port, one after another, until the port is closed. */
export function serveUnits<Unit>(port: MessagePort, start: () => DoUnit<Unit, unknown>): void {
  const stop = new AbortController()
  let doUnit: DoUnit<Unit, unknown> | undefined
  const answerTo = async (unit: Unit): Promise<ThreadAnswer> => {
    try {
      // Here, so that what cannot be made ready is told as any error of a unit is.
      doUnit ??= start()
      return { result: await doUnit(unit, stop.signal) }
    } catch (error) {
      return { error: packedError(error) }
    }
  }
  port.on('message', (order: ThreadOrder) => {
    if (order === 'stop') stop.abort()
    else void answerTo(order.unit as Unit).then((answer) => port.postMessage(answer))
  })
}
