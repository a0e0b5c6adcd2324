import type { PodSizing, PodTemplate } from '../api/pod-template.ts'
import type { Affinity } from '../api/types.generated.ts'

/** In what pods of a trace differ besides their size. */
export interface TemplateDraft {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly priority?: number
  readonly sizing?: PodSizing
  /** Whole GPUs of each pod. */
  readonly gpus?: number
  /** Thousandths of each GPU; 1000 is a whole one. */
  readonly gpuMilli?: number
  /** GPU models that will do; any when left out. */
  readonly gpuModels?: readonly string[]
}

/** Thousandths of a whole GPU. */
const WHOLE_GPU = 1000

/** Makes the templates of a trace's pods: equal drafts give the same frozen object. */
export class PodTemplates {
  readonly #byText = new Map<string, PodTemplate>()

  of(draft: TemplateDraft): PodTemplate {
    const text = JSON.stringify(draft)
    let template = this.#byText.get(text)
    if (template === undefined) {
      template = makeTemplate(draft)
      this.#byText.set(text, template)
    }
    return template
  }
}

/** A trace's pod runs once and to its end: restartPolicy Never, and its owner makes it again when it is lost. */
function makeTemplate(draft: TemplateDraft): PodTemplate {
  const gpus = draft.gpus ?? 0
  const milli = draft.gpuMilli ?? WHOLE_GPU
  const requests: Record<string, string> = {}
  if (gpus > 0 && milli === WHOLE_GPU) requests['nvidia.com/gpu'] = String(gpus)
  if (gpus > 0) requests['stowage.dev/gpu-milli'] = String(gpus * milli)
  const annotations: Record<string, string> =
    gpus > 0
      ? { 'stowage.dev/gpu-count': String(gpus), 'stowage.dev/gpu-milli-per-device': String(milli) }
      : {}
  const affinity = modelAffinity(draft.gpuModels ?? [])
  return Object.freeze({
    metadata: {
      namespace: draft.namespace ?? 'default',
      labels: draft.labels ?? {},
      annotations,
    },
    spec: {
      containers: [{ name: 'main', ...(gpus === 0 ? {} : { resources: { requests, limits: requests } }) }],
      restartPolicy: 'Never',
      priority: draft.priority ?? 0,
      ...(affinity === undefined ? {} : { affinity }),
    },
    sizing: draft.sizing ?? 'requests',
  })
}

function modelAffinity(models: readonly string[]): Affinity | undefined {
  if (models.length === 0) return undefined
  const matchExpressions = [{ key: 'stowage.dev/gpu-model', operator: 'In', values: models }]
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  }
}
