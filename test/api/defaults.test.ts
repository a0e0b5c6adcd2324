import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { roundAmounts } from '../../src/api/defaults/amounts.ts'
import { defaultObject } from '../../src/api/defaults/index.ts'
import { defaultPodLevelResources } from '../../src/api/defaults/pod-level.ts'
import { parseImageReference } from '../../src/api/image-reference.ts'
import type {
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  LimitRange,
  Pod,
  Service,
  StatefulSet,
} from '../../src/api/types.generated.ts'

function pod(spec: Pod['spec']): Pod {
  return defaultObject<Pod>({ kind: 'Pod', metadata: { name: 'p' }, ...(spec === undefined ? {} : { spec }) })
}

describe('the names of images', () => {
  const digest = `sha256:${'0'.repeat(64)}`

  it.each([
    ['app', 'latest', ''],
    ['app:1.2', '1.2', ''],
    ['host:5000/app', 'latest', ''],
    ['localhost/app:x', 'x', ''],
    [`repo/app@${digest}`, '', digest],
    [`repo/app:v1@${digest}`, 'v1', digest],
  ])('%s has a tag and a digest', (image, tag, expected) => {
    expect(parseImageReference(image)).toEqual({ tag, digest: expected })
  })

  it.each(['', 'App', 'a'.repeat(300), 'f'.repeat(64), 'app:', 'app@sha256:00', `app@md5:${'0'.repeat(32)}`])(
    '%s is none',
    (image) => {
      expect(parseImageReference(image)).toBeUndefined()
    },
  )
})

describe('amounts', () => {
  it('are rounded up to thousandths, and otherwise left as they are written', () => {
    expect(roundAmounts({ cpu: '100u', memory: '1.5Gi', other: '1000100u', odd: 'no amount' })).toEqual({
      cpu: '1m',
      memory: '1.5Gi',
      other: '1001m',
      odd: 'no amount',
    })
  })
})

describe('a pod', () => {
  it('is pulled anew when its tag may move', () => {
    const { spec } = pod({
      containers: [
        { name: 'a', image: 'app' },
        { name: 'b', image: 'app:1' },
      ],
    })
    expect(spec?.containers.map((container) => container.imagePullPolicy)).toEqual(['Always', 'IfNotPresent'])
  })

  it('asks as a whole for what its containers ask, only where it has limits of its own', () => {
    const containers = [{ name: 'a', resources: { requests: { cpu: '1', memory: '1Gi' } } }]
    const limits = { cpu: '4', 'hugepages-2Mi': '2Mi' }
    const limited = defaultPodLevelResources({ containers, resources: { limits } })
    expect(limited.resources?.requests).toEqual({ cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' })
    const asking = defaultPodLevelResources({ containers, resources: { requests: { cpu: '2' } } })
    expect(asking.resources).toEqual({ requests: { cpu: '2' } })
  })

  it('is limited as a whole to what its containers are, if each has a limit and it asks for itself', () => {
    const one = { name: 'a', resources: { limits: { cpu: '1', memory: '1Gi' } } }
    const other = { name: 'b', resources: { limits: { cpu: '500m' } } }
    const resources = { requests: { cpu: '1' } }
    expect(defaultPodLevelResources({ containers: [one, other], resources }).resources).toEqual({
      requests: { cpu: '1' },
      limits: { cpu: '1500m' },
    })
  })

  it('without a source for a volume gets an empty directory', () => {
    const { spec } = pod({
      containers: [],
      volumes: [{ name: 'v' }, { name: 'h', hostPath: { path: '/x' } }],
    })
    expect(spec?.volumes).toEqual([
      { name: 'v', emptyDir: {} },
      { name: 'h', hostPath: { path: '/x', type: '' } },
    ])
  })
})

describe('other kinds', () => {
  const template = {
    spec: { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
  }

  it('give their templates what a template gets, and not what is a pod’s', () => {
    const { spec } = defaultObject<Deployment>({ kind: 'Deployment', spec: { selector: {}, template } })
    expect(spec?.strategy?.rollingUpdate).toEqual({ maxSurge: '25%', maxUnavailable: '25%' })
    expect(spec?.template.spec?.containers[0]?.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }])
    expect(spec?.template.spec?.enableServiceLinks).toBeUndefined()
  })

  it('leave a StatefulSet that names its strategy without the rest of it', () => {
    const withUpdate = (type: string): StatefulSet => ({
      kind: 'StatefulSet',
      spec: { selector: {}, template, updateStrategy: type === '' ? {} : { type } },
    })
    expect(defaultObject(withUpdate('RollingUpdate')).spec?.updateStrategy).toEqual({ type: 'RollingUpdate' })
    expect(defaultObject(withUpdate('')).spec?.updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { partition: 0, maxUnavailable: 1 },
    })
  })

  it('count failures by index where a Job does', () => {
    const { spec } = defaultObject<Job>({ kind: 'Job', spec: { template, backoffLimitPerIndex: 1 } })
    expect(spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 2_147_483_647 })
  })

  it('scale by 80 % of the requested cpu, unless an old version says it otherwise', () => {
    const scaler = (apiVersion: string): HorizontalPodAutoscaler =>
      defaultObject<HorizontalPodAutoscaler>({
        apiVersion,
        kind: 'HorizontalPodAutoscaler',
        spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' }, behavior: {} },
      })
    const { spec } = scaler('autoscaling/v2')
    expect(spec?.metrics?.[0]?.resource?.target.averageUtilization).toBe(80)
    expect(spec?.behavior?.scaleDown?.policies).toEqual([{ type: 'Percent', value: 100, periodSeconds: 15 }])
    expect(scaler('autoscaling/v1').spec).toMatchObject({ minReplicas: 1, behavior: {} })
  })

  it('keep affinity of a Service to what it says', () => {
    const { spec } = defaultObject<Service>({
      kind: 'Service',
      spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } }, externalIPs: ['10.0.0.1'] },
    })
    expect(spec).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      externalIPs: ['10.0.0.1'],
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
    })
  })

  it('take requests of a LimitRange from its limits, and those from its maximum', () => {
    const { spec } = defaultObject<LimitRange>({
      kind: 'LimitRange',
      spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }] },
    })
    expect(spec?.limits[0]).toMatchObject({
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Mi' },
    })
  })
})

describe('defaulting', () => {
  const amounts = fc.dictionary(
    fc.constantFrom('cpu', 'memory', 'hugepages-2Mi', 'example.com/x'),
    fc.constantFrom('1', '500m', '100u', '1.5Gi', '0'),
  )
  const resources = fc.record({ requests: amounts, limits: amounts }, { requiredKeys: [] })
  const container = fc.record(
    {
      name: fc.constantFrom('a', 'b'),
      image: fc.constantFrom('app', 'app:1', 'APP', ''),
      resources,
      ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }),
      livenessProbe: fc.record({ periodSeconds: fc.nat(3) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['name'] },
  )
  const spec = fc.record(
    {
      containers: fc.array(container, { maxLength: 2 }),
      initContainers: fc.array(container, { maxLength: 2 }),
      hostNetwork: fc.boolean(),
      volumes: fc.array(fc.record({ name: fc.constantFrom('v', 'w') }), { maxLength: 2 }),
      resources,
    },
    { requiredKeys: ['containers'] },
  )

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(spec, fc.constantFrom('Pod', 'ReplicaSet', 'Job', 'StatefulSet'), (podSpec, kind) => {
        const object =
          kind === 'Pod'
            ? { kind, spec: podSpec }
            : { kind, spec: { selector: {}, template: { spec: podSpec } } }
        const once = defaultObject<{ readonly kind: string }>(object)
        expect(defaultObject(once)).toEqual(once)
      }),
    )
  })
})
