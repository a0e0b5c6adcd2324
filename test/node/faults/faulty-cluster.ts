import { SECOND } from '../../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../../src/cluster/rows.ts'
import { FailureLog } from '../../../src/failure/failure-log.ts'
import type { FailureEffect } from '../../../src/failure/failure-log.ts'
import { LifecycleCluster } from '../lifecycle/lifecycle-cluster.ts'

/** A cluster of one node, at first, that failures act on. */
export class FaultyCluster extends LifecycleCluster {
  readonly log = new FailureLog(this.sim, this.machines)

  /** A failure of a node from one instant to another, in seconds; to the end without the second. */
  fail(effect: FailureEffect, from: number, to?: number, node: NodeRow = this.node0): void {
    this.at(from, () => {
      const record = this.log.begin('test', { nodes: [node], effect })
      if (to !== undefined) this.at(to, () => this.log.end(record))
    })
  }

  cutOff(from: number, to?: number, node: NodeRow = this.node0): void {
    this.fail({ kind: 'cutOff' }, from, to, node)
  }

  hang(from: number, to?: number): void {
    this.fail({ kind: 'hung' }, from, to)
  }

  crash(from: number, to?: number): void {
    this.fail({ kind: 'down' }, from, to)
  }

  /** Asks for the deletion of a pod at an instant, in seconds; grace 0: it is gone from the store at once. */
  deleteAt(at: number, pod: PodRow, grace: number): void {
    this.at(at, () => this.delete(pod, grace))
  }

  /** Gigabytes, cores and forgotten pods in use on a node. */
  inUse(node: NodeRow = this.node0): readonly [memory: number, cpu: number, ghosts: number] {
    const { kubelets } = this
    return [kubelets.workingSet(node) / 1024 ** 3, kubelets.runningCpu(node) / 1000, kubelets.ghostsOn(node)]
  }

  /** What kubelets say of a pod, as `second: state`, each time that it changes. */
  states(pod: PodRow): readonly string[] {
    const said: string[] = []
    const serial = this.api.pods.table.serial(pod)
    let last = ''
    this.api.pods.observe((_, row) => {
      if (row !== pod || this.api.pods.table.serial(row) !== serial) return
      const ready = this.api.pods.table.isReady(row) ? ' ready' : ''
      const state = `${this.state(row)}${this.state(row) === 'gone' ? '' : ready}`
      if (state === last) return
      last = state
      said.push(`${this.sim.now / SECOND}: ${state}`)
    })
    return said
  }
}
