import { describe, expect, it } from 'vitest'

import { defaultPod } from '../../src/api/defaults/pods.ts'

describe('defaultPod', () => {
  it('takes absent requests from limits, and changes nothing on a pod that has them', () => {
    const pod = defaultPod({
      spec: {
        containers: [
          { name: 'a', resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } } },
        ],
      },
    })
    expect(pod.spec?.containers[0]?.resources?.requests).toEqual({ cpu: '1', memory: '1Gi' })
    expect(defaultPod(pod)).toEqual(pod)
  })

  it('makes host ports of a host-network pod', () => {
    const pod = defaultPod({
      spec: { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
    })
    expect(pod.spec?.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }])
  })
})
