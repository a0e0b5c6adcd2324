import { describe, expect, it } from 'vitest'

import type { RuntimeClass } from '../../../src/api/types.generated.ts'
import { SECOND } from '../../../src/base/time.ts'
import type { RuntimeTimes } from '../../../src/node/lifecycle/runtimes.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

/** When a pod of each handler runs, in seconds. */
function startsWith(
  handlers: readonly string[],
  runtimes: ReadonlyMap<string, RuntimeTimes> = new Map(),
): number[] {
  const cluster = new LifecycleCluster({ kubelet: { startup: () => SECOND, lifecycle: { runtimes } } })
  const pods = handlers.map((handler) => {
    const runtimeClass: RuntimeClass = { kind: 'RuntimeClass', metadata: { name: handler }, handler }
    cluster.api.collection<RuntimeClass>('RuntimeClass').create(runtimeClass)
    return cluster.pod({ runtimeClassName: handler })
  })
  cluster.runTo(60)
  return pods.map((pod) => cluster.seconds('runningAt', pod))
}

describe('container runtimes', () => {
  it('take what they are known to take beyond runc', () => {
    expect(startsWith(['runc', 'runsc', 'kata-fc', 'kata-qemu', 'other'])).toEqual([1, 1.03, 1.105, 1.48, 1])
  })

  it('take what the scenario says', () => {
    const times = { sandbox: () => 2 * SECOND, container: () => 3 * SECOND }
    expect(startsWith(['kata', 'runc'], new Map([['kata', times]]))).toEqual([6, 1])
  })
})
