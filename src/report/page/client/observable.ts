/** A value that parts of the page share: who sets it need not know who shows it. */
export interface Observable<Value> {
  readonly value: Value
  /** Tells all followers, unless the value is the one that is there. */
  set(value: Value): void
  /** Calls the listener on each change from now on, until the signal is aborted. */
  follow(listener: (value: Value) => void, signal?: AbortSignal): void
}

/** A shared value with what it is at first. */
export function observable<Value>(initial: Value): Observable<Value> {
  let value = initial
  const listeners = new Set<(value: Value) => void>()
  return {
    get value() {
      return value
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener(next)
    },
    follow(listener, signal) {
      listeners.add(listener)
      signal?.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
  }
}
