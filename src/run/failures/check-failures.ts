import type { PodTemplateSpec } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import type { InputProblem } from '../../base/errors.ts'
import { formatDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { NodeLabels } from '../../scenario/failures/failure-kind.ts'
import type { FailureSource } from '../../scenario/failures/index.ts'
import type { TargetSource } from '../../scenario/failures/target.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { manifestsToApply } from '../actions/check-actions.ts'
import { selectNodes } from '../build-nodes.ts'
import { inNamespace } from '../load-objects.ts'
import { unknownPlaces, unknownWorkload } from './unknown-targets.ts'

/** What of a scenario its failures are checked against. */
export type CheckedFailures = Pick<
  Scenario,
  'failures' | 'actions' | 'until' | 'repair' | 'lifecycle' | 'workload' | 'nodeLifecycle'
>

/** What failures can hit at the start, and what actions add. */
interface Ground {
  readonly api: ApiServer
  readonly scenario: CheckedFailures
  /** All objects at the start, and those that come later. */
  readonly objects: () => readonly (StoredObject | Manifest)[]
  /** Those that actions apply. */
  readonly applied: () => readonly Manifest[]
}

/**
 * Looks at the failures of a scenario without starting them; returns which of them, of its repair, or of how failures are noticed, hardly
 * does what is wanted. Throws
 * `InputError` for nodes, zones, workloads and containers that are named and are not there.
 */
export function checkFailures(api: ApiServer, scenario: CheckedFailures): readonly string[] {
  let manifests: readonly Manifest[] | undefined
  const applied = (): readonly Manifest[] =>
    (manifests ??= [...manifestsToApply(api, scenario.actions).values()].flat().map(inNamespace))
  const ground: Ground = { api, scenario, applied, objects: () => [...storedObjects(api), ...applied()] }
  const problems = scenario.failures.flatMap((source) => unknownNames(ground, source))
  if (problems.length > 0) throw new InputError(problems)
  const { repair } = scenario
  const lacking = repair === undefined ? undefined : noNodes(api, repair.selector)
  return [
    ...scenario.failures.flatMap((source, index) => warningsOf(ground, source, index)),
    ...hastyDetection(scenario),
    ...(lacking === undefined ? [] : [`spec.repair has no effect: ${lacking}`]),
  ]
}

/** A line where nodes that are well are taken for lost, since their leases are older than the grace period. */
function hastyDetection({ nodeLifecycle }: CheckedFailures): readonly string[] {
  const { gracePeriod, leaseRenewal } = nodeLifecycle
  if (gracePeriod >= leaseRenewal) return []
  const [grace, renewal] = [gracePeriod, leaseRenewal].map(formatDuration)
  return [
    `spec.nodeLifecycle.gracePeriod: is ${grace}, less than leaseRenewal, ${renewal}: nodes that are well are taken for lost`,
  ]
}

function storedObjects(api: ApiServer): readonly StoredObject[] {
  return api.kinds.flatMap((kind) => [...api.collection(kind).list()].map((object) => ({ ...object, kind })))
}

function unknownNames({ api, objects, applied }: Ground, source: FailureSource): readonly InputProblem[] {
  if ('target' in source) return unknownPlaces(api, source.target, applied)
  if (source.kind === 'zoneOutage')
    return unknownPlaces(api, { names: undefined, zone: source.zone }, applied)
  return source.kind === 'badRollout' ? unknownWorkload(source, objects()) : []
}

function warningsOf(ground: Ground, source: FailureSource, index: number): readonly string[] {
  const place = `spec.failures[${index}]`
  const idle = reasonOfNoEffect(ground, source)
  if (idle !== undefined) return [`${place} has no effect: ${idle}`]
  if (!('target' in source) || source.kind === 'domainOutage') return []
  const { count = 0, ...target } = source.target
  const nodes = matching(ground.api, target).length
  if (count <= nodes) return []
  const field = source.kind === 'incident' ? 'incident.hits' : source.kind
  return [`${place}.${field}.count: is ${count}, and there are ${nodes} such nodes: all are hit`]
}

/** Why a failure changes nothing; undefined when it may. */
function reasonOfNoEffect({ api, scenario, objects }: Ground, source: FailureSource): string | undefined {
  const at = instantOf(source)
  if (at !== undefined && scenario.until !== undefined && at > scenario.until) {
    return 'it comes after the end of the run'
  }
  if (source.kind === 'registryOutage' && scenario.lifecycle.images === undefined) {
    return 'without spec.images no image is pulled'
  }
  // Pods of traces may have labels, which only their rows tell.
  if (
    source.kind === 'poisonousPod' &&
    scenario.workload.length === 0 &&
    !objects().some((object) => hasPods(object, source))
  ) {
    return `no pods have the labels ${labelsText(source.podLabels)}`
  }
  const selector =
    'target' in source ? source.target.selector : 'selector' in source ? source.selector : undefined
  return noNodes(api, selector) ?? noDomain(api, source)
}

/** When a failure comes that comes once. */
function instantOf(source: FailureSource): Micros | undefined {
  if ('occurrence' in source) return source.occurrence.kind === 'once' ? source.occurrence.at : undefined
  return 'at' in source && typeof source.at === 'number' ? source.at : undefined
}

function noNodes(api: ApiServer, selector: NodeLabels | undefined): string | undefined {
  if (selectNodes(api, selector).length > 0) return undefined
  return `no node has the labels ${labelsText(selector ?? {})}`
}

/** What a failure of domains lacks, when none of its nodes has their label. */
function noDomain(api: ApiServer, source: FailureSource): string | undefined {
  const label =
    source.kind === 'spotInterruption'
      ? source.pool
      : source.kind === 'domainOutage' || source.kind === 'partition'
        ? source.domain
        : undefined
  if (label === undefined || !('target' in source)) return undefined
  const isThere = matching(api, source.target).some(
    ({ row }) => api.nodeRows.nodeOf(row)?.metadata?.labels?.[label] !== undefined,
  )
  return isThere ? undefined : `no node has the label ${label}`
}

function matching(
  api: ApiServer,
  { selector, names }: Pick<TargetSource, 'selector' | 'names'>,
): ReturnType<typeof selectNodes> {
  const named = names === undefined ? undefined : new Set(names.map(({ name }) => name))
  return selectNodes(api, selector).filter(({ name }) => named?.has(name) ?? true)
}

interface PodLabels {
  readonly podLabels: NodeLabels
  readonly namespace: string | undefined
}

/** Whether an object is a pod with some labels, or has a template for such pods. */
function hasPods(object: StoredObject | Manifest, { podLabels, namespace }: PodLabels): boolean {
  const { kind, metadata, spec } = object as PodMaker
  if (namespace !== undefined && (metadata?.namespace ?? 'default') !== namespace) return false
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template
  const labels = (kind === 'Pod' ? metadata : template?.metadata)?.labels ?? {}
  return Object.entries(podLabels).every(([key, value]) => labels[key] === value)
}

/** A pod, or what makes pods. */
interface PodMaker {
  readonly kind?: string
  readonly metadata?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: {
    readonly template?: PodTemplateSpec
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } }
  }
}

function labelsText(labels: NodeLabels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}
