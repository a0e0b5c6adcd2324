import { controllerOf } from '../api/owner-references.ts'
import { compileLabelSelector } from '../api/selectors.ts'
import type {
  ControllerRevision,
  Deployment,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
} from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { canonicalJson } from '../base/go-json.ts'
import { templateOf } from './controller-revisions.ts'
import { revisionOf, rolledBackAnnotations } from './deployment-revisions.ts'
import { allOf, splitSets } from './deployment-sets.ts'
import { isSameTemplate, withoutHash } from './pod-template-hash.ts'

/** A workload that is taken back, and to which of its revisions: 0 is the one before the present one. */
export interface RollbackTarget {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly toRevision: number
}

/** What a rollback said: that it was done, or needless; or why it could not be done. */
export interface RollbackResult {
  readonly ok: boolean
  readonly message: string
}

/** A StatefulSet or a DaemonSet, as far as a rollback is concerned. */
interface Revised extends StoredObject {
  readonly spec?: { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec }
}

const DONE: RollbackResult = { ok: true, message: 'rolled back' }

/**
 * Gives a workload the pod template of an earlier revision: a Deployment that of one of its ReplicaSets, a StatefulSet or a
 * DaemonSet that of one of its ControllerRevisions. Their controllers then roll it out as the newest revision.
 *
 * Source: kubectl v1.37, rollout undo: polymorphichelpers/rollback.go, with its messages.
 */
export function rollBack(api: ApiServer, target: RollbackTarget): RollbackResult {
  const { kind, namespace, name, toRevision } = target
  const key = `${namespace}/${name}`
  const missing = failed(`there is no ${kind} ${key}`)
  if (kind === 'Deployment') {
    const deployment = api.collection<Deployment>(kind).get(key)
    return deployment === undefined ? missing : rollBackDeployment(api, deployment, toRevision)
  }
  const object = api.collection<Revised>(kind).get(key)
  if (object === undefined) return missing
  if (kind === 'StatefulSet' || kind === 'DaemonSet') return rollBackSet(api, object, toRevision)
  const [group = '', version] = (object.apiVersion ?? '').split('/')
  return failed(
    `no rollbacker has been implemented for "${version === undefined ? kind : `${kind}.${group}`}"`,
  )
}

function rollBackDeployment(api: ApiServer, deployment: Deployment, toRevision: number): RollbackResult {
  const { metadata, spec } = deployment
  const sets = [...api.collection<ReplicaSet>('ReplicaSet').list()].filter(
    (set) => controllerOf(set)?.uid === metadata?.uid,
  )
  const name = metadata?.name ?? ''
  const found = setOfRevision(allOf(splitSets(deployment, sets)), toRevision)
  if (found === undefined) {
    if (toRevision > 0) return noSuchRevision(toRevision)
    return failed(`no rollout history found for deployment "${name}"`)
  }
  if (spec?.paused === true) {
    const resume = `kubectl rollout resume deployment/${name}`
    return failed(`you cannot rollback a paused deployment; resume it first with '${resume}' and try again`)
  }
  const template = found.spec?.template ?? {}
  if (isSameTemplate(template, spec?.template ?? {})) return skipped(toRevision)
  const restored = {
    ...deployment,
    metadata: { ...metadata, annotations: rolledBackAnnotations(deployment, found) },
    spec: { ...spec, template: withoutHash(template) },
  }
  return written(api, restored, toRevision)
}

/** The set with this revision, the first if several say it, or, for 0, with the second highest one; sets that say no number have none. */
function setOfRevision(sets: readonly ReplicaSet[], toRevision: number): ReplicaSet | undefined {
  const known = sets.flatMap((set) => {
    const revision = revisionOf(set)
    return revision === undefined ? [] : [{ set, revision }]
  })
  if (toRevision > 0) return known.find(({ revision }) => revision === toRevision)?.set
  return known.toSorted((one, other) => other.revision - one.revision)[1]?.set
}

function rollBackSet(api: ApiServer, set: Revised, toRevision: number): RollbackResult {
  const revisions = revisionsOf(api, set)
  if (toRevision === 0 && revisions.length <= 1) return failed('no last revision to roll back to')
  const found =
    toRevision === 0
      ? revisions.toSorted((one, other) => (one.revision ?? 0) - (other.revision ?? 0)).at(-2)
      : revisions.find(({ revision }) => revision === toRevision)
  if (found === undefined) return noSuchRevision(toRevision)
  const template = templateOf(found)
  if (canonicalJson(template) === canonicalJson(set.spec?.template)) return skipped(toRevision)
  const restored: Revised = { ...set, spec: { ...set.spec, template } }
  return written(api, restored, toRevision)
}

/** Source: polymorphichelpers/history.go `controlledHistoryV1`. */
function revisionsOf(api: ApiServer, { metadata, spec }: Revised): readonly ControllerRevision[] {
  const isSelected = compileLabelSelector(spec?.selector)
  return [...api.collection<ControllerRevision>('ControllerRevision').list()].filter(
    (revision) =>
      revision.metadata?.namespace === metadata?.namespace &&
      isSelected(revision.metadata?.labels ?? {}) &&
      controllerOf(revision)?.uid === metadata?.uid,
  )
}

function written(api: ApiServer, object: StoredObject, toRevision: number): RollbackResult {
  const result = api.collection(object.kind ?? '').update(object)
  return result.ok ? DONE : failed(`failed restoring revision ${toRevision}: ${result.message}`)
}

function skipped(toRevision: number): RollbackResult {
  return {
    ok: true,
    message: `skipped rollback (current template already matches revision ${toRevision})`,
  }
}

function noSuchRevision(toRevision: number): RollbackResult {
  return failed(`unable to find specified revision ${toRevision} in history`)
}

function failed(message: string): RollbackResult {
  return { ok: false, message }
}
