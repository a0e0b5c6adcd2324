import type { Service } from '../../api/types.generated.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { canonicalJson } from '../../base/go-json.ts'

/** An object with its spec, of whatever kind. */
interface Specified extends StoredObject {
  readonly spec?: object | undefined
}

const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  DaemonSet: ['selector'],
  Job: [
    'selector',
    'template',
    'completionMode',
    'podFailurePolicy',
    'successPolicy',
    'backoffLimitPerIndex',
  ],
}

/** What of a StatefulSet may be changed. */
const STATEFUL_SET_FIELDS = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

/**
 * What the API server would say of an update of a workload that changes what must stay, both sides defaulted.
 *
 * Source: Kubernetes v1.37, apis/apps/validation and apis/batch/validation, `Validate(kind)Update`. Leaves out what a suspended
 * Job may change, and completions of Jobs.
 */
export function immutableProblems(kind: string, old: Specified, wanted: Specified): readonly string[] {
  const changed = (field: string): boolean =>
    canonicalJson(fieldOf(old, field)) !== canonicalJson(fieldOf(wanted, field))
  const name = wanted.metadata?.name ?? ''
  if (kind === 'StatefulSet') {
    const fields = new Set([...Object.keys(old.spec ?? {}), ...Object.keys(wanted.spec ?? {})])
    const others = [...fields].filter((field) => !STATEFUL_SET_FIELDS.includes(field))
    if (!others.some(changed)) return []
    const known = STATEFUL_SET_FIELDS.map((field) => `'${field}'`)
    const list = `${known.slice(0, -1).join(', ')} and ${known.at(-1) ?? ''}`
    return [
      `${name}: spec: Forbidden: updates to statefulset spec for fields other than ${list} are forbidden`,
    ]
  }
  const fields = (IMMUTABLE[kind] ?? []).filter(changed)
  return fields.map((field) => `${name}: spec.${field}: Invalid value: field is immutable`)
}

function fieldOf({ spec }: Specified, field: string): unknown {
  return (spec as Readonly<Record<string, unknown>> | undefined)?.[field]
}

/** The spec of a manifest with the addresses that the API server gave a Service and the manifest does not have. */
export function withGivenFields(kind: string, old: Specified, spec: object): object {
  if (kind !== 'Service') return spec
  const { clusterIP, clusterIPs, healthCheckNodePort } = (old as Service).spec ?? {}
  return {
    clusterIP,
    clusterIPs,
    ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
    ...spec,
  }
}
