import type { TimelineStyle } from '../report/timeline-text.ts'

/** Where a command writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Whether stderr is a terminal: then progress is a bar. */
  readonly isTerminal: boolean
  /** How words on stdout are drawn; plain where it is left out. */
  readonly style?: TimelineStyle
  /** Words that start this program anew, for work that needs a process of its own; undefined inside another program. */
  readonly program?: readonly string[]
}

/** What a command ends with, as its exit status. */
export const EXIT = {
  done: 0,
  /** The condition that was asked for does not hold. */
  conditionFailed: 1,
  badInput: 2,
  /** A promise of our own was broken. */
  internal: 70,
  interrupted: 130,
} as const
