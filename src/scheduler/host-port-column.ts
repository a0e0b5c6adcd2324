import { hostPortsOf } from '../api/host-ports.ts'
import type { HostPort, NodeIndex } from './framework/node-columns.ts'
import type { PlacedShape } from './pod-shapes.ts'

const NO_PORTS: readonly HostPort[] = Object.freeze([])

/** The ports of each node's host that its pods take. */
export class HostPortColumn {
  readonly #ports: (HostPort[] | undefined)[] = []

  on(node: NodeIndex): readonly HostPort[] {
    return this.#ports[node] ?? NO_PORTS
  }

  /** A pod of the shape joined the node (1) or left it (-1). */
  count(node: NodeIndex, shape: PlacedShape, sign: 1 | -1): void {
    const ports = (this.#ports[node] ??= [])
    for (const port of hostPortsOf(shape.spec)) {
      if (sign === 1) ports.push(port)
      else {
        const at = ports.findIndex((other) => isSamePort(other, port))
        if (at >= 0) ports.splice(at, 1)
      }
    }
  }

  /**
   * Frees the ports of a pod that was taken off the node on trial, whoever else has them: kube-scheduler keeps the ports of a
   * node as a set, so that the first pod to go takes a port with it that others have as well.
   */
  free(node: NodeIndex, shape: PlacedShape): void {
    if (!shape.takesHostPorts) return
    const freed = hostPortsOf(shape.spec)
    const ports = this.on(node).filter((port) => !freed.some((other) => isSamePort(other, port)))
    this.#ports[node] = ports
  }

  /** Puts back the ports that a node had before a trial. */
  restore(node: NodeIndex, ports: readonly HostPort[]): void {
    this.#ports[node] = [...ports]
  }
}

function isSamePort(one: HostPort, other: HostPort): boolean {
  return one.hostPort === other.hostPort && one.protocol === other.protocol && one.hostIP === other.hostIP
}
