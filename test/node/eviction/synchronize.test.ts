import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/base/time.ts'
import { ONE_FILESYSTEM, withContainerFs } from '../../../src/node/eviction/filesystems.ts'
import type { NodeReclaim } from '../../../src/node/eviction/filesystems.ts'
import { observationsOf } from '../../../src/node/eviction/observations.ts'
import type { NodeStats } from '../../../src/node/eviction/observations.ts'
import { INITIAL_STATE, synchronize } from '../../../src/node/eviction/synchronize.ts'
import type { EvictablePods, EvictionOutcome } from '../../../src/node/eviction/synchronize.ts'
import { parseThresholds } from '../../../src/node/eviction/threshold-config.ts'
import type { EvictionConfiguration } from '../../../src/node/eviction/threshold-config.ts'
import { GIB, MIB } from '../test-cluster.ts'

/** Two pods that use nothing and are told apart by rank alone. */
const PODS: EvictablePods<string> = {
  active: () => ['first', 'second'],
  ranked: (pod) => ({ usage: 0, request: 0, above: 0, priority: pod === 'first' ? 0 : 1 }),
  isCritical: () => false,
  terminationGrace: () => 30 * SECOND,
  blame: () => '',
  exceededLimit: () => undefined,
}

const memory = (available: number): Omit<NodeStats, 'at'> => ({
  memory: { available, workingSet: 10 * GIB - available },
})

/** Looks one after the other, each at an instant in seconds. */
function looks(
  configuration: EvictionConfiguration,
  options: { pressureTransition?: number; maxPodGrace?: number; pods?: EvictablePods<string> } = {},
): (
  second: number,
  stats: Omit<NodeStats, 'at'>,
  reclaimed?: Omit<NodeStats, 'at'>,
) => EvictionOutcome<string> {
  const config = {
    thresholds: withContainerFs(parseThresholds(configuration), ONE_FILESYSTEM),
    layout: ONE_FILESYSTEM,
    maxPodGrace: options.maxPodGrace ?? 0,
    pressureTransition: options.pressureTransition ?? MINUTE,
    isolatesLocalStorage: true,
  }
  let state = INITIAL_STATE
  return (second, stats, reclaimed = stats) => {
    const at = second * SECOND
    const outcome = synchronize(config, state, {
      now: at,
      observations: observationsOf({ at, ...stats }),
      pods: options.pods ?? PODS,
      reclaim: () => observationsOf({ at, ...reclaimed }),
    })
    ;({ state } = outcome)
    return outcome
  }
}

describe('a look of the eviction manager', () => {
  it('evicts at once below a hard threshold, and keeps the condition for the transition period', () => {
    const look = looks({ evictionHard: { 'memory.available': '100Mi' } }, { pressureTransition: 5 * MINUTE })
    expect(look(0, memory(100 * MIB))).toMatchObject({ evictions: [], state: { conditions: [] } })
    expect(look(10, memory(99 * MIB))).toMatchObject({
      evictions: [{ pod: 'first', grace: SECOND }],
      state: { conditions: ['MemoryPressure'] },
    })
    expect(look(20, memory(GIB))).toMatchObject({ evictions: [], state: { conditions: ['MemoryPressure'] } })
    expect(look(310, memory(GIB)).state.conditions).toEqual([])
  })

  it('waits for the grace of a soft threshold, which starts anew when the signal ends', () => {
    const look = looks(
      {
        evictionSoft: { 'memory.available': '10%' },
        evictionSoftGracePeriod: { 'memory.available': '30s' },
      },
      { maxPodGrace: 20 * SECOND },
    )
    const graces = (second: number, available: number): number[] =>
      look(second, memory(available)).evictions.map(({ grace }) => grace / SECOND)
    expect([graces(0, GIB / 2), graces(20, GIB / 2), graces(30, GIB / 2)]).toEqual([[], [], [20]])
    expect([graces(40, 2 * GIB), graces(50, GIB / 2), graces(70, GIB / 2)]).toEqual([[], [], []])
  })

  it('goes on until the minimum reclaim is there', () => {
    const look = looks({
      evictionHard: { 'memory.available': '1Gi' },
      evictionMinimumReclaim: { 'memory.available': '1Gi' },
    })
    const count = (second: number, available: number): number =>
      look(second, memory(available)).evictions.length
    expect([
      count(0, 1.5 * GIB),
      count(10, 0.5 * GIB),
      count(20, 1.5 * GIB),
      count(30, 2 * GIB),
      count(40, 1.5 * GIB),
    ]).toEqual([0, 1, 1, 0, 0])
  })

  it('gives back images first, and spares pods only when every threshold is fine then', () => {
    const hard = { 'nodefs.available': '10Gi', 'pid.available': '100' }
    const disk = (available: number, running = 0): Omit<NodeStats, 'at'> => ({
      nodeFs: { available: available * GIB, capacity: 100 * GIB },
      processes: { running, max: 1000 },
    })
    const reclaimed: readonly NodeReclaim[] = ['containers', 'images']
    const look = looks({ evictionHard: hard })
    expect(look(0, disk(5), disk(20))).toMatchObject({ reclaimed, evictions: [] })
    expect(look(10, disk(5), disk(8))).toMatchObject({ reclaimed, evictions: [{ pod: 'first' }] })
    expect(look(20, disk(5, 950), disk(20, 950)).evictions.length).toBe(1)
    expect(look(30, disk(20)).state.conditions).toEqual(['DiskPressure', 'PIDPressure'])
  })

  it('does not evict again by what was measured before', () => {
    const config = {
      thresholds: withContainerFs(
        parseThresholds({ evictionHard: { 'memory.available': '1Gi' } }),
        ONE_FILESYSTEM,
      ),
      layout: ONE_FILESYSTEM,
      maxPodGrace: 0,
      pressureTransition: MINUTE,
      isolatesLocalStorage: false,
    }
    const observations = observationsOf({ at: 0, ...memory(0) })
    const input = { observations, pods: PODS, reclaim: () => observations }
    const first = synchronize(config, INITIAL_STATE, { now: 0, ...input })
    const second = synchronize(config, first.state, { now: 10 * SECOND, ...input })
    expect([first.evictions.length, second.evictions.length]).toEqual([1, 0])
    expect(second.state.conditions).toEqual(['MemoryPressure'])
  })

  it('ends all pods above their own limits, and nobody else in that look', () => {
    const pods = {
      ...PODS,
      exceededLimit: (pod: string) => (pod === 'second' ? 'too much' : undefined),
    }
    const look = looks({ evictionHard: { 'memory.available': '1Gi' } }, { pods })
    expect(look(0, memory(0)).evictions).toEqual([
      { pod: 'second', grace: SECOND, message: 'too much', threshold: undefined },
    ])
  })
})
