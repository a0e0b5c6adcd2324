import type { FailureTimes } from '../base/failure-times.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Etcd } from './control-plane/etcd.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { startTimedFailures } from './timed-failures.ts'

/** Which members of etcd fail: so many, the leader first; or each by its own stream of chance. */
export type FailingMembers = number | 'each'

/** Takes members of etcd down at their times. */
export function startEtcdFailures(
  sim: Simulation,
  log: FailureLog,
  etcd: Etcd,
  { members, times, name }: { members: FailingMembers; times: FailureTimes; name: string },
): void {
  if (members !== 'each') {
    startMemberFailures(sim, log, etcd, { times, name, choose: () => leaderFirst(etcd).slice(0, members) })
    return
  }
  for (let member = 0; member < etcd.options.members; member++) {
    const choose = (): readonly number[] => [member]
    startMemberFailures(sim, log, etcd, { times, name: `${name}/${nameOf(member)}`, choose })
  }
}

function startMemberFailures(
  sim: Simulation,
  log: FailureLog,
  etcd: Etcd,
  { times, name, choose }: { times: FailureTimes; name: string; choose: () => readonly number[] },
): void {
  let down: readonly number[] = []
  let record: FailureRecord | undefined
  startTimedFailures(sim, name, times, {
    begin() {
      down = choose()
      record = log.begin('etcd-failure', { effect: { kind: 'none' }, name: down.map(nameOf).join(' ') })
      etcd.stop(down)
    },
    end() {
      etcd.start(down)
      if (record !== undefined) log.end(record)
    },
  })
}

function leaderFirst({ leader, running }: Etcd): readonly number[] {
  return leader === undefined ? running : [leader, ...running.filter((member) => member !== leader)]
}

function nameOf(member: number): string {
  return `etcd-${member + 1}`
}
