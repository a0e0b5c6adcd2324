import type { GeneratedTask } from './generator.ts'
import type { TraceTask } from './trace-task.ts'
import { NEVER, SECOND } from '../base/time.ts'

const QOS = {
  template: 'Burstable',
  requests: 'Burstable',
  guaranteed: 'Guaranteed',
  'best-effort': 'BestEffort',
} as const

const MEBIBYTE = 1024 * 1024

/** Header of the rows that `convertedRow` makes. */
export const CONVERTED_HEADER =
  'arrival_s,duration_s,cpu_milli,memory_mib,name,count,priority,qos,namespace,app,gpu,gpu_milli,gpu_model,used_memory_mib'

/** Header of the rows that `generatedRow` makes. */
export const GENERATED_HEADER =
  'arrival_s,duration_s,cpu_milli,memory_mib,name,priority,qos,app,used_memory_mib'

/** A task as a row of stowage's own format. What the format has no column for, other labels, is left out. */
export function convertedRow(task: TraceTask): string {
  const { metadata, spec, sizing } = task.template
  const count = Number(metadata.annotations['stowage.dev/gpu-count'] ?? 0)
  const milli = metadata.annotations['stowage.dev/gpu-milli-per-device'] ?? ''
  const cells = [
    numberText(task.at / SECOND),
    task.duration === NEVER ? '' : numberText(task.duration / SECOND),
    String(task.cpu),
    numberText(task.memory / MEBIBYTE),
    plain(task.name),
    String(task.count),
    String(spec.priority ?? 0),
    QOS[sizing],
    metadata.namespace,
    plain(metadata.labels['app'] ?? ''),
    count === 0 ? '' : String(count),
    count === 0 ? '' : milli,
    gpuModels(task).join('|'),
    task.usedMemory === undefined ? '' : numberText(task.usedMemory / MEBIBYTE),
  ]
  return cells.join(',')
}

/** A generated task as a row of stowage's own format. */
export function generatedRow(task: GeneratedTask): string {
  return [
    task.arrivalSeconds,
    task.durationSeconds,
    task.cpuMilli,
    task.memoryMib,
    task.name,
    task.priority,
    task.qos,
    task.app,
    task.usedMemoryMib,
  ].join(',')
}

function gpuModels(task: TraceTask): readonly string[] {
  const terms =
    task.template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms ?? []
  const models = terms.flatMap((term) => term.matchExpressions ?? [])
  return models.find((expression) => expression.key === 'stowage.dev/gpu-model')?.values ?? []
}

/** Names in the format have no commas: they become `_`. */
function plain(text: string): string {
  return text.replaceAll(/[,"\r\n]/g, '_')
}

/** Up to six decimals, without trailing zeros. */
function numberText(value: number): string {
  return String(Number(value.toFixed(6)))
}
