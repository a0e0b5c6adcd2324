import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from '../../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CATALOGUE = file(
  'catalogue.csv',
  [
    'instance_type,family,vcpu,memory_mib,gpu_count,architecture,pods,price_usd_per_hour',
    'plain,a,4,16384,0,amd64,110,1',
    'carded,a,4,16384,0,amd64,110,2',
  ].join('\n'),
)

const DEVICE_CLASS = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: 'card.example.com' },
  spec: {
    extendedResourceName: 'example.com/card',
    selectors: [{ cel: { expression: 'device.driver == "card.example.com"' } }],
  },
}

const TEMPLATE = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-card', namespace: 'default' },
  spec: {
    spec: { devices: { requests: [{ name: 'card', exactly: { deviceClassName: 'card.example.com' } }] } },
  },
}

function deployment(name: string, replicas: number, pod: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: pod },
    },
  }
}

const CLAIMING = deployment('claims', 5, {
  resourceClaims: [{ name: 'card', resourceClaimTemplateName: 'one-card' }],
  containers: [{ name: 'main', image: 'a', resources: { requests: { cpu: '100m' } } }],
})
const EXTENDED = deployment('extended', 3, {
  containers: [
    {
      name: 'main',
      image: 'a',
      resources: { requests: { cpu: '100m', 'example.com/card': '1' }, limits: { 'example.com/card': '1' } },
    },
  ],
})

function slice(name: string, where: object): object {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name },
    spec: {
      driver: 'card.example.com',
      ...where,
      pool: { name: 'cards', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'card-0' }, { name: 'card-1' }],
    },
  }
}

let scenarios = 0

function scenario(objects: readonly object[], nodeLabels: Readonly<Record<string, string>> = {}): string {
  scenarios += 1
  const list = file(
    `objects-${scenarios}.json`,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  )
  const nodes = [{ template: { count: 1, shape: '4:16Gi', namePrefix: 'own', labels: nodeLabels } }]
  const spec = { nodes, objects: [list] }
  return file(
    `scenario-${scenarios}.json`,
    JSON.stringify({
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: 'cards' },
      spec,
    }),
  )
}

interface Answer {
  readonly bound: number
  readonly best?: {
    readonly mix: readonly { readonly shape: { readonly name: string }; readonly count: number }[]
  }
}

async function plan(...words: readonly string[]): Promise<{ status: number; err: string; answer: Answer }> {
  const { status, out, err } = await stowage('plan', '--catalogue', CATALOGUE, ...words, '--json', '--quiet')
  return { status, err, answer: JSON.parse(out === '' ? '{}' : out) as Answer }
}

const CARDED = { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['carded'] }
const ON_CARDED = { nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [CARDED] }] } }

describe('devices of nodes that are tried', () => {
  it('are those of a file, each node for itself, and the bound counts them', async () => {
    const devices = file('devices.json', JSON.stringify(slice('cards', ON_CARDED)))
    const workload = scenario([DEVICE_CLASS, TEMPLATE, CLAIMING, EXTENDED])
    for (const objective of ['all-scheduled', 'max-pending<5m']) {
      const { answer } = await plan(
        workload,
        '--devices',
        devices,
        '--objective',
        objective,
        '--set',
        'spec.until=10m',
      )
      expect(answer.best?.mix.map(({ shape, count }) => [shape.name, count])).toEqual([['carded', 4]])
      if (objective === 'all-scheduled') expect(answer.bound).toBe(8)
    }
  })

  it('are those of a node of the scenario of that shape, without a file', async () => {
    const own = slice('own-cards', { nodeName: 'own-0' })
    const objects = [DEVICE_CLASS, TEMPLATE, CLAIMING, EXTENDED, own]
    const { answer } = await plan(scenario(objects, { 'node.kubernetes.io/instance-type': 'carded' }))
    expect(answer.best?.mix.map(({ shape, count }) => [shape.name, count])).toEqual([['carded', 4]])
  })

  it('are asked for where pods claim some and nobody says which there are', async () => {
    for (const one of [CLAIMING, EXTENDED]) {
      const { status, err } = await plan(scenario([DEVICE_CLASS, TEMPLATE, one]))
      expect(status).toBe(2)
      expect(err).toMatch(
        /--devices: is missing: pod .* claims devices, and none of the shapes .*ResourceSlices/,
      )
    }
  })

  it('are refused from a file that does not say where they are', async () => {
    const workload = scenario([DEVICE_CLASS, TEMPLATE, CLAIMING])
    const nowhere = file('nowhere.json', JSON.stringify(slice('cards', {})))
    expect((await plan(workload, '--devices', nowhere)).err).toMatch(
      /nowhere\.json.* cards: spec\.nodeSelector.* is missing/,
    )
    const none = file('none.json', JSON.stringify(DEVICE_CLASS))
    expect((await plan(workload, '--devices', none)).err).toMatch(/none\.json.* there is no ResourceSlice/)
  })
})
