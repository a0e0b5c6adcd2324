import type { Simulation } from '../engine/simulation.ts'
import type { Etcd } from './control-plane/etcd.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** Which members of etcd fail: so many, the leader first; or each by its own stream of chance. */
export type FailingMembers = number | 'each'

/** Takes members of etcd down at their times. */
export function startEtcdFailures(
  sim: Simulation,
  log: FailureLog,
  etcd: Etcd,
  { members, occurrence, name }: { members: FailingMembers; occurrence: Occurrence; name: string },
): void {
  const handlers = { begin: `${name}/begin`, end: `${name}/end` }
  const failures = new Occurrences(sim, log, { model: 'etcd-failure', handlers, occurrence })
  const add = (id: number, stream: string, choose: () => readonly number[]): void => {
    let down: readonly number[] = []
    failures.add({
      id,
      stream: sim.random.stream(stream),
      strike() {
        down = choose()
        return down.length === 0 ? undefined : { effect: { kind: 'none' }, name: down.map(nameOf).join(' ') }
      },
      began: () => etcd.stop(down),
      ended: () => etcd.start(down),
    })
  }
  if (members !== 'each') add(0, `failure/${name}`, () => leaderFirst(etcd).slice(0, members))
  else {
    for (let member = 0; member < etcd.options.members; member++) {
      add(member, `failure/${name}/${nameOf(member)}`, () => [member])
    }
  }
}

function leaderFirst({ leader, running }: Etcd): readonly number[] {
  return leader === undefined ? running : [leader, ...running.filter((member) => member !== leader)]
}

function nameOf(member: number): string {
  return `etcd-${member + 1}`
}
