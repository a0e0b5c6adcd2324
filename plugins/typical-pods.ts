import type { TypicalPod } from '../src/api/gpu-fragmentation.ts'
import { InputError } from '../src/base/errors.ts'
import type { PluginContext } from '../src/scheduler/framework/index.ts'
import type { PluginArguments } from './plugin-arguments.ts'

/**
 * The argument `typicalPods`: a list of `cpu` (millicores), `gpuCount`, `gpuMilli` (thousandths of each GPU), `models` and
 * `weight`. Where it is absent, those of the run's workload.
 */
export function readTypicalPods(args: PluginArguments, context: PluginContext): readonly TypicalPod[] {
  const value = args['typicalPods']
  const field = `${context.path}.typicalPods`
  if (value === undefined) return context.outlook?.typicalPods ?? []
  if (!Array.isArray(value)) throw new InputError({ field, message: 'expected a list of kinds of pods' })
  return value.map((item: unknown, index) => readPod(item, `${field}[${index}]`))
}

function readPod(item: unknown, field: string): TypicalPod {
  if (typeof item !== 'object' || item === null) {
    throw new InputError({ field, message: 'expected cpu, gpuCount, gpuMilli, models and weight' })
  }
  const given = item as Readonly<Record<string, unknown>>
  const number = (name: string, fallback?: number): number => {
    const value = given[name] ?? fallback
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
    throw new InputError({
      field: `${field}.${name}`,
      message: `is ${JSON.stringify(value) ?? 'missing'}; expected a number from 0 on`,
    })
  }
  const models = given['models'] ?? []
  if (!Array.isArray(models) || !models.every((model) => typeof model === 'string')) {
    throw new InputError({ field: `${field}.models`, message: 'expected a list of GPU models' })
  }
  return {
    cpu: number('cpu'),
    gpuCount: number('gpuCount', 0),
    gpuMilli: number('gpuMilli', 0),
    models,
    weight: number('weight'),
  }
}
