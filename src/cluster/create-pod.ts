import type { PodTemplate } from '../api/pod-template.ts'
import type { PodTemplateSpec } from '../api/types.generated.ts'
import type { ApiServer } from './api-server.ts'
import type { ControllerOwner } from './controller-owner.ts'
import { generatedName } from './generated-name.ts'
import type { PodDetails } from './pod-details.ts'
import type { PodDraft } from './pod-draft.ts'
import type { PodRow } from './rows.ts'

/** A pod that a controller makes from its template. */
export interface ControlledPod {
  readonly owner: ControllerOwner
  readonly template: PodTemplateSpec
  /** `metadata.name`; or the beginning of it, `metadata.generateName`, to which five letters are added. */
  readonly name: string
  readonly isGenerated?: boolean
  /** Place among its owner's pods; 0 by default. */
  readonly ordinal?: number
  readonly details?: PodDetails
}

/** A pod that was created, or why it was not, as the API server says it. */
export type CreatedPod =
  | { readonly ok: true; readonly row: PodRow }
  | { readonly ok: false; readonly reason: string; readonly message: string }

/** Why a pod of a namespace that is going is not created (`NamespaceTerminatingCause`). */
const NAMESPACE_TERMINATING = 'NamespaceTerminating'
/** Admission plugin that refuses it. */
const NAMESPACE_LIFECYCLE = 'NamespaceLifecycle'

const podTemplates = new WeakMap<PodTemplateSpec, Map<string, PodTemplate>>()

/** Creates a pod for a controller; who listens to refusals hears why it was not. */
export function createPod(api: ApiServer, pod: ControlledPod): CreatedPod {
  const created = tryToCreate(api, pod)
  const failure = failureOf(created)
  const isNameTaken = !created.ok && created.reason === 'AlreadyExists'
  if (failure !== undefined && !isNameTaken) api.tellRefused(pod.owner, failure)
  return created
}

/**
 * What went wrong, for a controller that would try again; undefined for a pod that was created, and in a namespace that is going, where it is
 * no use to try.
 */
export function failureOf(created: CreatedPod): string | undefined {
  return created.ok || created.reason === NAMESPACE_TERMINATING ? undefined : created.message
}

function tryToCreate(api: ApiServer, pod: ControlledPod): CreatedPod {
  const { owner, template, details, ordinal = 0 } = pod
  const interned = api.pods.templates.intern(podTemplateOf(owner.namespace, template))
  if (!interned.ok) return interned
  const isTaken = (candidate: string): boolean =>
    api.pods.rowOfGivenName(`${owner.namespace}/${candidate}`) !== undefined
  const name = pod.isGenerated === true ? generatedName(api.sim, pod.name, isTaken) : pod.name
  if (isTaken(name)) {
    return { ok: false, reason: 'AlreadyExists', message: `pods "${name}" already exists` }
  }
  const draft: PodDraft = {
    template: interned.id,
    name,
    owner,
    ordinal,
    // The labels of a job are in the template of its pods: each has another.
    hasOwnTemplate: owner.kind === 'Job',
    ...(details === undefined ? {} : { details }),
  }
  const refusal = api.admitPod(draft)
  if (refusal !== undefined) {
    const reason = refusal.plugin === NAMESPACE_LIFECYCLE ? NAMESPACE_TERMINATING : 'Forbidden'
    return { ok: false, reason, message: refusal.message }
  }
  return { ok: true, row: api.pods.create(draft) }
}

/** What pods of a controller's template have in common: one object for each template, which is admitted once. */
function podTemplateOf(namespace: string, template: PodTemplateSpec): PodTemplate {
  let byNamespace = podTemplates.get(template)
  if (byNamespace === undefined) {
    byNamespace = new Map()
    podTemplates.set(template, byNamespace)
  }
  let made = byNamespace.get(namespace)
  if (made === undefined) {
    const { labels = {}, annotations = {} } = template.metadata ?? {}
    made = {
      metadata: { namespace, labels, annotations },
      spec: template.spec ?? { containers: [] },
      sizing: 'template',
    }
    byNamespace.set(namespace, made)
  }
  return made
}
