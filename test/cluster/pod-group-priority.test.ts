import { describe, expect, it } from 'vitest'

import type { PodGroup, PriorityClass } from '../../src/api/types.generated.ts'
import { admitPodGroup } from '../../src/cluster/admission-stages/priority.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { Simulation } from '../../src/engine/simulation.ts'

/** What becomes of a PodGroup in a cluster that has these priority classes. */
function admit(spec: Partial<PodGroup['spec']>, classes: readonly PriorityClass[]): object {
  const api = new ApiServer(new Simulation({ seed: 1, log: 'hash' }), [])
  for (const one of classes) api.priorityClasses.create(one)
  const result = admitPodGroup({ spec: { schedulingPolicy: { basic: {} }, ...spec } }, api)
  return 'refusal' in result ? result : result.group.spec
}

const HIGH: PriorityClass = {
  kind: 'PriorityClass',
  metadata: { name: 'high' },
  value: 7,
  preemptionPolicy: 'Never',
}

describe('the priority of a PodGroup', () => {
  it('is that of its class, with the preemption policy', () => {
    expect(admit({ priorityClassName: 'high' }, [HIGH])).toMatchObject({
      priority: 7,
      preemptionPolicy: 'Never',
    })
  })

  it('is that of the global default class without one, and 0 without such a class', () => {
    expect(admit({}, [{ ...HIGH, globalDefault: true }])).toMatchObject({
      priority: 7,
      priorityClassName: 'high',
    })
    expect(admit({}, [HIGH])).toMatchObject({ priority: 0 })
  })

  it('cannot be given by itself, nor by a class that is not there', () => {
    expect(admit({ priority: 3 }, [HIGH])).toEqual({
      refusal:
        'the integer value of priority (3) must not be provided in pod group spec; priority admission controller computed 0 from the given PriorityClass name',
    })
    expect(admit({ priorityClassName: 'low' }, [HIGH])).toEqual({
      refusal: 'no PriorityClass with name low was found',
    })
  })
})
