import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { numberOption, parseCell } from '../trace-format.ts'
import type { TraceFormat } from '../trace-format.ts'

const FIELDS = [
  'job',
  'submit_time',
  'wait_time',
  'run_time',
  'processors',
  'average_cpu_time',
  'used_memory',
  'requested_processors',
  'requested_time',
  'requested_memory',
  'status',
]
const FIELDS_MIN = 18
const KIBIBYTE = 1024
const MILLI_PER_PROCESSOR = 1000

/**
 * Standard Workload Format: 18 blank-separated fields a job, `;` header lines; fields beyond the 18th, as in the
 * 21-field form, are not looked at.
 *
 * A job arrives at its submit time as one pod for each `processorsPerPod` processors (1 by default), 1000 millicores a
 * processor, with the memory it requested, else used, for each processor; -1 is unknown and counts as none.
 */
export const swf: TraceFormat = {
  name: 'swf',
  isSorted: false,
  options: ['processorsPerPod'],
  open(setting) {
    const { file } = setting
    const perPod = Math.max(1, numberOption(setting, 'processorsPerPod', 1))
    const template = new PodTemplates().of({})
    return (line, lineNumber) => {
      if (line.startsWith(';') || line.trim() === '') return undefined
      const cells = line.trim().split(/\s+/)
      if (cells.length < FIELDS_MIN) {
        throw new InputError({
          file,
          line: lineNumber,
          message: `${cells.length} fields; expected ${FIELDS_MIN} or more`,
        })
      }
      const value = (index: number): number =>
        parseCell(cells[index], { file, line: lineNumber, column: index + 1, field: FIELDS[index] ?? '' })
      const run = value(3)
      const processors = value(7) > 0 ? value(7) : value(4)
      if (run < 0) return { skip: 'run time unknown or negative' }
      if (processors <= 0) return { skip: 'number of processors unknown' }
      const size = Math.min(perPod, processors)
      const used = value(6) > 0 ? value(6) * KIBIBYTE * size : undefined
      const requested = cells.length === FIELDS_MIN && value(9) > 0 ? value(9) * KIBIBYTE * size : undefined
      return [
        {
          name: `job-${cells[0] ?? ''}`,
          at: value(1) * SECOND,
          template,
          cpu: size * MILLI_PER_PROCESSOR,
          memory: requested ?? used ?? 0,
          count: Math.ceil(processors / perPod),
          duration: run * SECOND,
          ...(used === undefined ? {} : { usedMemory: used }),
        },
      ]
    }
  },
}
