import { describe, expect, it } from 'vitest'

import { AllocatedDevices } from '../../../plugins/device-allocation/allocated-devices.ts'
import { allocateOn } from '../../../plugins/device-allocation/allocator.ts'
import { slicesOf } from '../../../plugins/device-allocation/device-slices.ts'
import type {
  AllocationResult,
  DeviceTaintRule,
  ResourceSlice,
  V1ResourceClaim as ResourceClaim,
} from '../../../src/api/types.generated.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import { DRIVER, claim, device, deviceClass, request, slice } from './devices.ts'

interface Setting {
  readonly slices: readonly ResourceSlice[]
  readonly claims: readonly ResourceClaim[]
  /** Claims that have their devices already. */
  readonly others?: readonly ResourceClaim[]
  readonly rules?: readonly DeviceTaintRule[]
  readonly labels?: Readonly<Record<string, string>>
}

function allocate(setting: Setting): readonly AllocationResult[] | string {
  const { api, scheduler } = buildCluster()
  for (const object of [...setting.slices, ...(setting.rules ?? [])]) {
    api.collection(object.kind ?? '').create(object)
  }
  const classes = new Map([
    ['gpu', deviceClass('gpu')],
    ['fast', deviceClass('fast', `device.attributes["${DRIVER}"].speed >= 100`)],
  ])
  const found = allocateOn({ name: 'node-1', labels: setting.labels ?? {} }, setting.claims, {
    slices: slicesOf(scheduler.cluster),
    allocated: new AllocatedDevices(setting.others ?? []),
    hasLists: false,
    deviceClass: (name) => classes.get(name),
  })
  return found.found ?? found.reason
}

/** The devices given, a list a claim: `request=device`. */
function devicesOf(setting: Setting): readonly (readonly string[])[] | string {
  const found = allocate(setting)
  if (typeof found === 'string') return found
  return found.map(({ devices }) => (devices?.results ?? []).map((each) => `${each.request}=${each.device}`))
}

/** A claim that has devices of a pool. */
function having(pool: string, ...devices: readonly string[]): ResourceClaim {
  const results = devices.map((name) => ({ request: 'r', driver: DRIVER, pool, device: name }))
  return { ...claim(`having-${devices.join()}`, []), status: { allocation: { devices: { results } } } }
}

const NONE = 'cannot allocate all claims'
const three = [slice('a', [device('x'), device('y'), device('z')])]

describe('the order in which devices are tried', () => {
  it('is that of pools and slices by name, and of devices in their slice', () => {
    const pool = { name: 'pool-b', generation: 1, resourceSliceCount: 2 }
    const slices = [
      slice('2', [device('b3')], { pool }),
      slice('c', [device('c1')]),
      slice('1', [device('b2'), device('b1')], { pool }),
      slice('a', [device('a1')]),
    ]
    expect(devicesOf({ slices, claims: [claim('c', [request('r', { count: 5 })])] })).toEqual([
      ['r=a1', 'r=b2', 'r=b1', 'r=b3', 'r=c1'],
    ])
  })

  it('has pools with binding conditions last', () => {
    const slow = device('slow', {}, { bindingConditions: ['Attached'] })
    const slices = [slice('a', [slow]), slice('b', [device('quick')])]
    expect(devicesOf({ slices, claims: [claim('c', [request('r')])] })).toEqual([['r=quick']])
  })

  it('goes back when the rest cannot be had', () => {
    const slices = [slice('a', [device('any', { speed: 100 }), device('slow', { speed: 1 })])]
    const claims = [
      claim('first', [request('r')]),
      claim('second', [request('r', { deviceClassName: 'fast' })]),
    ]
    expect(devicesOf({ slices, claims })).toEqual([['r=slow'], ['r=any']])
  })

  it('gives no device twice, nor one that a claim has', () => {
    const claims = [claim('one', [request('r')]), claim('two', [request('r')])]
    expect(devicesOf({ slices: three, claims, others: [having('pool-a', 'x')] })).toEqual([['r=y'], ['r=z']])
    expect(devicesOf({ slices: three, claims, others: [having('pool-a', 'x', 'y')] })).toBe(NONE)
  })
})

describe('pools', () => {
  it('count only in their newest generation, and only when they are whole', () => {
    const spec = (generation: number, resourceSliceCount = 1): Partial<ResourceSlice['spec']> => ({
      pool: { name: 'p', generation, resourceSliceCount },
    })
    const claims = [claim('c', [request('r')])]
    const slices = [slice('old', [device('old')], spec(1)), slice('new', [device('new')], spec(2))]
    expect(devicesOf({ slices, claims })).toEqual([['r=new']])
    expect(devicesOf({ slices: [slice('half', [device('x')], spec(1, 2))], claims })).toBe(NONE)
    const elsewhere = slice('far', [device('far')], { ...spec(1, 2), nodeName: 'node-2' })
    expect(devicesOf({ slices: [slice('near', [device('near')], spec(1, 2)), elsewhere], claims })).toEqual([
      ['r=near'],
    ])
  })

  it('are left out when a device is in them twice', () => {
    const slices = [slice('a', [device('x'), device('x')])]
    expect(allocate({ slices, claims: [claim('c', [request('r')])] })).toBe(
      'invalid resource pools were encountered',
    )
  })

  it('reach nodes by name, by labels, or device by device', () => {
    const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }
    const nodeSelector = { nodeSelectorTerms: [term] }
    const claims = [claim('c', [request('r')])]
    const slices = [slice('net', [device('x')], { nodeSelector })]
    expect(allocate({ slices, claims, labels: { zone: 'a' } })).toMatchObject([{ nodeSelector }])
    expect(allocate({ slices, claims, labels: { zone: 'b' } })).toBe(NONE)
    const mixed = [device('far', {}, { nodeName: 'node-2' }), device('wide', {}, { allNodes: true })]
    const found = allocate({ slices: [slice('mixed', mixed, { perDeviceNodeSelection: true })], claims })
    expect(found).toMatchObject([{ devices: { results: [{ device: 'wide' }] } }])
    expect(found).not.toHaveProperty('0.nodeSelector')
  })
})

describe('mode All', () => {
  const all = [claim('c', [request('r', { allocationMode: 'All', where: 'device.driver != ""' })])]

  it('gives every device that matches, or nothing', () => {
    expect(devicesOf({ slices: three, claims: all })).toEqual([['r=x', 'r=y', 'r=z']])
    expect(devicesOf({ slices: three, claims: all, others: [having('pool-a', 'y')] })).toBe(NONE)
    expect(devicesOf({ slices: [], claims: all })).toBe(NONE)
  })

  it('cannot be decided while a pool is incomplete', () => {
    const pool = { name: 'p', generation: 1, resourceSliceCount: 2 }
    expect(() => allocate({ slices: [slice('a', [device('x')], { pool })], claims: all })).toThrow(
      `claim default/c, request r: asks for all devices, but resource pool ${DRIVER}/p is currently being updated`,
    )
  })

  it('is an error with a constraint that the devices do not meet', () => {
    const slices = [slice('a', [device('x', { numa: 0 }), device('y', { numa: 1 })])]
    const requests = [request('r', { allocationMode: 'All' })]
    const claims = [claim('c', requests, [{ matchAttribute: `${DRIVER}/numa` }])]
    expect(() => allocate({ slices, claims })).toThrow(
      `cannot add device ${DRIVER}/pool-a/y because a claim constraint would not be satisfied`,
    )
  })
})

describe('prioritised lists', () => {
  const prioritised = (...alternatives: readonly (readonly [string, string, number])[]): ResourceClaim =>
    claim('c', [
      {
        name: 'r',
        firstAvailable: alternatives.map(([name, deviceClassName, count]) => ({
          name,
          deviceClassName,
          count,
        })),
      },
    ])

  it('take the first alternative that can be had', () => {
    const slices = [
      slice('a', [device('s', { speed: 1 }), device('f', { speed: 100 }), device('t', { speed: 1 })]),
    ]
    expect(devicesOf({ slices, claims: [prioritised(['best', 'fast', 1], ['other', 'gpu', 2])] })).toEqual([
      ['r/best=f'],
    ])
    expect(devicesOf({ slices, claims: [prioritised(['best', 'fast', 2], ['other', 'gpu', 2])] })).toEqual([
      ['r/other=s', 'r/other=f'],
    ])
    expect(devicesOf({ slices, claims: [prioritised(['best', 'fast', 2], ['other', 'gpu', 4])] })).toBe(NONE)
  })

  it('pass over what would be more devices than a claim can have', () => {
    const many = Array.from({ length: 40 }, (_, index) => device(`d${index}`))
    const found = devicesOf({
      slices: [slice('a', many)],
      claims: [prioritised(['a', 'gpu', 33], ['b', 'gpu', 1])],
    })
    expect(found).toEqual([['r/b=d0']])
    expect(() => allocate({ slices: [], claims: [claim('c', [request('r', { count: 33 })])] })).toThrow(
      'claim default/c: number of requested devices 33 exceeds the claim limit of 32',
    )
  })
})

describe('constraints', () => {
  const slices = [
    slice('a', [
      device('x', { numa: 0 }),
      device('y', { numa: 1 }),
      device('z', { numa: 1 }),
      device('bare'),
    ]),
  ]
  const attribute = `${DRIVER}/numa`

  it.each([
    ['match', { matchAttribute: attribute }, 2, ['r=y', 'r=z']],
    ['distinct', { distinctAttribute: attribute }, 2, ['r=x', 'r=y']],
  ])('%s', (_, constraint, count, expected) => {
    expect(devicesOf({ slices, claims: [claim('c', [request('r', { count })], [constraint])] })).toEqual([
      expected,
    ])
  })

  it('cannot be met by too many devices, nor by those without the attribute', () => {
    for (const constraint of [{ matchAttribute: attribute }, { distinctAttribute: attribute }]) {
      expect(devicesOf({ slices, claims: [claim('c', [request('r', { count: 3 })], [constraint])] })).toBe(
        NONE,
      )
    }
  })

  it('concern only the requests that they name', () => {
    const requests = [request('one'), request('two'), request('free')]
    const constraint = { matchAttribute: attribute, requests: ['one', 'two'] }
    expect(devicesOf({ slices, claims: [claim('c', requests, [constraint])] })).toEqual([
      ['one=y', 'two=z', 'free=x'],
    ])
  })
})

describe('taints', () => {
  const taints = [{ key: 'sick', value: 'yes', effect: 'NoSchedule' }]
  const slices = [
    slice('a', [device('x', {}, { taints }), device('y', {}, { taints: [{ key: 'k', effect: 'None' }] })]),
  ]

  it('keep claims off that do not tolerate them', () => {
    const tolerating = request('r', { tolerations: [{ key: 'sick', operator: 'Exists' }] })
    expect(devicesOf({ slices, claims: [claim('c', [request('r')])] })).toEqual([['r=y']])
    expect(devicesOf({ slices, claims: [claim('c', [tolerating])] })).toEqual([['r=x']])
    const other = request('r', { tolerations: [{ key: 'sick', value: 'no' }], count: 2 })
    expect(devicesOf({ slices, claims: [claim('c', [other])] })).toBe(NONE)
  })

  it('come from rules as well', () => {
    const rule: DeviceTaintRule = {
      kind: 'DeviceTaintRule',
      metadata: { name: 'rule' },
      spec: { taint: { key: 'k', effect: 'NoExecute' }, deviceSelector: { pool: 'pool-a', device: 'x' } },
    }
    expect(devicesOf({ slices: three, claims: [claim('c', [request('r')])], rules: [rule] })).toEqual([
      ['r=y'],
    ])
  })
})

describe('admin access', () => {
  it('shares devices that others have, each once a claim', () => {
    const admin = request('r', { adminAccess: true, count: 3 })
    const others = [having('pool-a', 'x', 'y', 'z')]
    expect(devicesOf({ slices: three, claims: [claim('c', [admin])], others })).toEqual([
      ['r=x', 'r=y', 'r=z'],
    ])
    expect(allocate({ slices: three, claims: [claim('c', [admin])], others })).toMatchObject([
      { devices: { results: [{ adminAccess: true }, {}, {}] } },
    ])
    const four = request('r', { adminAccess: true, count: 4 })
    expect(devicesOf({ slices: three, claims: [claim('c', [four])] })).toBe(NONE)
  })

  it('takes nothing from others', () => {
    const results = [{ request: 'r', driver: DRIVER, pool: 'pool-a', device: 'x', adminAccess: true }]
    const watching = { ...claim('w', []), status: { allocation: { devices: { results } } } }
    expect(devicesOf({ slices: three, claims: [claim('c', [request('r')])], others: [watching] })).toEqual([
      ['r=x'],
    ])
  })
})

describe('shared counters', () => {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 2 }
  const takes = (memory: string): object => ({
    consumesCounters: [{ counterSet: 'gpu', counters: { memory: { value: memory } } }],
  })
  const counters = slice('counters', [], {
    pool,
    sharedCounters: [{ name: 'gpu', counters: { memory: { value: '8Gi' } } }],
  })
  const parts = slice(
    'parts',
    [device('big', {}, takes('6Gi')), device('half', {}, takes('4Gi')), device('rest', {}, takes('4Gi'))],
    { pool },
  )

  it('are never overdrawn', () => {
    const two = [claim('c', [request('r', { count: 2 })])]
    expect(devicesOf({ slices: [counters, parts], claims: two })).toEqual([['r=half', 'r=rest']])
    const one = [claim('c', [request('r')])]
    expect(devicesOf({ slices: [counters, parts], claims: one, others: [having('p', 'half')] })).toEqual([
      ['r=rest'],
    ])
    expect(devicesOf({ slices: [counters, parts], claims: one, others: [having('p', 'big')] })).toBe(NONE)
  })

  it('make a pool invalid when a device takes of one that there is not', () => {
    const wrong = slice(
      'parts',
      [device('x', {}, { consumesCounters: [{ counterSet: 'cpu', counters: {} }] })],
      { pool },
    )
    expect(allocate({ slices: [counters, wrong], claims: [claim('c', [request('r')])] })).toBe(
      'invalid resource pools were encountered',
    )
  })
})

describe('consumable capacity', () => {
  const shared = (policy?: object): ResourceSlice[] => [
    slice('a', [
      device(
        'nic',
        {},
        {
          allowMultipleAllocations: true,
          capacity: {
            bandwidth: { value: '10', ...(policy === undefined ? {} : { requestPolicy: policy }) },
          },
        },
      ),
    ]),
  ]
  const asking = (amount: string): ResourceClaim =>
    claim(`asks-${amount}`, [request('r', { capacity: { requests: { bandwidth: amount } } })])

  it('gives parts of a device until it is used up', () => {
    const found = allocate({ slices: shared(), claims: [asking('4'), asking('6')] })
    expect(found).toMatchObject([
      { devices: { results: [{ device: 'nic', consumedCapacity: { bandwidth: '4' } }] } },
      { devices: { results: [{ device: 'nic', consumedCapacity: { bandwidth: '6' } }] } },
    ])
    expect(devicesOf({ slices: shared(), claims: [asking('4'), asking('7')] })).toBe(NONE)
    if (typeof found === 'string') return
    const others = found.map((allocation, place) => ({ ...claim(`o${place}`, []), status: { allocation } }))
    expect(devicesOf({ slices: shared(), claims: [asking('1')], others: others.slice(0, 1) })).toEqual([
      ['r=nic'],
    ])
    expect(devicesOf({ slices: shared(), claims: [asking('1')], others })).toBe(NONE)
  })

  it('rounds requests as the device says', () => {
    const consumed = (policy: object, amount?: string): unknown => {
      const claims = [amount === undefined ? claim('c', [request('r')]) : asking(amount)]
      const found = allocate({ slices: shared(policy), claims })
      return typeof found === 'string'
        ? found
        : found[0]?.devices?.results?.[0]?.consumedCapacity?.['bandwidth']
    }
    expect(consumed({ default: '1' })).toBe('1')
    expect(consumed({ default: '2', validValues: ['2', '5'] }, '3')).toBe('5')
    expect(consumed({ default: '2', validValues: ['2', '5'] }, '6')).toBe(NONE)
    expect(consumed({ default: '2', validRange: { min: '2', step: '3', max: '8' } }, '1')).toBe('2')
    expect(consumed({ default: '2', validRange: { min: '2', step: '3', max: '8' } }, '3')).toBe('5')
    expect(consumed({ default: '2', validRange: { min: '2', step: '3', max: '8' } }, '9')).toBe(NONE)
  })
})

describe('selectors', () => {
  it('see the driver, attributes and capacities of a device', () => {
    const capacity = { memory: { value: '40Gi' } }
    const slices = [
      slice('a', [
        device('x', { model: 'small' }, { capacity: { memory: { value: '8Gi' } } }),
        device('y', { model: 'big', ecc: true }, { capacity }),
      ]),
    ]
    const found = (where: string): unknown =>
      devicesOf({ slices, claims: [claim('c', [request('r', { where })])] })
    expect(found(`device.attributes["${DRIVER}"].model == "big"`)).toEqual([['r=y']])
    expect(found(`device.capacity["${DRIVER}"].memory.compareTo(quantity("20Gi")) > 0`)).toEqual([['r=y']])
    expect(found(`has(device.attributes["${DRIVER}"].ecc) && device.attributes["${DRIVER}"].ecc`)).toEqual([
      ['r=y'],
    ])
    expect(found('has(device.attributes["other.example.com"].ecc)')).toBe(NONE)
    expect(found('"other.example.com" in device.attributes')).toBe(NONE)
  })

  it('end in an error where they fail', () => {
    const run = (where: string): unknown =>
      allocate({ slices: three, claims: [claim('c', [request('r', { where })])] })
    expect(() => run(`device.attributes["${DRIVER}"].none == 1`)).toThrow(
      `claim default/c: selector #0 on device ${DRIVER}/pool-a/x: CEL runtime error: No such key: none`,
    )
    expect(() => run('device.none')).toThrow('claim default/c: selector #0: CEL compile error')
  })
})
