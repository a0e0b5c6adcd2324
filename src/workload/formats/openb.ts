import { InputError } from '../../base/errors.ts'
import { NEVER, SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { numberOption, parseAmount } from '../trace-format.ts'
import type { TraceFormat } from '../trace-format.ts'

const COLUMNS = [
  'name',
  'cpu_milli',
  'memory_mib',
  'num_gpu',
  'gpu_milli',
  'gpu_spec',
  'qos',
  'pod_phase',
  'creation_time',
  'deletion_time',
  'scheduled_time',
]
/** The multi-GPU variants end after gpu_milli. */
const SHORT_COLUMNS = 5
const MEBIBYTE = 1024 * 1024
const QOS = ['LS', 'BE', 'Burstable', 'Guaranteed']

/**
 * Alibaba's openb trace of 2023 (cluster-trace-gpu-v2023), pod lists.
 *
 * A pod arrives at creation_time and runs from scheduled_time (creation_time for pods that were never scheduled) to
 * deletion_time. LS and Guaranteed pods get limits equal to their requests. The variants without times arrive one by one,
 * `interarrival` seconds apart (1 by default), and run for ever.
 */
export const openb: TraceFormat = {
  name: 'openb',
  isSorted: false,
  hasHeader: true,
  options: ['interarrival'],
  open(setting) {
    const { file, warn } = setting
    const templates = new PodTemplates()
    const interarrival = numberOption(setting, 'interarrival', 1) * SECOND
    let columns = COLUMNS.length
    let arrivals = 0
    return (line, lineNumber) => {
      const cells = line.split(',')
      if (lineNumber === 1) {
        columns = cells.length === SHORT_COLUMNS ? SHORT_COLUMNS : COLUMNS.length
        if (cells[0] !== 'name' || cells.length !== columns) {
          throw new InputError({
            file,
            line: 1,
            message: 'the header is not of an openb pod list',
            hint: `expected ${COLUMNS.join(',')}`,
          })
        }
        if (columns === SHORT_COLUMNS) warn('the trace has no times: pods arrive one by one and run for ever')
        return undefined
      }
      if (cells.length !== columns) {
        throw new InputError({
          file,
          line: lineNumber,
          message: `${cells.length} columns; expected ${columns}`,
        })
      }
      const amount = (index: number, expected?: string): number =>
        parseAmount(
          cells[index],
          { file, line: lineNumber, column: index + 1, field: COLUMNS[index] ?? '' },
          expected,
        )
      const qos = cells[6] ?? 'LS'
      if (!QOS.includes(qos)) {
        throw new InputError({
          file,
          line: lineNumber,
          column: 7,
          field: 'qos',
          message: `is "${qos}"; expected one of ${QOS.join(', ')}`,
        })
      }
      const models = (cells[5] ?? '').split('|').filter((model) => model !== '')
      const template = templates.of({
        labels: { 'stowage.dev/trace-qos': qos },
        sizing: qos === 'LS' || qos === 'Guaranteed' ? 'guaranteed' : 'requests',
        gpus: amount(3),
        gpuMilli: amount(4),
        gpuModels: models,
      })
      const times = columns === SHORT_COLUMNS ? undefined : timesOf(cells, amount)
      const at = times?.at ?? arrivals * interarrival
      arrivals += 1
      return [
        {
          name: cells[0] ?? '',
          at,
          template,
          cpu: amount(1, 'millicores'),
          memory: amount(2, 'MiB') * MEBIBYTE,
          count: 1,
          duration: times?.duration ?? NEVER,
        },
      ]
    }
  },
}

function timesOf(
  cells: readonly string[],
  amount: (index: number, expected?: string) => number,
): { readonly at: number; readonly duration: number } {
  const created = amount(8, 'seconds')
  const deleted = amount(9, 'seconds')
  const started = (cells[10] ?? '') === '' ? created : amount(10, 'seconds')
  return { at: created * SECOND, duration: Math.max(0, deleted - started) * SECOND }
}
