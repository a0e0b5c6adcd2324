import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** Runs of pods without a worker on machines whose CPU is slow: they take that much longer while it is. */
export class SlowPods {
  /** Share of the full speed, of machines that are slow. */
  readonly #speeds = new Map<NodeRow, number>()
  /** When runs end that are, or were, not at full speed. */
  readonly #endsAt = new Map<PodRow, Micros>()

  /** Whether no run ever was slow that still lasts, nor any machine is. */
  get isQuiet(): boolean {
    return this.#speeds.size === 0 && this.#endsAt.size === 0
  }

  /** How long something takes on a node that takes so long at full speed. */
  spanOn(node: NodeRow, span: Micros): Micros {
    const speed = this.#speeds.get(node)
    return speed === undefined || span === NEVER ? span : Math.ceil(span / speed)
  }

  /** A run begins; returns how long it takes if nothing changes. */
  begin(pod: PodRow, node: NodeRow, duration: Micros, now: Micros): Micros {
    const span = this.spanOn(node, duration)
    if (span === duration) this.#endsAt.delete(pod)
    else this.#endsAt.set(pod, now + span)
    return span
  }

  /** When the pod's run ends; undefined for one that was at full speed all along. */
  endOf(pod: PodRow): Micros | undefined {
    return this.#endsAt.get(pod)
  }

  /** The pod runs no more. */
  forget(pod: PodRow): void {
    this.#endsAt.delete(pod)
  }

  /** The speed of a machine's CPU, which becomes another one; returns what it was. */
  setSpeed(node: NodeRow, speed: number): number {
    const before = this.#speeds.get(node) ?? 1
    if (speed === 1) this.#speeds.delete(node)
    else this.#speeds.set(node, speed)
    return before
  }

  /** The rest of a run goes on at another speed; returns when it ends. */
  stretch(
    pod: PodRow,
    endsAt: Micros,
    now: Micros,
    speeds: { readonly from: number; readonly to: number },
  ): Micros {
    const at = now + Math.ceil(((endsAt - now) * speeds.from) / speeds.to)
    this.#endsAt.set(pod, at)
    return at
  }
}
