import { HOUR } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { POD_FINISHED, POD_UPDATED } from '../../cluster/pod-event.ts'
import { EVICTED, OOM_KILLED } from '../../cluster/pod-reason.ts'
import type { PodRow } from '../../cluster/rows.ts'

/**
 * Hears of pods that nodes cannot hold: evicted for pressure, or killed for their memory. Where that goes on no
 * workload is whole, and nobody's fault it is.
 */
export class Strain {
  readonly #api: ApiServer
  #lastAt: Micros = Number.NEGATIVE_INFINITY

  constructor(api: ApiServer) {
    this.#api = api
    api.pods.observe((event, row) => {
      const isPressed =
        (event === POD_FINISHED && [EVICTED, OOM_KILLED].includes(api.pods.table.reason(row))) ||
        (event === POD_UPDATED && this.#hasKilledContainer(row))
      if (isPressed) this.#lastAt = api.sim.now
    })
  }

  /** Whether there was such a pod in the last hour. */
  get isRecent(): boolean {
    return this.#lastAt + HOUR > this.#api.sim.now
  }

  #hasKilledContainer(row: PodRow): boolean {
    const { containerStatuses = [] } = this.#api.pods.detailsOf(row)
    return containerStatuses.some(
      ({ state, lastState }) =>
        state?.terminated?.reason === OOM_KILLED || lastState?.terminated?.reason === OOM_KILLED,
    )
  }
}
