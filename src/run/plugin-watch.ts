import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker, isMainThread, threadId } from 'node:worker_threads'

import { InputError } from '../base/errors.ts'
import { formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { PluginError } from '../scheduler/plugin-call.ts'
import type { PluginPlace } from '../scheduler/plugin-call.ts'

/** A method of a user's code; of a `file` the loading of it. */
export interface WatchedMethod {
  readonly by: 'plugin' | 'extender' | 'file'
  /** Name of the plugin or extender, or of the file. */
  readonly name: string
  readonly method: string
}

/** A call of a user's code that has not come back. */
export interface OpenCall extends WatchedMethod {
  /** From `PluginWatch.add`. */
  readonly id: number
  readonly args: readonly unknown[]
}

/** What the watcher of a thread says to all threads of the process when code of a user loops there. */
export interface LoopNotice {
  readonly thread: number
  readonly called: WatchedMethod
  readonly longest: Micros
}

/** Name of the channel for that. */
export const LOOP_CHANNEL = 'stowage/loop'

/** Looks at the open call that fit in the longest time a call may take. */
const LOOKS = 20
const MILLISECOND: Micros = 1000
/** Between two words of the worker to this thread once it has ended the call: one may be lost with the call. */
const REPEAT_MILLISECONDS = 100

/**
 * What looks on from a thread of its own. It reads which outermost call is open; when it is the same at so many looks, it
 * has V8 end what the main thread runs, and says so until it is heard. A run in another thread cannot be reached so: whoever
 * started that thread is told, who can end it. Looks are counted, not timed: a process that was stopped and goes on has not
 * looped. Without an inspector in this Node it can only end the process.
 */
const WATCHER = `
const { BroadcastChannel, parentPort, workerData } = require('node:worker_threads')
const { open, looks, pause, repeat, thread, methods, longest, channel } = workerData
let last = 0
let same = 0
const timer = setInterval(() => {
  const call = Atomics.load(open, 0)
  same = call !== 0 && call === last ? same + 1 : 0
  last = call
  if (same < looks) return
  clearInterval(timer)
  if (thread !== 0) {
    const all = new BroadcastChannel(channel)
    const notice = { thread, called: methods[Atomics.load(open, 1)], longest }
    setInterval(() => all.postMessage(notice), repeat)
    return
  }
  setInterval(() => parentPort.postMessage('looping'), repeat)
  try {
    const { Session } = require('node:inspector')
    const session = new Session()
    session.connectToMainThread()
    session.post('Runtime.terminateExecution')
  } catch (error) {
    require('node:fs').writeSync(2, 'a plugin does not come back, and cannot be stopped: ' + error.message + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }
}, pause)
`

/** The places of the shared numbers: the number of the outermost open call, 0 without one; the method of the innermost. */
const CALL = 0
const METHOD = 1

/**
 * Sees that no call of a user's plugin or extender lasts too long: an endless loop would otherwise hang the run without a
 * word. Costs a few writes a call of user code, and a thread while it watches; nothing without such code.
 *
 * JavaScript cannot be interrupted from outside but by ending all that its thread runs, `finally` blocks left out. So the
 * simulation stands in the middle of an event then: it must not go on, only be reported.
 */
export class PluginWatch {
  readonly #open = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  readonly #methods: WatchedMethod[] = []
  #calls = 0
  #current: OpenCall | undefined

  /** Makes a method known; returns its number, for its calls. */
  add(method: WatchedMethod): number {
    return this.#methods.push(method) - 1
  }

  /** A call begins: returns the one that it is made in, for `leave`. */
  enter(call: OpenCall): OpenCall | undefined {
    const outer = this.#current
    this.#current = call
    if (outer === undefined) {
      // 0 says that none is open.
      this.#calls = (this.#calls + 1) & 0x7fffffff || 1
      Atomics.store(this.#open, CALL, this.#calls)
    }
    Atomics.store(this.#open, METHOD, call.id)
    return outer
  }

  /** A call has come back, or thrown. */
  leave(outer: OpenCall | undefined): void {
    this.#current = outer
    if (outer === undefined) Atomics.store(this.#open, CALL, 0)
    else Atomics.store(this.#open, METHOD, outer.id)
  }

  /**
   * Runs the code of a user's file that runs as it is loaded. Rejects with an `InputError` when that lasts longer than `longest`, of
   * real time.
   */
  async loading<Result>(file: string, longest: Micros, body: () => Promise<Result>): Promise<Result> {
    const method: WatchedMethod = { by: 'file', name: file, method: 'load' }
    const call = { ...method, id: this.add(method), args: [] }
    const load = async (): Promise<Result> => {
      const outer = this.enter(call)
      try {
        return await body()
      } finally {
        this.leave(outer)
      }
    }
    return this.during(longest, () => ({}), load)
  }

  /**
   * Runs the body and watches meanwhile. Rejects with the error of `loopError` when one call lasts longer than `longest`, of real
   * time: `placeOf` says then what it was asked about.
   */
  async during<Result>(
    longest: Micros,
    placeOf: (call: OpenCall) => PluginPlace,
    body: () => Promise<Result>,
  ): Promise<Result> {
    const pause = Math.max(1, longest / MILLISECOND / LOOKS)
    const worker = new Worker(WATCHER, {
      eval: true,
      workerData: {
        ...{ open: this.#open, looks: LOOKS, pause, repeat: REPEAT_MILLISECONDS, longest },
        ...{ thread: isMainThread ? 0 : threadId, methods: this.#methods, channel: LOOP_CHANNEL },
      },
    })
    const stuck = new Promise<never>((_, reject) => {
      worker.once('message', () => reject(this.#error(longest, placeOf)))
      worker.once('error', reject)
    })
    try {
      // In a turn of its own: what is ended takes everybody with it that waits for it to return.
      return await Promise.race([nextTurn().then(body), stuck])
    } finally {
      await worker.terminate()
    }
  }

  #error(longest: Micros, placeOf: (call: OpenCall) => PluginPlace): Error {
    const call = this.#current
    if (call !== undefined) return loopError({ called: call, longest }, placeOf(call))
    return loopError({ called: { by: 'plugin', name: '', method: '' }, longest }, {})
  }
}

/** The error for code that does not come back. */
export function loopError(
  { called, longest }: Pick<LoopNotice, 'called' | 'longest'>,
  place: PluginPlace,
): Error {
  const { by, name, method } = called
  if (by === 'file') {
    const message = `does not come back while it is loaded: not within ${formatDuration(longest)} (--plugin-timeout)`
    return new InputError({
      file: name,
      message,
      hint: 'it may have an endless loop outside of its functions',
    })
  }
  const outcome = ` did not come back within ${formatDuration(longest)} (--plugin-timeout)`
  return new PluginError(name, { by, method, outcome }, place)
}
