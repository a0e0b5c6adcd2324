import type { Job, Pod, Service } from '../types.generated.ts'
import { items, text } from './absent.ts'

/** Object of any kind, as far as it is looked at here. */
interface AnyObject {
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly generateName?: string }
}

const UNNAMED_UID = '00000000-0000-0000-0000-000000000000'
const FIRST_NODE_PORT = 30_000

/**
 * The object as the API server has it when it validates, from the defaulted one: names are made, fields that are null are
 * absent, and what the storage of its kind fills in is there. It is only good for validating.
 *
 * Source: Kubernetes v1.37, registry/(group)/(kind)/strategy.go `PrepareForCreate`; for services `BeginCreate`; for pods
 * the admission plugin ServiceAccount.
 */
export function asCreated<T extends AnyObject>(object: T): T {
  const named = withName(withoutNulls(object) as T)
  switch (named.kind) {
    case 'Job':
      return withSelector(named as Job) as T
    case 'Pod':
      return withAccount(named as Pod) as T
    case 'Service':
      return withAllocations(named as Service) as T
    default:
      return named
  }
}

/** Objects that are part of another one in Go: they are there, if empty, in whatever is decoded. */
const TEMPLATE = ['spec', 'template', 'spec']
const PARTS: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', ...TEMPLATE],
  DaemonSet: TEMPLATE,
  Deployment: TEMPLATE,
  Job: TEMPLATE,
  Pod: ['spec'],
  ReplicaSet: TEMPLATE,
  ReplicationController: ['spec'],
  Service: ['spec'],
  StatefulSet: TEMPLATE,
}

/** The object as it is decoded, before it is defaulted: the parts that its kind always has are there. */
export function asDecoded<T extends AnyObject>(object: T): T {
  return withParts(object, PARTS[object.kind ?? ''] ?? []) as T
}

function withParts(value: object, [first, ...others]: readonly string[]): object {
  if (first === undefined) return value
  const given = (value as Readonly<Record<string, unknown>>)[first] ?? {}
  if (typeof given !== 'object' || given === null) return value
  return { ...value, [first]: withParts(given, others) }
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== null && field !== undefined)
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutNulls(field)]))
}

function withName<T extends AnyObject>(object: T): T {
  const { generateName = '', name = '' } = object.metadata ?? {}
  if (generateName === '' || name !== '') return object
  return { ...object, metadata: { ...object.metadata, name: `${generateName}00000` } }
}

/** A job without a selector of its own selects by its identity. */
function withSelector(job: Job): Job {
  if (job.spec === undefined || job.spec.manualSelector === true) return job
  const uid = text(job.metadata?.uid) === '' ? UNNAMED_UID : text(job.metadata?.uid)
  const name = text(job.metadata?.name)
  const { template, selector } = job.spec
  const labels = {
    'batch.kubernetes.io/job-name': name,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'controller-uid': uid,
    ...template?.metadata?.labels,
  }
  const matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...selector?.matchLabels }
  return {
    ...job,
    metadata: { ...job.metadata, uid },
    spec: {
      ...job.spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  }
}

function withAccount(pod: Pod): Pod {
  if (pod.spec === undefined || text(pod.spec.serviceAccountName) !== '') return pod
  return { ...pod, spec: { ...pod.spec, serviceAccountName: 'default' } }
}

/** Addresses follow from the first, and health checks have a port. */
function withAllocations(service: Service): Service {
  const { spec } = service
  if (spec === undefined) return service
  const { clusterIP = '' } = spec
  const clusterIPs = items(spec.clusterIPs)
  const needsPort = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
  const [first = ''] = clusterIPs
  return {
    ...service,
    spec: {
      ...spec,
      ...(clusterIP !== '' && clusterIPs.length === 0 ? { clusterIPs: [clusterIP] } : {}),
      ...(clusterIP === '' && first !== '' ? { clusterIP: first } : {}),
      ...(needsPort ? { healthCheckNodePort: spec.healthCheckNodePort ?? FIRST_NODE_PORT } : {}),
    },
  }
}
