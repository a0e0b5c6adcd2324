import { describe, expect, it } from 'vitest'

import { mergeTolerations } from '../../../src/api/merge-tolerations.ts'
import type { PodSpec, RuntimeClass } from '../../../src/api/types.generated.ts'
import { runtimeClass } from '../../../src/cluster/admission-stages/runtime-class.ts'
import { ApiServer } from '../../../src/cluster/api-server.ts'
import { Simulation } from '../../../src/engine/simulation.ts'

const KATA: RuntimeClass = {
  kind: 'RuntimeClass',
  metadata: { name: 'kata' },
  handler: 'kata-qemu',
  overhead: { podFixed: { cpu: '250m', memory: '160Mi' } },
  scheduling: {
    nodeSelector: { runtime: 'kata' },
    tolerations: [{ key: 'kata', operator: 'Exists' }],
  },
}

function admit(spec: Partial<PodSpec>): PodSpec | string {
  const api = new ApiServer(new Simulation({ seed: 1 }), [runtimeClass])
  api.collection<RuntimeClass>('RuntimeClass').create(KATA)
  const interned = api.pods.templates.intern({
    metadata: { namespace: 'default', labels: {}, annotations: {} },
    spec: { containers: [{ name: 'app', resources: { requests: { cpu: '1' } } }], ...spec },
    sizing: 'template',
  })
  if (!interned.ok) return interned.message
  const { template, requests } = api.pods.templates.get(interned.id)
  return { ...template.spec, hostname: `${requests.cpu}` }
}

describe('the admission of runtime classes', () => {
  it('adds overhead, node selector and tolerations', () => {
    const tolerations = [
      { key: 'kata', operator: 'Equal', value: 'yes' },
      { key: 'gpu', operator: 'Exists' },
    ]
    const nodeSelector = { disk: 'ssd' }
    expect(admit({ runtimeClassName: 'kata', tolerations, nodeSelector })).toMatchObject({
      hostname: '1250',
      overhead: { cpu: '250m', memory: '160Mi' },
      nodeSelector: { disk: 'ssd', runtime: 'kata' },
      tolerations: [{ key: 'gpu' }, { key: 'kata', operator: 'Exists' }],
    })
  })

  it.each([
    [{ runtimeClassName: 'gvisor' }, 'pod rejected: RuntimeClass "gvisor" not found'],
    [
      { overhead: { cpu: '1' } },
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      { runtimeClassName: 'kata', overhead: { cpu: '1' } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      { runtimeClassName: 'kata', nodeSelector: { runtime: 'runc' } },
      'pod rejected: conflict: runtimeClass.Scheduling.NodeSelector[runtime] = kata; pod.Spec.NodeSelector[runtime] = runc',
    ],
  ])('refuses %j', (spec, message) => {
    expect(admit(spec)).toBe(message)
  })

  it('takes an overhead that says the same in other words', () => {
    expect(admit({ runtimeClassName: 'kata', overhead: { cpu: '0.25', memory: '160Mi' } })).toMatchObject({
      hostname: '1250',
    })
  })
})

describe('merged tolerations', () => {
  it('leave out what another covers', () => {
    const short = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
    const long = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 50 }
    const all = { operator: 'Exists' }
    expect(mergeTolerations([short], [long])).toEqual([long])
    expect(mergeTolerations([long], [short])).toEqual([long])
    expect(mergeTolerations([short, long], [all])).toEqual([all])
    expect(mergeTolerations([{ key: 'a', value: '1' }], [{ key: 'a', value: '2' }])).toHaveLength(2)
  })
})
