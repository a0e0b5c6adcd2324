import { rmSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import type { Explanation } from '../../src/run/explain/explanation.ts'
import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0

/** A pod of namespace shop with this spec; the objects are beside it. */
async function explained(
  spec: string,
  objects: readonly string[],
  ...flags: readonly string[]
): Promise<Explanation> {
  const pod = `kind: Pod\napiVersion: v1\nmetadata: { name: web, namespace: shop, uid: u-web }
spec: { containers: [{ name: c, image: x }], ${spec} }`
  const place = file(`case-${files++}.yaml`, [pod, ...objects].join('\n---\n'))
  const { out, err } = await stowage('explain', 'shop/web', place, '--nodes', '2x4:8Gi', '--json', ...flags)
  expect(err).toBe('')
  return JSON.parse(out) as Explanation
}

const CLAIM = 'volumes: [{ name: v, persistentVolumeClaim: { claimName: data } }]'
const EPHEMERAL =
  'volumes: [{ name: v, ephemeral: { volumeClaimTemplate: { spec: { accessModes: [ReadWriteOnce] } } } }]'
const DEVICE = 'resourceClaims: [{ name: gpu, resourceClaimName: big }]'
const TEMPLATE = 'resourceClaims: [{ name: gpu, resourceClaimTemplateName: gpus }]'

/** A claim `data` of namespace shop. */
function volumeClaim(spec: string, more = '', namespace = 'shop', name = 'data'): string {
  return `kind: PersistentVolumeClaim\napiVersion: v1\nmetadata: { name: ${name}, namespace: ${namespace}, uid: u-data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 5Gi } }, ${spec} }\n${more}`
}

function storageClass(mode: string, provisioner: string): string {
  return `kind: StorageClass\napiVersion: storage.k8s.io/v1\nmetadata: { name: fast }
provisioner: ${provisioner}\nvolumeBindingMode: ${mode}`
}

function deviceClaim(requests: string, more = ''): string {
  return `kind: ResourceClaim\napiVersion: resource.k8s.io/v1\nmetadata: { name: big, namespace: shop, uid: u-big }
spec: { devices: { requests: [${requests}] } }\n${more}`
}

const NAMED = (names: string): string =>
  `{ matchFields: [${names
    .split(' ')
    .map((name) => `{ key: metadata.name, operator: In, values: [${name}] }`)
    .join(', ')}] }`
const AFFINITY = (terms: string): string =>
  `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [${terms}] } } }`

describe('a pod that is stopped before any node is looked at', () => {
  it.each<readonly [string, string, readonly string[], string, RegExp]>([
    [
      'a claim that is not there',
      CLAIM,
      [],
      'VolumeRestrictions',
      /^create PersistentVolumeClaim shop\/data$/,
    ],
    [
      'a claim of another namespace',
      CLAIM,
      [volumeClaim('storageClassName: fast', '', 'other')],
      'VolumeRestrictions',
      /create PersistentVolumeClaim shop\/data \(there is one of that name in namespace other\)/,
    ],
    [
      'an ephemeral volume without its claim',
      EPHEMERAL,
      [],
      'VolumeBinding',
      /create PersistentVolumeClaim shop\/web-v with the pod as its controller/,
    ],
    [
      "an ephemeral volume whose claim is another's",
      EPHEMERAL,
      [volumeClaim('storageClassName: fast', '', 'shop', 'web-v')],
      'VolumeBinding',
      /delete PersistentVolumeClaim shop\/web-v, which is not the pod's/,
    ],
    [
      'a lost claim',
      CLAIM,
      [volumeClaim('volumeName: pv-1', 'status: { phase: Lost }')],
      'VolumeBinding',
      /bring PersistentVolume pv-1 back, or create PersistentVolumeClaim shop\/data anew/,
    ],
    [
      'an immediate claim that no volume is bound to',
      CLAIM,
      [volumeClaim('storageClassName: fast'), storageClass('Immediate', 'disks.example.com')],
      'VolumeBinding',
      /create a PersistentVolume of class fast with 5Gi or more and accessModes ReadWriteOnce, or let disks.example.com make one, for .*shop\/data to be bound to; or use a class with volumeBindingMode WaitForFirstConsumer/,
    ],
    [
      'a claim of a class that is not there',
      CLAIM,
      [volumeClaim('storageClassName: slow')],
      'VolumeBinding',
      /create StorageClass slow, which PersistentVolumeClaim shop\/data names/,
    ],
    [
      'a claim without a class',
      CLAIM,
      [volumeClaim('storageClassName: ""')],
      'VolumeBinding',
      /create a PersistentVolume of no class with 5Gi or more .* or give the claim a storage class/,
    ],
    [
      'a claim that names a volume and is not bound yet',
      CLAIM,
      [
        volumeClaim('storageClassName: fast, volumeName: pv-1'),
        storageClass('WaitForFirstConsumer', 'x'),
        'kind: PersistentVolume\napiVersion: v1\nmetadata: { name: pv-1 }\nspec: { capacity: { storage: 5Gi } }',
      ],
      'VolumeBinding',
      /let PersistentVolumeClaim shop\/data be bound to PersistentVolume pv-1, which it names/,
    ],
    [
      'a claim for devices that is not there',
      DEVICE,
      [],
      'DynamicResources',
      /^create ResourceClaim shop\/big$/,
    ],
    [
      'a claim of a template that is not there',
      TEMPLATE,
      [],
      'DynamicResources',
      /create ResourceClaimTemplate shop\/gpus, from which the claim for spec.resourceClaims gpu is made/,
    ],
    [
      'a claim for devices that names nothing',
      'resourceClaims: [{ name: gpu }]',
      [],
      'DynamicResources',
      /give spec.resourceClaims gpu a resourceClaimName or a resourceClaimTemplateName/,
    ],
    [
      'a device class that is not there',
      DEVICE,
      [deviceClaim('{ name: r, exactly: { deviceClassName: gpu } }')],
      'DynamicResources',
      /create DeviceClass gpu, which request r of ResourceClaim shop\/big names/,
    ],
    [
      'a request that asks for nothing',
      DEVICE,
      [deviceClaim('{ name: r }')],
      'DynamicResources',
      /give request r of ResourceClaim shop\/big exactly or firstAvailable/,
    ],
    [
      'names of nodes that exclude each other',
      AFFINITY(NAMED('a b')),
      [],
      'NodeAffinity',
      /let a term of the pod's required node affinity name one node: it asks for a and b at once/,
    ],
    [
      'scheduling gates',
      'schedulingGates: [{ name: example.com/hold }]',
      [],
      'SchedulingGates',
      /remove spec.schedulingGates example.com\/hold/,
    ],
  ])('%s', async (_what, spec, objects, plugin, remedy) => {
    const found = await explained(spec, objects)
    expect(found).toMatchObject({ stoppedBy: plugin, feasible: [], rejected: [] })
    expect(found.changes.map(({ text }) => text).join('\n')).toMatch(remedy)
  })

  it('by a PodGroup that is not there, or not complete', async () => {
    const gates = ['--feature-gates', 'GenericWorkload=true,GangScheduling=true']
    const member = 'schedulingGroup: { podGroupName: gang }'
    const missing = await explained(member, [], ...gates)
    expect(missing).toMatchObject({ outcome: 'gated', changes: [{ text: 'create PodGroup shop/gang' }] })
    const group = `kind: PodGroup\napiVersion: scheduling.k8s.io/v1alpha2\nmetadata: { name: gang, namespace: shop }
spec: { schedulingPolicy: { gang: { minCount: 3 } } }`
    const small = await explained(member, [group], ...gates)
    expect(small.changes[0]?.text).toBe(
      'create 2 more pods of PodGroup shop/gang, or lower its minCount of 3',
    )
  })

  it('or that may only go to nodes that are not there', async () => {
    const found = await explained(AFFINITY(NAMED('far-away')), [])
    expect(found.changes[0]).toEqual({
      text: "create node far-away, or take its name from the pod's required node affinity or spec.nodeName",
      opens: [],
      alsoNeededOn: [],
    })
    expect(found.rejected).toHaveLength(2)
  })

  it('is told for people in a line', async () => {
    const place = file(
      'text.yaml',
      `kind: Pod\napiVersion: v1\nmetadata: { name: web, namespace: shop, uid: u }
spec: { containers: [{ name: c, image: x }], ${CLAIM} }`,
    )
    const { out } = await stowage('explain', 'shop/web', place, '--nodes', '1x4:8Gi')
    expect(out).toContain('what would change it:\n  create PersistentVolumeClaim shop/data\n')
  })
})
