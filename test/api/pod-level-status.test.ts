import { describe, expect, it } from 'vitest'

import { aggregateLimits, aggregateRequests, listTexts, nonZeroRequests } from '../../src/api/resources.ts'
import type { Pod, PodSpec, PodStatus } from '../../src/api/types.generated.ts'

const INFEASIBLE = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }]

function requests(spec: PodSpec, status: PodStatus): Record<string, string> {
  return listTexts(aggregateRequests({ spec, status }, { useStatus: true }))
}

/** A container with requests, and its status. */
const WEB: PodSpec = { containers: [{ name: 'web', resources: { requests: { cpu: '1', memory: '1Gi' } } }] }

describe('requests of a pod that is being resized', () => {
  const POD_LEVEL: PodSpec = { ...WEB, resources: { requests: { cpu: '2', 'example.com/gpu': '1' } } }

  it('are the largest of what the pod asks, has been given and has in force', () => {
    const allocated = requests(POD_LEVEL, { allocatedResources: { cpu: '3' } })
    expect(allocated).toEqual({ cpu: '3', memory: '1Gi' })
    const inForce = requests(POD_LEVEL, {
      allocatedResources: { cpu: '3' },
      resources: { requests: { cpu: '4', memory: '2Gi' } },
    })
    expect(inForce).toEqual({ cpu: '4', memory: '2Gi' })
  })

  it('leave out the overhead that the status of the pod holds, and the spec when the resize is infeasible', () => {
    const spec = { ...POD_LEVEL, overhead: { cpu: '500m' } }
    expect(requests(spec, { allocatedResources: { cpu: '1500m' } })).toMatchObject({ cpu: '2500m' })
    const infeasible = { allocatedResources: { cpu: '1500m' }, conditions: INFEASIBLE }
    expect(requests(spec, infeasible)).toMatchObject({ cpu: '1500m' })
    expect(requests(spec, { allocatedResources: { cpu: '100m' }, conditions: INFEASIBLE }).cpu).toBe('500m')
  })

  it('count the status of the pod in place of the statuses of its containers', () => {
    const status: PodStatus = {
      allocatedResources: { cpu: '2' },
      resources: { requests: { cpu: '2' }, limits: { cpu: '5' } },
      containerStatuses: [
        {
          name: 'web',
          image: '',
          imageID: '',
          ready: true,
          restartCount: 0,
          resources: { requests: { cpu: '9' } },
        },
      ],
    }
    expect(requests(WEB, status)).toEqual({ cpu: '2', memory: '1Gi' })
    const pod: Pod = { spec: WEB, status }
    expect(listTexts(aggregateLimits(pod, { useStatus: true }))).toEqual({ cpu: '5' })
  })

  it('count no container by its spec when the resize is infeasible, but the defaults of scoring', () => {
    const spec: PodSpec = { containers: [...WEB.containers, { name: 'log' }] }
    const pod: Pod = { spec, status: { conditions: INFEASIBLE } }
    expect(listTexts(aggregateRequests(pod, { useStatus: true }))).toEqual({})
    expect(nonZeroRequests(pod)).toEqual({ cpu: 200, memory: 400 * 2 ** 20 })
  })
})
