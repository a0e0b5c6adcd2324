import type { NodeSelectorTerm, PodSpec } from './types.generated.ts'

/** Node label with the model of its GPUs. */
export const GPU_MODEL_LABEL = 'stowage.dev/gpu-model'

/** Thousandths of a whole GPU. */
export const WHOLE_GPU_MILLI = 1000

/** Pod annotations with the number of GPUs, and the thousandths of each. */
export const GPU_COUNT_ANNOTATION = 'stowage.dev/gpu-count'
export const GPU_MILLI_ANNOTATION = 'stowage.dev/gpu-milli-per-device'

/** What a pod asks of GPUs. */
export interface GpuRequest {
  readonly count: number
  /** Thousandths of each. */
  readonly milli: number
  /** Models that it accepts; empty accepts every one. */
  readonly models: readonly string[]
}

type Annotations = Readonly<Record<string, string>>

/**
 * The GPUs that a template asks for: by stowage's annotations, or whole ones by `nvidia.com/gpu`.
 *
 * `scalars` are the effective requests of extended resources.
 */
export function gpuRequestOf(
  { metadata, spec }: { readonly metadata: { readonly annotations: Annotations }; readonly spec: PodSpec },
  scalars: ReadonlyMap<string, number>,
): GpuRequest {
  const { annotations } = metadata
  const models = gpuModels(spec)
  const milli = Number(annotations[GPU_MILLI_ANNOTATION] ?? 0)
  if (milli > 0) return { count: Number(annotations[GPU_COUNT_ANNOTATION] ?? 1), milli, models }
  const count = scalars.get('nvidia.com/gpu') ?? 0
  return { count, milli: count > 0 ? WHOLE_GPU_MILLI : 0, models }
}

function gpuModels(spec: PodSpec): readonly string[] {
  const selected = spec.nodeSelector?.[GPU_MODEL_LABEL]
  if (selected !== undefined) return [selected]
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return (required?.nodeSelectorTerms ?? []).flatMap(modelsOf).toSorted()
}

function modelsOf(term: NodeSelectorTerm): readonly string[] {
  const isModel = (one: { readonly key: string; readonly operator: string }): boolean =>
    one.key === GPU_MODEL_LABEL && one.operator === 'In'
  return (term.matchExpressions ?? []).filter(isModel).flatMap((one) => one.values ?? [])
}
