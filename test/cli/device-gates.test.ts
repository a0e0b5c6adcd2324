import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const BASE = `kind: Node
apiVersion: v1
metadata: { name: n1 }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "10" } }
---
kind: DeviceClass
apiVersion: resource.k8s.io/v1
metadata: { name: gpu }
spec: { extendedResourceName: example.com/gpu }
`

const PLACED = 'nodeName: n1'
const TAINTED = 'taints: [{ key: broken, effect: NoSchedule }]'

function slice(device: string, place = PLACED): string {
  return `---
kind: ResourceSlice
apiVersion: resource.k8s.io/v1
metadata: { name: s1 }
spec:
  ${place}
  driver: gpu.example.com
  pool: { name: p, generation: 1, resourceSliceCount: 1 }
  devices: [{ name: d1, ${device} }]
`
}

/** A pod with a claim of its own that makes this request. */
function claiming(name: string, request = 'exactly: { deviceClassName: gpu }'): string {
  return `---
kind: ResourceClaim
apiVersion: resource.k8s.io/v1
metadata: { name: ${name}, namespace: default, uid: claim-${name} }
spec: { devices: { requests: [{ name: r, ${request} }] } }
---
kind: Pod
apiVersion: v1
metadata: { name: ${name}, namespace: default, uid: pod-${name} }
spec:
  resourceClaims: [{ name: gpu, resourceClaimName: ${name} }]
  containers: [{ name: c, image: x }]
`
}

const EXTENDED = `---
kind: Pod
apiVersion: v1
metadata: { name: web, namespace: default, uid: pod-web }
spec: { containers: [{ name: c, image: x, resources: { requests: { example.com/gpu: "1" }, limits: { example.com/gpu: "1" } } }] }
`
const RULE = `---
kind: DeviceTaintRule
apiVersion: resource.k8s.io/v1beta2
metadata: { name: rule }
spec: { deviceSelector: { driver: gpu.example.com }, taint: { key: broken, effect: NoSchedule } }
`
const SHARED = 'allowMultipleAllocations: true, capacity: { memory: { value: 10Gi } }'
const PART = 'exactly: { deviceClassName: gpu, capacity: { requests: { memory: 4Gi } } }'

interface Result {
  readonly bound: number
  readonly messages: string
}

async function schedule(objects: readonly string[], ...flags: readonly string[]): Promise<Result> {
  const place = file('cluster.yaml', [BASE, ...objects].join(''))
  const { out, err } = await stowage('schedule', place, '--json', ...flags)
  expect(err).toBe('')
  const { bound, pods } = JSON.parse(out) as { bound: number; pods: { message: string }[] }
  return { bound, messages: pods.map(({ message }) => message).join('\n') }
}

describe('device feature gates of a snapshot', () => {
  it.each<readonly [string, readonly string[], number, string, number]>([
    ['DRADeviceTaints', [slice(TAINTED), claiming('web')], 0, '1.36 DRADeviceTaints=false', 1],
    [
      'DRADeviceTaints with its rules',
      [slice(TAINTED), claiming('web')],
      0,
      '1.37 DRADeviceTaints=false,DRADeviceTaintRules=false',
      1,
    ],
    ['DRADeviceTaintRules', [slice(''), RULE, claiming('web')], 0, '1.37 DRADeviceTaintRules=false', 1],
    ['DRADeviceTaintRules, off in 1.36', [slice(''), RULE, claiming('web')], 0, '1.36 ', 1],
    [
      'DRAConsumableCapacity',
      [slice(SHARED), claiming('one', PART), claiming('two', PART)],
      2,
      '1.37 DRAConsumableCapacity=false',
      1,
    ],
    [
      'DRAPartitionableDevices, nodes by device',
      [slice('nodeName: n1', 'perDeviceNodeSelection: true'), claiming('web')],
      1,
      '1.37 DRAPartitionableDevices=false',
      0,
    ],
    [
      'DRADeviceBindingConditions',
      [slice('bindingConditions: [ready]'), claiming('web')],
      1,
      '1.37 DRADeviceBindingConditions=false',
      0,
    ],
    ['DRAExtendedResource', [slice(''), EXTENDED], 1, '1.36 DRAExtendedResource=false', 0],
    [
      'DRAPrioritizedList',
      [slice(''), claiming('web', 'firstAvailable: [{ name: a, deviceClassName: gpu }]')],
      1,
      '1.36 DRAPrioritizedList=false',
      0,
    ],
  ])('%s', async (_gate, objects, on, setting, off) => {
    expect((await schedule(objects)).bound).toBe(on)
    const [version = '', gates = ''] = setting.split(' ')
    const changed = await schedule(objects, '--kubernetes-version', version, '--feature-gates', gates)
    expect(changed.bound).toBe(off)
  })

  it('say why where the scheduler does', async () => {
    const alternatives = claiming('web', 'firstAvailable: [{ name: a, deviceClassName: gpu }]')
    const old = ['--kubernetes-version', '1.36', '--feature-gates']
    const refused = await schedule([slice(''), alternatives], ...old, 'DRAPrioritizedList=false')
    expect(refused.messages).toContain(
      'resource claim default/web, request r: has subrequests, but the DRAPrioritizedList feature is disabled',
    )
    const lacking = await schedule([slice(''), EXTENDED], ...old, 'DRAExtendedResource=false')
    expect(lacking.messages).toContain('1 Insufficient example.com/gpu')
  })
})

describe('device feature gates of a run', () => {
  async function validate(objects: string, gates: string): Promise<{ status: number; err: string }> {
    const scenario = file(
      'scenario.yaml',
      `apiVersion: stowage.dev/v1alpha1
kind: Scenario
spec: { kubernetesVersion: "1.36", featureGates: ${gates}, nodes: [{ template: { count: 1, shape: "4:8Gi" } }], objects: [${file('objects.yaml', objects)}], until: 1m }
`,
    )
    return stowage('validate', scenario)
  }

  it('refuse an object that is nothing without what they take out', async () => {
    const alternatives = claiming('web', 'firstAvailable: [{ name: a, deviceClassName: gpu }]')
    const { status, err } = await validate(alternatives, '{ DRAPrioritizedList: false }')
    expect(status).toBe(2)
    expect(err).toContain(
      'web: ResourceClaim.resource.k8s.io "default/web" is invalid: spec.devices.requests[0]: Required value',
    )
    expect((await validate(alternatives, '{}')).status).toBe(0)
  })

  it('leave taint rules out where there are none', async () => {
    const { status, err } = await validate(RULE, '{}')
    expect(status).toBe(0)
    expect(err).toContain(
      '1 objects of kind DeviceTaintRule are left out: the feature gate DRADeviceTaintRules is off',
    )
  })
})
