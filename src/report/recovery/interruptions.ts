import { assert } from '../../base/assert.ts'
import type { Micros } from '../../base/time.ts'
import type { Cause } from './causes.ts'

/** A part of the control plane that may not work for a time. */
export type ControlPlanePart = 'api' | 'kube-scheduler' | 'kube-controller-manager'

/** What nobody does while a part does not work. */
const STOPPED: Readonly<Record<ControlPlanePart, readonly Cause[]>> = {
  api: ['taint_queue', 'controller', 'set_order', 'scheduler'],
  'kube-controller-manager': ['taint_queue', 'controller', 'set_order'],
  'kube-scheduler': ['scheduler'],
}

/** Whether this is the name of a part of the control plane. */
export function isControlPlanePart(name: string): name is ControlPlanePart {
  return Object.hasOwn(STOPPED, name)
}

interface Interruption {
  readonly from: Micros
  readonly until: Micros
}

/** When nobody did what lost replicas may wait for, because the control plane had failed. */
export class Interruptions {
  readonly #listeners: ((cause: Cause, from: Micros, until: Micros) => void)[] = []
  readonly #over = new Map<Cause, Interruption[]>()
  /** Parts that keep a cause from being dealt with now, and since when one does. */
  readonly #open = new Map<Cause, { readonly since: Micros; parts: number }>()

  /** Hears of a span that a replica waited for a cause, and for some of which nobody could do anything about it. */
  onWaited(listener: (cause: Cause, from: Micros, until: Micros) => void): void {
    this.#listeners.push(listener)
  }

  /** A replica has waited such a span. */
  tell(cause: Cause, from: Micros, until: Micros): void {
    for (const listener of this.#listeners) listener(cause, from, until)
  }

  /** A part of the control plane stops working. */
  begin(part: ControlPlanePart, at: Micros): void {
    for (const cause of STOPPED[part]) {
      const open = this.#open.get(cause)
      if (open === undefined) this.#open.set(cause, { since: at, parts: 1 })
      else open.parts += 1
    }
  }

  /** It works again. */
  end(part: ControlPlanePart, at: Micros): void {
    for (const cause of STOPPED[part]) {
      const open = this.#open.get(cause)
      assert(open !== undefined, () => `${part} works again, and always did`)
      open.parts -= 1
      if (open.parts > 0) continue
      this.#open.delete(cause)
      const over = this.#over.get(cause)
      if (over === undefined) this.#over.set(cause, [{ from: open.since, until: at }])
      else over.push({ from: open.since, until: at })
    }
  }

  /** How much of a span that was waited for a cause nobody could do anything about it. O(interruptions since the start of the span). */
  within(cause: Cause, from: Micros, until: Micros): Micros {
    const open = this.#open.get(cause)
    let sum = open === undefined ? 0 : Math.max(0, until - Math.max(from, open.since))
    const before = this.#over.get(cause) ?? []
    for (let place = before.length - 1; place >= 0; place--) {
      const over = before[place] as Interruption
      if (over.until <= from) break
      sum += Math.max(0, Math.min(until, over.until) - Math.max(from, over.from))
    }
    return sum
  }
}
