import type { CronJobStatus, ObjectReference } from '../api/types.generated.ts'

/** The status of a CronJob while it is looked at: written at the end, once. */
export class CronJobStatusDraft {
  #active: readonly ObjectReference[]
  #lastScheduleTime: string | undefined
  #lastSuccessfulTime: string | undefined
  #isChanged = false

  constructor(status: CronJobStatus | undefined) {
    this.#active = status?.active ?? []
    this.#lastScheduleTime = status?.lastScheduleTime
    this.#lastSuccessfulTime = status?.lastSuccessfulTime
  }

  /** Jobs that run, in order of their start. */
  get active(): readonly ObjectReference[] {
    return this.#active
  }

  get lastScheduleTime(): string | undefined {
    return this.#lastScheduleTime
  }

  /** Whether there is something to write. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** Something was done after which the real controller writes, whatever has changed. */
  touch(): void {
    this.#isChanged = true
  }

  removeActive(uid: string | undefined): void {
    const active = this.#active.filter((reference) => reference.uid !== uid)
    if (active.length === this.#active.length) return
    this.#active = active
    this.#isChanged = true
  }

  /** A job has succeeded at this time; the last of them counts. */
  succeeded(completionTime: string | undefined): void {
    if (completionTime === undefined) return
    if (this.#lastSuccessfulTime !== undefined && completionTime <= this.#lastSuccessfulTime) return
    this.#lastSuccessfulTime = completionTime
    this.#isChanged = true
  }

  /** A job was started for a run. */
  started(job: ObjectReference, scheduleTime: string): void {
    this.#active = [...this.#active, job]
    this.#lastScheduleTime = scheduleTime
    this.#isChanged = true
  }

  result(): CronJobStatus {
    return {
      ...(this.#active.length === 0 ? {} : { active: this.#active }),
      ...(this.#lastScheduleTime === undefined ? {} : { lastScheduleTime: this.#lastScheduleTime }),
      ...(this.#lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime: this.#lastSuccessfulTime }),
    }
  }
}
