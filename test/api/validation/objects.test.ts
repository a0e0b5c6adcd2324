import { describe, expect, it } from 'vitest'

import { defaultObject } from '../../../src/api/defaults/index.ts'
import { asCreated } from '../../../src/api/validation/created.ts'
import { formatError } from '../../../src/api/validation/field-error.ts'
import { formatErrors, validateObject } from '../../../src/api/validation/index.ts'

interface TestObject {
  readonly kind: string
  readonly [field: string]: unknown
}

/** Texts of all errors of an object, defaulted and as its storage would have it. */
function textsOf(object: TestObject): readonly string[] {
  return validateObject(asCreated(defaultObject(object))).map(formatError)
}

const metadata = { name: 'x', namespace: 'default' }
const clusterWide = { name: 'x' }
const container = { name: 'c', image: 'i' }
const selector = { matchLabels: { app: 'x' } }
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } }
const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } }

function pod(spec: object, own: object = {}): TestObject {
  return { kind: 'Pod', metadata: { ...metadata, ...own }, spec: { containers: [container], ...spec } }
}

function withContainer(fields: object, spec: object = {}): TestObject {
  return pod({ ...spec, containers: [{ ...container, ...fields }] })
}

const VALID: readonly TestObject[] = [
  pod({}),
  { kind: 'Deployment', metadata, spec: { selector, template } },
  { kind: 'ReplicaSet', metadata, spec: { selector, template } },
  { kind: 'StatefulSet', metadata, spec: { selector, template, serviceName: 'x' } },
  { kind: 'DaemonSet', metadata, spec: { selector, template } },
  { kind: 'ReplicationController', metadata, spec: { selector: { app: 'x' }, template } },
  { kind: 'Job', metadata, ...jobTemplate },
  { kind: 'CronJob', metadata, spec: { schedule: '@hourly', jobTemplate } },
  { kind: 'Service', metadata, spec: { ports: [{ port: 80 }], clusterIP: 'None' } },
  {
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 80 }], type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  },
  {
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  {
    kind: 'PersistentVolume',
    metadata: clusterWide,
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } },
  },
  { kind: 'Node', metadata: clusterWide },
  { kind: 'Namespace', metadata: clusterWide },
  { kind: 'ConfigMap', metadata, data: { a: 'b' } },
  { kind: 'Secret', metadata, type: 'kubernetes.io/basic-auth', stringData: { username: 'u' } },
  {
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
  },
  {
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
    },
  },
  { kind: 'PodDisruptionBudget', metadata, spec: { minAvailable: '50%', selector } },
  { kind: 'PriorityClass', metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
  { kind: 'StorageClass', metadata: clusterWide, provisioner: 'example.com/disk' },
  { kind: 'RuntimeClass', metadata: clusterWide, handler: 'kata' },
  {
    kind: 'LimitRange',
    metadata,
    spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '1m' } }] },
  },
  { kind: 'ResourceQuota', metadata, spec: { hard: { pods: '1' }, scopes: ['BestEffort'] } },
  { kind: 'Ingress', metadata, spec: { defaultBackend: { service: { name: 'x', port: { number: 80 } } } } },
  { kind: 'ClusterRole', metadata: { name: 'system:node' } },
  { kind: 'Gadget', metadata: { name: 'Of no kind that is known' } },
]

describe('objects', () => {
  it.each(VALID.map((object) => [object.kind, object] as const))('without errors: %s', (_kind, object) => {
    expect(textsOf(object)).toEqual([])
  })

  it('of every kind need a name, and a namespace where they have one', () => {
    const known = VALID.filter(({ kind }) => kind !== 'Gadget')
    const wrong = known.filter((object) => {
      const texts = textsOf({ ...object, metadata: {} })
      const needsNamespace = 'namespace' in (object['metadata'] as object)
      const hasName = texts.includes('metadata.name: Required value: name or generateName is required')
      return !hasName || texts.includes('metadata.namespace: Required value') !== needsNamespace
    })
    expect(wrong).toEqual([])
  })

  it('may be named by the API server', () => {
    expect(textsOf(pod({}, { name: undefined, generateName: 'web-' }))).toEqual([])
    expect(textsOf(pod({}, { name: undefined, generateName: 'Web-' }))).toHaveLength(2)
  })

  it('are refused with one text', () => {
    const errors = validateObject(defaultObject(pod({ containers: [{}] })))
    expect(formatErrors('Pod', 'x', errors)).toBe(
      'Pod "x" is invalid: [spec.containers[0].name: Required value, spec.containers[0].image: Required value]',
    )
  })
})

const PODS: readonly (readonly [name: string, object: TestObject, texts: readonly string[]])[] = [
  [
    'two sources of a volume',
    pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'rules without a policy',
    withContainer({ restartPolicyRules: [{ action: 'Stop', exitCodes: { operator: 'Is' } }] }),
    [
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"',
      'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
    ],
  ],
  [
    'a hook that sleeps too long',
    withContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    [
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
  [
    'a claim that is not there',
    withContainer({ resources: { claims: [{ name: 'gpu' }] } }),
    [
      'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
    ],
  ],
  [
    'a claim without a source',
    pod({ resourceClaims: [{ name: 'gpu' }] }),
    [
      'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
  ],
  [
    'a mount that propagates',
    withContainer(
      { volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] },
      { volumes: [{ name: 'v', emptyDir: {} }] },
    ),
    [
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
  ],
  [
    'a system with fields of another',
    pod({ os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 1 } }),
    [
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
    ],
  ],
  [
    'a token of no account',
    pod({
      volumes: [
        { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 5 } }] } },
      ],
    }),
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    ],
  ],
  [
    'a gate that holds a bound pod',
    pod({ nodeName: 'n', schedulingGates: [{ name: 'g' }] }),
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [
    'a cost that is no integer',
    pod({}, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '+5' } }),
    [
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+5": must be a 32bit integer',
    ],
  ],
  [
    'constraints that are one',
    pod({
      topologySpreadConstraints: [0, 1].map(() => ({
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
      })),
    }),
    [
      'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
    ],
  ],
  [
    'keys of labels without a selector',
    pod({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', matchLabelKeys: ['a'] }],
        },
      },
    }),
    [
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  ],
  [
    'names of hosts at no address',
    pod({ hostAliases: [{ ip: '1', hostnames: ['A'] }] }),
    [
      'spec.hostAliases[0].ip: Invalid value: "1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      `spec.hostAliases[0].hostnames[0]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
  ],
  [
    'a variable from a field with a subscript',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } }] }),
    [
      `spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
    ],
  ],
]

describe('pods', () => {
  it.each(PODS)('with %s', (_name, object, texts) => {
    expect(textsOf(object)).toEqual(texts)
  })
})

const OTHERS: readonly (readonly [name: string, object: TestObject, texts: readonly string[]])[] = [
  [
    'a StatefulSet of a strategy that is none',
    { kind: 'StatefulSet', metadata, spec: { selector, template, updateStrategy: { type: 'Odd' } } },
    [
      `spec.updateStrategy: Invalid value: {"Type":"Odd","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
    ],
  ],
  [
    'a DaemonSet that neither surges nor goes without',
    {
      kind: 'DaemonSet',
      metadata,
      spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
    },
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  ],
  [
    'a DaemonSet whose template has a deadline',
    {
      kind: 'DaemonSet',
      metadata,
      spec: { selector, template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } },
    },
    [
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
  [
    'a Deployment with a selector that cannot be compiled',
    {
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] }, template },
    },
    [
      'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Is"}]}: invalid label selector',
    ],
  ],
  [
    'a CronJob with a long name',
    {
      kind: 'CronJob',
      metadata: { ...metadata, name: 'a'.repeat(53) },
      spec: { schedule: '@daily', jobTemplate },
    },
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
  [
    'a Job whose rule says neither code nor condition',
    {
      kind: 'Job',
      metadata,
      spec: { ...jobTemplate.spec, podFailurePolicy: { rules: [{ action: 'Odd' }] } },
    },
    [
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "Odd": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  ],
  [
    'a Service of two addresses of one version',
    { kind: 'Service', metadata, spec: { ports: [{ port: 80 }], clusterIPs: ['10.0.0.1', '10.0.0.2'] } },
    [
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'a PersistentVolume on a disk of a node, without saying which',
    {
      kind: 'PersistentVolume',
      metadata: clusterWide,
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '0' }, local: { path: '/x' } },
    },
    [
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  ],
  [
    'an autoscaler that may scale to zero by nothing outside',
    {
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        minReplicas: 0,
        maxReplicas: 0,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
      },
    },
    [
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    'an autoscaler by a metric of another type',
    {
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        maxReplicas: 1,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
        metrics: [
          { type: 'Pods', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } },
        ],
      },
    },
    [
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
    ],
  ],
  [
    'a NetworkPolicy with exceptions outside',
    {
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        egress: [
          {
            ports: [{ port: 'http', endPort: 5 }],
            to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }],
          },
        ],
      },
    },
    [
      'spec.egress[0].ports[0].endPort: Invalid value: 5: may not be specified when `port` is non-numeric',
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    ],
  ],
  [
    'a budget of both kinds',
    { kind: 'PodDisruptionBudget', metadata, spec: { minAvailable: 1, maxUnavailable: '101%' } },
    [
      'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'a priority that is the system’s',
    { kind: 'PriorityClass', metadata: { name: 'system-x' }, value: 1 },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class",
    ],
  ],
  [
    'a priority that is too high',
    { kind: 'PriorityClass', metadata: clusterWide, value: 1_000_000_001 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'limits out of order',
    {
      kind: 'LimitRange',
      metadata,
      spec: {
        limits: [
          { type: 'Container', max: { cpu: '1' }, min: { cpu: '2' }, maxLimitRequestRatio: { cpu: '1' } },
        ],
      },
    },
    [
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "1": ratio 1 is greater than max/min = 0.500000',
    ],
  ],
  [
    'a quota whose scope says nothing of its resource',
    { kind: 'ResourceQuota', metadata, spec: { hard: { services: '1500m' }, scopes: ['BestEffort'] } },
    [
      'spec.hard[services]: Invalid value: "1500m": must be an integer',
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ],
  ],
  [
    'a secret without the keys of its type',
    { kind: 'Secret', metadata, type: 'kubernetes.io/tls', data: { 'a b': 'eA==' } },
    [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ],
  ],
  [
    'an Ingress to nowhere',
    {
      kind: 'Ingress',
      metadata,
      spec: {
        rules: [{ host: '1.2.3.4', http: { paths: [{ pathType: 'Prefix', path: 'a//b', backend: {} }] } }],
      },
    },
    [
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'spec.rules[0].http.paths[0].path: Invalid value: "a//b": must be an absolute path',
      `spec.rules[0].http.paths[0].path: Invalid value: "a//b": must not contain '//'`,
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ],
  ],
  [
    'a StorageClass that binds oddly',
    { kind: 'StorageClass', metadata: clusterWide, volumeBindingMode: 'Odd' },
    [
      'provisioner: Required value',
      'volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
  ],
  [
    'a StatefulSet whose claims, service and template are wrong',
    {
      kind: 'StatefulSet',
      metadata,
      spec: {
        selector,
        serviceName: 'a.b',
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } },
        ],
        template: {
          ...template,
          spec: {
            volumes: [{ name: 'data', emptyDir: {} }, { name: 'own' }],
            containers: [
              {
                ...container,
                image: '',
                volumeMounts: [
                  { name: 'data', mountPath: '/data' },
                  { name: 'none', mountPath: '/none' },
                ],
              },
            ],
          },
        },
      },
    },
    [
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.serviceName: Invalid value: "a.b": must not contain dots',
      'spec.template.spec.containers[0].image: Required value',
      'spec.template.spec.containers[0].volumeMounts[1].name: Not found: "none"',
    ],
  ],
  [
    'a Role of nothing, and of addresses',
    {
      kind: 'Role',
      metadata,
      rules: [
        { verbs: ['get'], resources: ['pods'] },
        { nonResourceURLs: ['/x'], apiGroups: [''] },
      ],
    },
    [
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[1].verbs: Required value: verbs must contain at least one value',
      'rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
      'rules[1].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
  [
    'a ClusterRole that gathers nothing',
    { kind: 'ClusterRole', metadata: clusterWide, aggregationRule: {} },
    [
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
  ],
  [
    'a ClusterRoleBinding of a Role to subjects of no kind',
    {
      kind: 'ClusterRoleBinding',
      metadata: clusterWide,
      roleRef: { apiGroup: 'a', kind: 'Role' },
      subjects: [
        { kind: 'ServiceAccount', name: 'a', apiGroup: 'b' },
        { kind: 'User', name: 'u', apiGroup: 'b' },
        { kind: 'Odd' },
      ],
    },
    [
      'roleRef.apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      'roleRef.name: Required value',
      'subjects[0].apiGroup: Unsupported value: "b": supported values: ""',
      'subjects[0].namespace: Required value',
      'subjects[1].apiGroup: Unsupported value: "b": supported values: "rbac.authorization.k8s.io"',
      'subjects[2].name: Required value',
      'subjects[2].kind: Unsupported value: "Odd": supported values: "ServiceAccount", "User", "Group"',
    ],
  ],
  [
    'an autoscaler of a target of no group',
    {
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'v1', kind: 'Deployment', name: 'x' } },
    },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  ],
  [
    'an autoscaler of a target of too many groups',
    {
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'a/b/c', kind: 'Deployment', name: 'x' } },
    },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    'a pod with fewer huge pages than its containers',
    pod({
      resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } },
      containers: [
        { ...container, resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } } },
        { ...container, name: 'd', resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } } },
      ],
    }),
    [
      'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
    ],
  ],
  [
    'spread by keys that are none',
    pod({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'] },
        {
          maxSkew: 1,
          topologyKey: 'y',
          whenUnsatisfiable: 'DoNotSchedule',
          matchLabelKeys: ['a'],
          labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] },
        },
      ],
    }),
    [
      'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
      'spec.topologySpreadConstraints[1][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
    ],
  ],
]

describe('other kinds', () => {
  it.each(OTHERS)('%s', (_name, object, texts) => {
    expect(textsOf(object)).toEqual(texts)
  })
})

describe('rules of a cluster', () => {
  it('allow privileged containers, or not', () => {
    const object = defaultObject(withContainer({ securityContext: { privileged: true } }))
    expect(validateObject(object)).toEqual([])
    expect(validateObject(object, { isPrivilegedAllowed: false }).map(formatError)).toEqual([
      'spec.containers[0].securityContext.privileged: Forbidden: disallowed by cluster policy',
    ])
  })

  it('let tolerations compare numbers, or not', () => {
    const object = defaultObject(pod({ tolerations: [{ key: 'a', operator: 'Gt', value: '07' }] }))
    expect(validateObject(object, { areComparisonsAllowed: true }).map(formatError)).toEqual([
      'spec.tolerations[0].value: Invalid value: "07": must be a valid decimal integer in canonical form',
    ])
    expect(validateObject(object).map(formatError)).toEqual([
      'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists"',
    ])
  })
})
