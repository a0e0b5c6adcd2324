import type { PodTemplate } from '../api/pod-template.ts'
import type { NodeSelectorTerm } from '../api/types.generated.ts'

/** Node label with the model of its GPUs. */
export const GPU_MODEL_LABEL = 'stowage.dev/gpu-model'

const WHOLE_GPU_MILLI = 1000

/** What a pod asks of GPUs. */
export interface GpuRequest {
  readonly count: number
  /** Thousandths of each. */
  readonly milli: number
  /** Models that it accepts; empty accepts every one. */
  readonly models: readonly string[]
}

/**
 * The GPUs that a template asks for: by stowage's annotations, or whole ones by `nvidia.com/gpu`.
 *
 * `scalars` are the effective requests of extended resources.
 */
export function gpuRequestOf(template: PodTemplate, scalars: ReadonlyMap<string, number>): GpuRequest {
  const { annotations } = template.metadata
  const models = gpuModels(template)
  const milli = Number(annotations['stowage.dev/gpu-milli-per-device'] ?? 0)
  if (milli > 0) return { count: Number(annotations['stowage.dev/gpu-count'] ?? 1), milli, models }
  const count = scalars.get('nvidia.com/gpu') ?? 0
  return { count, milli: count > 0 ? WHOLE_GPU_MILLI : 0, models }
}

function gpuModels(template: PodTemplate): readonly string[] {
  const selected = template.spec.nodeSelector?.[GPU_MODEL_LABEL]
  if (selected !== undefined) return [selected]
  const required = template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return (required?.nodeSelectorTerms ?? []).flatMap(modelsOf).toSorted()
}

function modelsOf(term: NodeSelectorTerm): readonly string[] {
  const isModel = (one: { readonly key: string; readonly operator: string }): boolean =>
    one.key === GPU_MODEL_LABEL && one.operator === 'In'
  return (term.matchExpressions ?? []).filter(isModel).flatMap((one) => one.values ?? [])
}
