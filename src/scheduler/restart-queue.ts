import type { Micros } from '../base/time.ts'
import type { SchedulingQueue } from './queue.ts'

/**
 * Makes of the queue that of a scheduler that has just become the leader: all pending pods are active, none was tried before, and none
 * backs off. Nominations stay, for they stand in the status of the pods.
 *
 * Source: kube-scheduler v1.37: the informers of a process that does not lead fill its queue (scheduler.go `New`, eventhandlers.go), but
 * nobody takes from it (cmd/kube-scheduler/app `Run`).
 */
export function restartQueue(queue: SchedulingQueue, now: Micros): void {
  for (const pod of [...queue.list()]) {
    const { row, serial, profile, kin, size } = pod
    queue.remove(row)
    queue.add({ row, serial, profile, podClass: kin, size }, now)
  }
}
