import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { LostReplica } from './lost-replica.ts'

/**
 * What ails a node: a fault of its machine, that it is slow or has a full disk, that it shuts down and ends its pods, or that it is to go,
 * and is drained for it.
 */
export type Ailment = 'down' | 'cutOff' | 'hung' | 'slow' | 'diskFull' | 'shuttingDown' | 'noticed'

/** One time that a node had an ailment, and the replicas that it took. */
export interface Outage {
  /** A node that shuts down, or is to go, is down in the end. */
  ailment: Ailment
  /** What brought it about: the failure's name. */
  readonly cause: string
  readonly startedAt: Micros
  endedAt: Micros | undefined
  /** When the node stopped being Ready. */
  detectedAt: Micros | undefined
  /** When it got the NoExecute taint that evicts its pods; undefined again when that goes. */
  taintedAt: Micros | undefined
  readonly lost: LostReplica[]
  /** Time that pods of it ran while others had taken their names, summed over these. */
  splitBrain: Micros
}

/** Whether nothing is heard of the pods of a node with the ailment. */
export function hidesPods(ailment: Ailment): boolean {
  return ailment === 'down' || ailment === 'cutOff' || ailment === 'hung'
}

/** Whether the node of an outage runs no new pods now: it is not heard of, or shuts down. */
export function isAway({ ailment, endedAt }: Outage): boolean {
  return endedAt === undefined && (hidesPods(ailment) || ailment === 'shuttingDown')
}

/** An outage that begins. */
export function newOutage(ailment: Ailment, cause: string, startedAt: Micros): Outage {
  return {
    ailment,
    cause,
    startedAt,
    endedAt: undefined,
    detectedAt: undefined,
    taintedAt: undefined,
    lost: [],
    splitBrain: 0,
  }
}

/** Whether the outage lasts at an instant, or begins then. */
export function covers(outage: Outage, at: Micros): boolean {
  return outage.startedAt === at || (outage.startedAt < at && at < (outage.endedAt ?? NEVER))
}
