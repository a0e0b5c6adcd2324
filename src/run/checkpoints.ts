import { InputError } from '../base/errors.ts'
import { SECOND } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { RunOutputs } from '../report/run-outputs.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { checkpointFile, removeCheckpoint, writeCheckpoint } from './checkpoint-file.ts'
import type { Checkpoint } from './checkpoint-file.ts'
import { inputDigests } from './input-digests.ts'
import type { Places } from './play.ts'

/** What a run with checkpoints is given. */
export interface CheckpointHooks {
  /** Whether it is time for another one; undefined leaves none. */
  readonly isDue: (() => boolean) | undefined
  /** The command line that goes on with the run when its checkpoint is found. */
  readonly command: readonly string[]
  /** Where an earlier run ended early. */
  readonly from?: Checkpoint
}

/** Events between two places at which a checkpoint may be left. */
const SLICE = 2000

/** The run was interrupted before it had come to where it was to go on: nothing is lost, and nothing was written. */
export class ReplayInterrupted extends Error {
  override name = 'ReplayInterrupted'
}

/**
 * Leaves checkpoints of a run, and goes on from one: the run is played again up to there, without writing, and has to come
 * to the same events and the same tables.
 */
export class Checkpoints implements Places {
  readonly slice = SLICE
  readonly #directory: string
  readonly #hooks: CheckpointHooks
  readonly #identity: Pick<Checkpoint, 'command' | 'seed' | 'versions' | 'digests'>
  readonly #run: { readonly sim: Simulation; readonly outputs: RunOutputs }
  #isReplaying: boolean

  /** Throws `InputError` when the checkpoint is of another version, or of other inputs. */
  constructor(
    hooks: CheckpointHooks,
    run: {
      readonly sim: Simulation
      readonly outputs: RunOutputs
      readonly scenario: Scenario
      readonly directory: string
      readonly version: string
    },
  ) {
    this.#hooks = hooks
    this.#run = run
    this.#directory = run.directory
    this.#identity = {
      command: hooks.command,
      seed: run.scenario.seed,
      versions: { stowage: run.version, node: process.version },
      digests: inputDigests(run.scenario),
    }
    this.#isReplaying = hooks.from !== undefined
    if (hooks.from !== undefined) this.#refuseOther(hooks.from)
  }

  /** Whether the run has not come to where it is to go on yet. */
  get isReplaying(): boolean {
    return this.#isReplaying
  }

  get next(): number {
    return this.#isReplaying ? (this.#hooks.from?.events ?? 0) : Number.POSITIVE_INFINITY
  }

  reached(events: number): void {
    const { from, isDue } = this.#hooks
    if (this.#isReplaying && from !== undefined) {
      if (events === from.events) this.#goOn(from)
    } else if (isDue?.() === true) this.#save()
  }

  /**
   * The run is over. Throws `ReplayInterrupted` when it was interrupted in the replay, and `InputError` when it came to
   * its end there.
   */
  ended(isInterrupted: boolean): void {
    if (!this.#isReplaying) return
    if (isInterrupted) throw new ReplayInterrupted('the run had not come to its checkpoint again')
    throw this.#notTheSame(`the run has ${this.#run.sim.executed} events, not ${this.next}`)
  }

  /** The reports are written: only of a run that was interrupted is there something to go on with. */
  reported(isInterrupted: boolean): void {
    if (!isInterrupted) removeCheckpoint(this.#directory)
  }

  #save(): void {
    const { sim, outputs } = this.#run
    const tables = Object.fromEntries(outputs.keep())
    writeCheckpoint(this.#directory, {
      ...this.#identity,
      events: sim.executed,
      seconds: sim.now / SECOND,
      eventDigest: sim.log.hash,
      tables,
    })
  }

  #goOn({ eventDigest }: Checkpoint): void {
    const { sim, outputs } = this.#run
    const { hash } = sim.log
    if (hash !== eventDigest) throw this.#notTheSame(`its events have the digest ${hash}, not ${eventDigest}`)
    const [other] = outputs.goOn()
    if (other !== undefined) throw this.#notTheSame(`${other} has other rows`)
    this.#isReplaying = false
  }

  #refuseOther(from: Checkpoint): void {
    const { seed, versions, digests } = this.#identity
    if (from.seed !== seed) throw this.#notTheSame(`the seed is ${seed}, not ${from.seed}`)
    if (from.versions['stowage'] !== versions['stowage']) {
      throw this.#notTheSame(`stowage is ${versions['stowage']}, not ${from.versions['stowage']}`)
    }
    const names = [...Object.keys(from.digests), ...Object.keys(digests)]
    const changed = names.find((name) => from.digests[name] !== digests[name])
    if (changed !== undefined) throw this.#notTheSame(`${changed} has changed`)
  }

  #notTheSame(how: string): InputError {
    const before = this.#hooks.from?.versions['node']
    const node = before === process.version ? '' : `; Node.js was ${before}, and is ${process.version}`
    return new InputError({
      file: checkpointFile(this.#directory),
      message: `is of another run: ${how}${node}`,
      hint: 'give the inputs that the run began with, or begin again with --force',
    })
  }
}
