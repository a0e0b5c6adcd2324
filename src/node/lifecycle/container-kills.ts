import type { Micros } from '../../base/time.ts'
import { endOfWork } from './container-run.ts'
import type { ContainerRunner } from './container-runner.ts'
import type { ContainerRecord } from './container.ts'
import { EXIT_SIGKILL, GRACE_MIN, planTermination } from './termination.ts'
import type { WorkerHost } from './worker-host.ts'

/** Has containers of one pod end by signals, within grace periods. */
export class ContainerKills {
  readonly #host: WorkerHost
  readonly #runner: ContainerRunner

  constructor(host: WorkerHost, runner: ContainerRunner) {
    this.#host = host
    this.#runner = runner
  }

  /** Tells one container to end, for a probe; false when it is on its way already. */
  one(container: ContainerRecord, grace: Micros): boolean {
    if (container.state !== 'running' || container.kill !== undefined) return false
    const { draws, sim } = this.#host
    this.#runner.quiet(container)
    const [end] = planTermination([draws.ending(container, endOfWork(container))], sim.now, grace)
    if (end !== undefined) {
      this.#runner.killAt(container, { at: end.at, exitCode: end.exitCode, isByProbe: true })
    }
    return true
  }

  /** Tells all containers to end, in their order; returns when the last of them will have. */
  all(containers: readonly ContainerRecord[], grace: Micros): Micros {
    const { draws, sim } = this.#host
    const running = containers.filter(({ state }) => state === 'running')
    const endings = running.map((container) => draws.ending(container, endOfWork(container)))
    let endsAt = sim.now
    planTermination(endings, sim.now, grace).forEach(({ at, exitCode }, index) => {
      const container = running[index] as ContainerRecord
      this.#runner.quiet(container)
      const earlier = container.kill
      if (earlier === undefined || earlier.at > at) {
        this.#runner.killAt(container, { at, exitCode, isByProbe: false })
      }
      endsAt = Math.max(endsAt, Math.min(container.kill?.at ?? at, endOfWork(container)))
    })
    return endsAt
  }

  /** Shortens what is left of the grace period; returns when the last container will have ended. */
  hasten(containers: readonly ContainerRecord[], grace: Micros): Micros {
    const { now } = this.#host.sim
    const latest = now + Math.max(grace, GRACE_MIN)
    let endsAt = now
    for (const container of containers) {
      if (container.state !== 'running') continue
      const at = Math.min(container.kill?.at ?? latest, latest)
      if (at !== container.kill?.at) {
        this.#runner.killAt(container, { at, exitCode: EXIT_SIGKILL, isByProbe: false })
      }
      endsAt = Math.max(endsAt, Math.min(at, endOfWork(container)))
    }
    return endsAt
  }
}
