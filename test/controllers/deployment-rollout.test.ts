import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { IntOrString } from '../../src/api/types.generated.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import { CONTROLLER_LIMITS } from '../../src/cluster/client.ts'
import {
  POD_CREATED,
  POD_DELETED,
  POD_DELETING,
  POD_FINISHED,
  POD_READINESS,
} from '../../src/cluster/pod-event.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { fencepostsOf } from '../../src/controllers/deployment-fenceposts.ts'
import { template, webDeployment, workloadCluster } from './deployment-cluster.ts'
import type { PodFate, WorkloadCluster } from './deployment-cluster.ts'

const share: fc.Arbitrary<IntOrString> = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
)

const rollout = fc.record({
  replicas: fc.integer({ min: 1, max: 12 }),
  maxSurge: share,
  maxUnavailable: share,
  minReadySeconds: fc.integer({ min: 0, max: 5 }),
  /** Seconds between changes of the template. */
  gaps: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 3 }),
  /** What becomes of pods after those of the first version, in order: seconds to ready, or to failure where below 0. */
  fates: fc.array(fc.integer({ min: -8, max: 12 }), { minLength: 1, maxLength: 60 }),
})

interface Bounds {
  pods: number
  available: number
}

/** Most pods, and fewest available ones, as they are whenever an instant is over. */
function watchBounds(cluster: WorkloadCluster, minReadySeconds: number): Bounds {
  const { api, sim } = cluster
  const bounds = { pods: 0, available: Number.POSITIVE_INFINITY }
  // The API knows to the second since when a pod is ready.
  const isAvailable = (row: PodRow): boolean =>
    api.pods.table.isReady(row) &&
    api.calendar.wholeSecond(api.pods.table.readyAt(row)) + minReadySeconds * SECOND <= sim.now
  api.watch({
    name: 'test/bounds',
    latency: 1,
    podEvents: POD_CREATED | POD_DELETED | POD_DELETING | POD_FINISHED | POD_READINESS,
    onBatch: () => {
      const active = cluster.active()
      bounds.pods = Math.max(bounds.pods, active.length)
      bounds.available = Math.min(bounds.available, active.filter(isAvailable).length)
    },
  })
  return bounds
}

function isRolledOut(cluster: WorkloadCluster): boolean {
  const { status, spec } = cluster.deployment()
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing')
  return status?.updatedReplicas === spec?.replicas && progressing?.reason === 'NewReplicaSetAvailable'
}

describe('a rolling update', () => {
  it('keeps within surge and unavailability whatever new pods do, and ends when they become ready', () => {
    fc.assert(
      fc.property(rollout, ({ replicas, maxSurge, maxUnavailable, minReadySeconds, gaps, fates }) => {
        let made = 0
        const fate = (): PodFate => {
          made += 1
          const seconds = made <= replicas ? 0 : (fates[made - replicas - 1] ?? 1)
          return seconds < 0 ? { failsAfter: -seconds * SECOND } : { readyAfter: seconds * SECOND + 1 }
        }
        const cluster = workloadCluster({ fate })
        const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
        cluster.api.collection('Deployment').create(webDeployment({ replicas, minReadySeconds, strategy }))
        cluster.pass(MINUTE)
        expect(isRolledOut(cluster)).toBe(true)

        const bounds = watchBounds(cluster, minReadySeconds)
        gaps.forEach((gap, index) => {
          cluster.change({ template: template(index + 2) })
          cluster.pass(gap * SECOND)
        })
        cluster.pass(60 * MINUTE)

        const fenceposts = fencepostsOf(cluster.deployment())
        expect(bounds.pods).toBeLessThanOrEqual(replicas + fenceposts.maxSurge)
        // A set that is made smaller for a pod that is ready, but not available yet, may delete another that is: by the logarithm of
        // their ages they are equal.
        const isExact = minReadySeconds === 0 || gaps.length === 1
        if (isExact) expect(bounds.available).toBeGreaterThanOrEqual(replicas - fenceposts.maxUnavailable)
        expect(isRolledOut(cluster)).toBe(true)
        expect(cluster.active()).toHaveLength(replicas)
      }),
      { numRuns: 150 },
    )
  })

  it('ends under the rate limits of the controllers, with pods that take their time to go', () => {
    const cluster = workloadCluster({ limits: CONTROLLER_LIMITS, goesAfter: 3 * SECOND })
    cluster.api.collection('Deployment').create(webDeployment({ replicas: 200 }))
    cluster.pass(SECOND)
    // A burst of 30 writes, then 20 a second.
    expect(cluster.active().length).toBeGreaterThan(20)
    expect(cluster.active().length).toBeLessThan(60)
    cluster.pass(MINUTE)
    expect(isRolledOut(cluster)).toBe(true)
    cluster.change({ template: template(2) })
    cluster.pass(5 * MINUTE)
    expect(isRolledOut(cluster)).toBe(true)
    expect(cluster.active()).toHaveLength(200)
  })
})
