import type { IntOrString } from '../types.generated.ts'
import type { JsonValue } from './field-error.ts'
import { sortedMap } from './go-text.ts'

/**
 * How Go writes a field of an internal type (which has no JSON tags): its name in Go, and what stands for an
 * absent one.
 *
 * `text`, `number`, `flag` and `port` have zero values; `pointer`, `list` and `map` are null; a shape is a
 * struct, in place, behind a pointer, or in a list.
 */
type Form =
  | 'text'
  | 'number'
  | 'flag'
  | 'pointer'
  | 'list'
  | 'map'
  | { readonly pointer: Shape }
  | { readonly list: Shape }

type Shape = readonly (readonly [goName: string, jsonName: string, form: Form])[]

const SECCOMP_PROFILE: Shape = [
  ['Type', 'type', 'text'],
  ['LocalhostProfile', 'localhostProfile', 'pointer'],
]

const SECURITY_CONTEXT: Shape = [
  [
    'Capabilities',
    'capabilities',
    {
      pointer: [
        ['Add', 'add', 'list'],
        ['Drop', 'drop', 'list'],
      ],
    },
  ],
  ['Privileged', 'privileged', 'pointer'],
  [
    'SELinuxOptions',
    'seLinuxOptions',
    {
      pointer: [
        ['User', 'user', 'text'],
        ['Role', 'role', 'text'],
        ['Type', 'type', 'text'],
        ['Level', 'level', 'text'],
      ],
    },
  ],
  [
    'WindowsOptions',
    'windowsOptions',
    {
      pointer: [
        ['GMSACredentialSpecName', 'gmsaCredentialSpecName', 'pointer'],
        ['GMSACredentialSpec', 'gmsaCredentialSpec', 'pointer'],
        ['RunAsUserName', 'runAsUserName', 'pointer'],
        ['HostProcess', 'hostProcess', 'pointer'],
      ],
    },
  ],
  ['RunAsUser', 'runAsUser', 'pointer'],
  ['RunAsGroup', 'runAsGroup', 'pointer'],
  ['RunAsNonRoot', 'runAsNonRoot', 'pointer'],
  ['ReadOnlyRootFilesystem', 'readOnlyRootFilesystem', 'pointer'],
  ['AllowPrivilegeEscalation', 'allowPrivilegeEscalation', 'pointer'],
  ['ProcMount', 'procMount', 'pointer'],
  ['SeccompProfile', 'seccompProfile', { pointer: SECCOMP_PROFILE }],
  ['AppArmorProfile', 'appArmorProfile', { pointer: SECCOMP_PROFILE }],
]

/**
 * Internal types whose values appear in errors.
 *
 * Source: Kubernetes v1.37, pkg/apis/{core,apps,batch}/types.go.
 */
const SHAPES = {
  SecurityContext: SECURITY_CONTEXT,
  SeccompProfile: SECCOMP_PROFILE,
  Taint: [
    ['Key', 'key', 'text'],
    ['Value', 'value', 'text'],
    ['Effect', 'effect', 'text'],
    ['TimeAdded', 'timeAdded', 'pointer'],
  ],
  ServicePort: [
    ['Name', 'name', 'text'],
    ['Protocol', 'protocol', 'text'],
    ['AppProtocol', 'appProtocol', 'pointer'],
    ['Port', 'port', 'number'],
    ['TargetPort', 'targetPort', 'number'],
    ['NodePort', 'nodePort', 'number'],
  ],
  SuccessPolicy: [
    [
      'Rules',
      'rules',
      {
        list: [
          ['SucceededIndexes', 'succeededIndexes', 'pointer'],
          ['SucceededCount', 'succeededCount', 'pointer'],
        ],
      },
    ],
  ],
  DeploymentStrategy: [
    ['Type', 'type', 'text'],
    [
      'RollingUpdate',
      'rollingUpdate',
      {
        pointer: [
          ['MaxUnavailable', 'maxUnavailable', 'number'],
          ['MaxSurge', 'maxSurge', 'number'],
        ],
      },
    ],
  ],
  StatefulSetUpdateStrategy: [
    ['Type', 'type', 'text'],
    [
      'RollingUpdate',
      'rollingUpdate',
      {
        pointer: [
          ['Partition', 'partition', 'number'],
          ['MaxUnavailable', 'maxUnavailable', 'pointer'],
        ],
      },
    ],
  ],
  RollingUpdateStatefulSet: [
    ['Partition', 'partition', 'number'],
    ['MaxUnavailable', 'maxUnavailable', 'pointer'],
  ],
  PodResourceClaim: [
    ['Name', 'name', 'text'],
    ['ResourceClaimName', 'resourceClaimName', 'pointer'],
    ['ResourceClaimTemplateName', 'resourceClaimTemplateName', 'pointer'],
  ],
  ClusterTrustBundleProjection: [
    ['Name', 'name', 'pointer'],
    ['SignerName', 'signerName', 'pointer'],
    ['LabelSelector', 'labelSelector', 'pointer'],
    ['Optional', 'optional', 'pointer'],
    ['Path', 'path', 'text'],
  ],
  ScopeSelector: [
    [
      'MatchExpressions',
      'matchExpressions',
      {
        list: [
          ['ScopeName', 'scopeName', 'text'],
          ['Operator', 'operator', 'text'],
          ['Values', 'values', 'list'],
        ],
      },
    ],
  ],
} as const satisfies Readonly<Record<string, Shape>>

/** Name of an internal type. */
export type GoType = keyof typeof SHAPES

/** A struct of an internal type, as errors write it. */
export function goStruct(type: GoType, value: object): JsonValue {
  return { json: structOf(SHAPES[type], value) }
}

/** A label selector: a type of apimachinery, so with JSON tags; empty fields are left out. */
export function selectorValue(selector: {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly object[]
}): JsonValue {
  const { matchLabels = {}, matchExpressions = [] } = selector
  return {
    json: {
      ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels: sortedMap(matchLabels) }),
      ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
    },
  }
}

/** A number or a text, as JSON. */
export function intOrStringValue(value: IntOrString | undefined): JsonValue {
  return { json: value ?? 0 }
}

/** A list: null when it is empty or absent, as decoding leaves it. */
export function listValue(list: readonly unknown[] | undefined): JsonValue {
  return { json: list === undefined || list.length === 0 ? null : list }
}

/** A map of texts: null when it is absent or empty. */
export function mapValue(map: Readonly<Record<string, unknown>> | undefined): JsonValue {
  return { json: Object.keys(map ?? {}).length === 0 ? null : sortedMap(map) }
}

function structOf(shape: Shape, value: object): Readonly<Record<string, unknown>> {
  const fields = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    shape.map(([goName, jsonName, form]) => [goName, fieldOf(form, fields[jsonName])]),
  )
}

function fieldOf(form: Form, value: unknown): unknown {
  if (value === undefined || value === null) return absentOf(form)
  if (typeof form === 'string') return form === 'map' ? sortedMap(value as Record<string, unknown>) : value
  if ('pointer' in form) return structOf(form.pointer, value)
  return (value as readonly object[]).map((item) => structOf(form.list, item))
}

function absentOf(form: Form): unknown {
  if (form === 'text') return ''
  if (form === 'number') return 0
  return form === 'flag' ? false : null
}
