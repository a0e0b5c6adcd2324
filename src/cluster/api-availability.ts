import type { Handler, Simulation } from '../engine/simulation.ts'

/**
 * Whether the API server answers. While it takes no writes nothing changes in the store: whoever would write looks here first, and tries
 * again later.
 *
 * Several causes may stop it at a time; it answers again when the last is gone.
 */
export class ApiAvailability {
  /** Whether writes are taken: asked for each pod that is created. */
  takesWrites = true
  readonly #sim: Simulation
  readonly #causes = new Set<string>()
  readonly #observers: ((takesWrites: boolean) => void)[] = []
  readonly #watchers: { readonly hear: Handler; told: boolean }[] = []

  constructor(sim: Simulation) {
    this.#sim = sim
  }

  /** What keeps the server from taking writes, in order of its coming. */
  get causes(): readonly string[] {
    return [...this.#causes]
  }

  /** Writes are taken no longer, for this cause; the same cause twice is one cause. */
  stop(cause: string): void {
    this.#causes.add(cause)
    this.#set(false)
  }

  /** The cause is gone. Does nothing when it was none. */
  resume(cause: string): void {
    if (this.#causes.delete(cause) && this.#causes.size === 0) this.#set(true)
  }

  /** Registers a measuring instrument: it hears inside the change. */
  observe(observer: (takesWrites: boolean) => void): void {
    this.#observers.push(observer)
  }

  /** Tells a component when writes stop, and when they are taken again, as an event of its own in the same instant. */
  watch(name: string, hear: (takesWrites: boolean) => void): void {
    const watcher = {
      told: true,
      hear: this.#sim.handler(`api-availability/${name}`, () => {
        if (watcher.told === this.takesWrites) return
        watcher.told = this.takesWrites
        hear(this.takesWrites)
      }),
    }
    this.#watchers.push(watcher)
  }

  #set(takesWrites: boolean): void {
    if (this.takesWrites === takesWrites) return
    this.takesWrites = takesWrites
    for (const observer of this.#observers) observer(takesWrites)
    for (const { hear } of this.#watchers) this.#sim.after(0, hear)
  }
}
