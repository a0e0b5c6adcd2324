import { controllerOf } from '../api/owner-references.ts'
import type { Deployment, ReplicaSet } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { revisionOf, rolledBackAnnotations } from './deployment-revisions.ts'
import { isSameTemplate, withoutHash } from './pod-template-hash.ts'

/** What became of a roll-back, in kubectl's words; without `ok` nothing was done. */
export interface RollbackResult {
  readonly ok: boolean
  readonly message: string
}

/**
 * Gives a Deployment the template of an earlier revision, as `kubectl rollout undo --to-revision` does: 0 is the last one before
 * the present. `key` is `namespace/name`.
 *
 * Source: kubectl v1.37, pkg/polymorphichelpers/rollback.go `DeploymentRollbacker`.
 */
export function rollback(api: ApiServer, key: string, toRevision = 0): RollbackResult {
  const deployments = api.collection<Deployment>('Deployment')
  const deployment = deployments.get(key)
  if (toRevision < 0) return revisionNotFound(toRevision)
  if (deployment === undefined) {
    return { ok: false, message: `failed to retrieve Deployment ${key}: deployments.apps not found` }
  }
  if (deployment.spec?.paused === true) {
    const advice = `resume it first with 'kubectl rollout resume' and try again`
    return { ok: false, message: `cannot rollback a paused deployment; ${advice}` }
  }
  const sets = [...api.collection<ReplicaSet>('ReplicaSet').list()].filter(
    (set) => controllerOf(set)?.uid === deployment.metadata?.uid,
  )
  const target = toRevision === 0 ? lastBut(sets) : sets.find((set) => revisionOf(set) === toRevision)
  if (target === undefined) {
    const name = deployment.metadata?.name ?? ''
    if (toRevision > 0) return revisionNotFound(toRevision)
    return { ok: false, message: `no rollout history found for deployment "${name}"` }
  }
  const template = target.spec?.template ?? {}
  if (deployment.spec === undefined || isSameTemplate(template, deployment.spec.template)) {
    const skipped = `skipped rollback (current template already matches revision ${toRevision})`
    return { ok: true, message: skipped }
  }
  const written = deployments.update({
    ...deployment,
    metadata: { ...deployment.metadata, annotations: rolledBackAnnotations(deployment, target) },
    spec: { ...deployment.spec, template: withoutHash(template) },
  })
  return written.ok ? { ok: true, message: 'rolled back' } : written
}

/** The set of the revision before the newest. */
function lastBut(sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const revision = (set: ReplicaSet): number => revisionOf(set) ?? 0
  return sets.toSorted((one, other) => revision(other) - revision(one))[1]
}

function revisionNotFound(revision: number): RollbackResult {
  return { ok: false, message: `unable to find specified revision ${revision} in history` }
}
