import type { PodOwner } from './pod-table.ts'

/** Kind of the owner of a trace's pods. */
export const TASK = 'Task'

/** A task, a row of a trace, as the owner of its pods. */
export class TaskOwner implements PodOwner {
  readonly name: string
  /** Pods of the task. */
  readonly count: number

  constructor(name: string, count: number) {
    this.name = name
    this.count = count
  }

  get kind(): string {
    return TASK
  }

  /** The task's name, with the place when it has several pods, and the attempt after the first. */
  podName(ordinal: number, attempt: number): string {
    const place = this.count === 1 ? this.name : `${this.name}-${ordinal}`
    return attempt === 0 ? place : `${place}-r${attempt}`
  }
}
