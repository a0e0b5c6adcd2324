import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { Tell } from './violation.ts'

/** Kinds that are written by those who count as reaching the API server whatever happens. */
const UNBOUND_KINDS: ReadonlySet<string> = new Set(['Lease'])

/**
 * While the API server takes no writes nothing is written. Those who hear of its stop in the instant of it may still write in that
 * instant; what is put back from a snapshot is nobody's write.
 */
export class OutageLaw {
  readonly #api: ApiServer
  readonly #tell: Tell
  #stoppedAt: Micros | undefined
  /** Writes of the present instant, or of the last one that had any. */
  #written: string[] = []
  #writtenAt: Micros = 0

  constructor(api: ApiServer, tell: Tell) {
    this.#api = api
    this.#tell = tell
    api.availability.observe((takesWrites) => {
      if (takesWrites && this.#writtenAt === api.sim.now) this.#written = []
      this.check()
      this.#stoppedAt = takesWrites ? undefined : api.sim.now
    })
    api.pods.observe((event, row) => this.#onWrite(() => `pod ${api.pods.keyOf(row)}, event ${event}`))
    api.observeObjects(({ kind, key }) => {
      if (!UNBOUND_KINDS.has(kind)) this.#onWrite(() => `${kind} ${key}`)
    })
  }

  /** Tells of what was written before this instant. */
  check(): void {
    if (this.#writtenAt === this.#api.sim.now) return
    for (const what of this.#written.splice(0)) {
      this.#tell('nothing-is-written-in-an-outage', `${what} at ${this.#writtenAt} µs`)
    }
  }

  #onWrite(what: () => string): void {
    if (this.#api.isRestoring || this.#stoppedAt === undefined || this.#stoppedAt === this.#api.sim.now)
      return
    this.check()
    this.#writtenAt = this.#api.sim.now
    this.#written.push(what())
  }
}
