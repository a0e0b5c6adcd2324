import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { MACHINE_FAULTS } from './machine.ts'
import type { MachineChange, Machines } from './machine.ts'

/**
 * What the faults of its machine make of a kubelet:
 *
 * - `connected`: it works, and the API server and it hear of each other.
 * - `cutOff`: it looks after its pods, and can neither tell nor hear.
 * - `idle`: its containers run, and nobody looks after them: it hangs, or was started again behind a partition, where it
 *   does not know what its pods are.
 * - `down`: nothing runs: the machine does not, or was started again and its kubelet has not reached the API server since.
 */
export type KubeletMode = 'connected' | 'cutOff' | 'idle' | 'down'

/** A kubelet is in another mode. */
export interface KubeletModeChange {
  readonly row: NodeRow
  readonly mode: KubeletMode
  readonly before: KubeletMode
  readonly at: Micros
}

/**
 * Delivers each change of a kubelet's mode to a component as an event of its own, in the instant of the machine's change.
 *
 * Source: kubelet v1.37: it keeps what it knows of its pods in memory alone, so that one that starts without the API server
 * starts none, and leaves containers that run as they are until it has heard (kubelet.go `HandlePodCleanups` waits for
 * `sourcesReady`).
 */
export function watchKubelets(
  machines: Machines,
  name: string,
  hear: (change: KubeletModeChange) => void,
): void {
  const modes = new Map<NodeRow, KubeletMode>()
  machines.watch(
    name,
    (change) => {
      const { row, at } = change
      const before = modes.get(row) ?? 'connected'
      const mode = modeAfter(before, change, machines)
      if (mode === before) return
      if (mode === 'connected') modes.delete(row)
      else modes.set(row, mode)
      hear({ row, mode, before, at })
    },
    MACHINE_FAULTS,
  )
}

/** A fault that began is counted even when it is over already: what it broke does not come back by itself. */
function modeAfter(before: KubeletMode, { row, fault, up }: MachineChange, machines: Machines): KubeletMode {
  if (up) return machines.reports(row) ? 'connected' : before
  if (fault === 'down' || before === 'down') return 'down'
  if (fault === 'hung' || before === 'idle') return 'idle'
  return 'cutOff'
}
