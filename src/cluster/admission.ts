import type { PodTemplate } from '../api/pod-template.ts'
import { nonZeroRequests, podRequests, scoredRequests } from '../api/resources.ts'
import type { Pod } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import { InvariantError } from '../base/assert.ts'
import type { ApiServer } from './api-server.ts'
import { deepFreeze } from './object-store.ts'
import type { TemplateId } from './rows.ts'
import type { TemplateInfo, TemplateRegistry, TemplateVerdict } from './template-registry.ts'

/**
 * One plugin of the admission chain, for pods. Its verdict may depend on the template and on stored objects only, so
 * it is asked once for each template.
 */
export interface AdmissionStage {
  /** Name of the admission plugin, as kube-apiserver spells it. */
  readonly name: string
  /** Kinds of stored objects that the verdict depends on; when one is written, verdicts are asked for anew. */
  readonly reads?: readonly string[]
  /** Returns the template changed, or the same object. Runs before any validation. */
  readonly mutate?: (template: PodTemplate, api: ApiServer) => PodTemplate
  /** Returns why the pod may not be created, or undefined. */
  readonly validate?: (template: PodTemplate, api: ApiServer) => string | undefined
}

/** Runs mutating, then validating stages over each new template, and derives what the rest asks of it. */
export class Admission implements TemplateRegistry {
  readonly #stages: readonly AdmissionStage[]
  readonly #api: ApiServer
  readonly #infos: (TemplateInfo | undefined)[] = []
  readonly #textOf = new Map<TemplateId, string>()
  readonly #forgotten: ((id: TemplateId) => void)[] = []
  readonly #reads: ReadonlySet<string>
  #byTemplate = new WeakMap<PodTemplate, TemplateVerdict>()
  readonly #byText = new Map<string, TemplateVerdict>()
  /** What came last: most templates come many times in a row. */
  #last: { readonly template: PodTemplate; readonly verdict: TemplateVerdict } | undefined

  constructor(stages: readonly AdmissionStage[], api: ApiServer) {
    this.#stages = stages
    this.#api = api
    this.#reads = new Set(stages.flatMap(({ reads = [] }) => reads))
  }

  /** An object of this kind was written: what the stages said may hold no more. Templates that were admitted stay as they are. */
  objectWritten(kind: string): void {
    if (!this.#reads.has(kind)) return
    this.#byTemplate = new WeakMap()
    this.#byText.clear()
    this.#last = undefined
  }

  get(id: TemplateId): TemplateInfo {
    const info = this.#infos[id]
    if (info === undefined) throw new InvariantError(`no pod template has id ${id}`)
    return info
  }

  *list(): Iterable<TemplateInfo> {
    for (const info of this.#infos) if (info !== undefined) yield info
  }

  forget(id: TemplateId): void {
    const text = this.#textOf.get(id)
    if (text !== undefined) this.#byText.delete(text)
    this.#textOf.delete(id)
    this.#infos[id] = undefined
    this.#last = undefined
    for (const listener of this.#forgotten) listener(id)
  }

  onForgotten(listener: (id: TemplateId) => void): void {
    this.#forgotten.push(listener)
  }

  intern(template: PodTemplate): TemplateVerdict {
    if (this.#last?.template === template) return this.#last.verdict
    let verdict = this.#byTemplate.get(template)
    if (verdict === undefined || (verdict.ok && this.#infos[verdict.id] === undefined)) {
      verdict = this.#internText(template, undefined)
      this.#byTemplate.set(template, verdict)
    }
    this.#last = { template, verdict }
    return verdict
  }

  internPod(pod: Pod): TemplateVerdict {
    const template: PodTemplate = {
      metadata: {
        namespace: pod.metadata?.namespace ?? 'default',
        labels: pod.metadata?.labels ?? {},
        annotations: pod.metadata?.annotations ?? {},
      },
      spec: pod.spec ?? { containers: [] },
      sizing: 'template',
    }
    return this.#internText(template, pod.status)
  }

  #internText(template: PodTemplate, status: Pod['status']): TemplateVerdict {
    const text = JSON.stringify([
      template,
      status?.containerStatuses,
      status?.initContainerStatuses,
      status?.resources,
    ])
    let verdict = this.#byText.get(text)
    if (verdict === undefined) {
      verdict = this.#admit(template, status)
      this.#byText.set(text, verdict)
      if (verdict.ok) this.#textOf.set(verdict.id, text)
    }
    return verdict
  }

  #admit(template: PodTemplate, status: Pod['status']): TemplateVerdict {
    let admitted = template
    for (const stage of this.#stages) admitted = stage.mutate?.(admitted, this.#api) ?? admitted
    for (const stage of this.#stages) {
      const message = stage.validate?.(admitted, this.#api)
      if (message !== undefined) return { ok: false, reason: stage.name, message }
    }
    const id = this.#infos.length as TemplateId
    this.#infos.push(describeTemplate(id, deepFreeze(admitted), status))
    return { ok: true, id }
  }
}

function describeTemplate(id: TemplateId, template: PodTemplate, status: Pod['status']): TemplateInfo {
  const { spec } = template
  const pod: Pod = status === undefined ? { spec } : { spec, status }
  return {
    id,
    template,
    requests: podRequests(pod),
    nonZero: nonZeroRequests(pod),
    scored: scoredRequests(pod),
    priority: spec.priority ?? 0,
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    tolerations: spec.tolerations ?? [],
    terminationGrace: (spec.terminationGracePeriodSeconds ?? 30) * SECOND,
    restartPolicy: restartPolicyOf(spec.restartPolicy),
  }
}

function restartPolicyOf(text: string | undefined): 'Always' | 'OnFailure' | 'Never' {
  return text === 'OnFailure' || text === 'Never' ? text : 'Always'
}
