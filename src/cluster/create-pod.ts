import type { PodTemplate } from '../api/pod-template.ts'
import type { PodTemplateSpec } from '../api/types.generated.ts'
import type { ApiServer } from './api-server.ts'
import type { ControllerOwner } from './controller-owner.ts'
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

/** Letters of generated names (apimachinery v1.37, util/rand: no vowels, and nothing that looks like another). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

const podTemplates = new WeakMap<PodTemplateSpec, Map<string, PodTemplate>>()

/** Creates a pod for a controller; who listens to refusals hears why it was not. */
export function createPod(api: ApiServer, pod: ControlledPod): CreatedPod {
  const created = tryToCreate(api, pod)
  if (!created.ok && created.reason !== 'AlreadyExists') api.tellRefused(pod.owner, created.message)
  return created
}

function tryToCreate(api: ApiServer, pod: ControlledPod): CreatedPod {
  const { owner, template, details, ordinal = 0 } = pod
  const interned = api.pods.templates.intern(podTemplateOf(owner.namespace, template))
  if (!interned.ok) return interned
  const name = pod.isGenerated === true ? generatedName(api, owner.namespace, pod.name) : pod.name
  if (api.pods.rowOfGivenName(`${owner.namespace}/${name}`) !== undefined) {
    return { ok: false, reason: 'AlreadyExists', message: `pods "${name}" already exists` }
  }
  const draft: PodDraft = {
    template: interned.id,
    name,
    owner,
    ordinal,
    ...(details === undefined ? {} : { details }),
  }
  const refusal = api.admitPod(draft)
  if (refusal !== undefined) return { ok: false, reason: 'Forbidden', message: refusal.message }
  return { ok: true, row: api.pods.create(draft) }
}

/** A name that nobody in the namespace has. */
function generatedName(api: ApiServer, namespace: string, base: string): string {
  const stream = api.sim.random.stream('api/generated-names')
  for (;;) {
    let name = base
    for (let i = 0; i < 5; i++) name += LETTERS[stream.integer(LETTERS.length)] ?? ''
    if (api.pods.rowOfGivenName(`${namespace}/${name}`) === undefined) return name
  }
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
