import { assert } from '../base/assert.ts'
import { widened } from '../base/widen.ts'

const FIRST_CAPACITY = 64

/**
 * How much cpu and memory each of many waits for, in columns: whom a node with so much free may take is found without a
 * look at the others.
 */
export class WaitingAsks<Waiter> {
  #cpu = new Float64Array(FIRST_CAPACITY)
  #memory = new Float64Array(FIRST_CAPACITY)
  readonly #waiters: Waiter[] = []
  readonly #places = new Map<Waiter, number>()

  /** Millicores and bytes; -Infinity asks for none. */
  add(waiter: Waiter, cpu: number, memory: number): void {
    if (this.#places.has(waiter)) return
    const place = this.#waiters.length
    if (place === this.#cpu.length) {
      this.#cpu = widened(this.#cpu, place * 2)
      this.#memory = widened(this.#memory, place * 2)
    }
    this.#cpu[place] = cpu
    this.#memory[place] = memory
    this.#waiters.push(waiter)
    this.#places.set(waiter, place)
  }

  remove(waiter: Waiter): void {
    const place = this.#places.get(waiter)
    if (place === undefined) return
    const last = this.#waiters.pop()
    assert(last !== undefined, 'a waiter has a place in an empty list')
    this.#places.delete(waiter)
    if (last === waiter) return
    this.#waiters[place] = last
    this.#cpu[place] = this.#cpu[this.#waiters.length] as number
    this.#memory[place] = this.#memory[this.#waiters.length] as number
    this.#places.set(last, place)
  }

  get size(): number {
    return this.#waiters.length
  }

  /** Those who ask for no more than this. */
  within(cpu: number, memory: number): Waiter[] {
    const found: Waiter[] = []
    const cpus = this.#cpu
    const memories = this.#memory
    const count = this.#waiters.length
    for (let place = 0; place < count; place++) {
      if ((cpus[place] as number) > cpu || (memories[place] as number) > memory) continue
      const waiter = this.#waiters[place]
      if (waiter !== undefined) found.push(waiter)
    }
    return found
  }
}
