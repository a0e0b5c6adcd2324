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
/** The long form: a list of nodes, a queue and a resource request follow. */
const EXTENDED_FIELDS = 21
const KIBIBYTE = 1024
const MILLI_PER_PROCESSOR = 1000

/**
 * Standard Workload Format: 18 blank-separated fields a job, `;` header lines.
 *
 * A job arrives at its submit time as one pod for each `processorsPerPod` processors (1 by default), 1000 millicores a
 * processor, with the memory it requested, else used, for each processor; -1 is unknown and counts as none.
 *
 * The 21-field form of MetaCentrum's logs ends with a list of nodes, a queue and what was asked for (`2:ppn=12`). Its
 * requested memory is bytes a node (8 GiB for `8:ppn=8` on nodes of 90 GB), its used memory a filler of 1024.
 */
export const swf: TraceFormat = {
  name: 'swf',
  isSorted: false,
  hasHeader: false,
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
      const isExtended = cells.length >= EXTENDED_FIELDS
      const used = value(6) > 0 && !isExtended ? value(6) * KIBIBYTE * size : undefined
      const ofProcessor = isExtended
        ? (value(9) * nodesOf(cells.at(-1) ?? '')) / processors
        : value(9) * KIBIBYTE
      const requested = value(9) > 0 ? Math.round(ofProcessor * size) : undefined
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

/** Nodes that a resource request asks for: `2:ppn=12+1:ppn=4` is 3; a part that begins with a name is one node. */
function nodesOf(request: string): number {
  return request.split('+').reduce((sum, part) => sum + (Number(/^\d+/.exec(part)?.[0]) || 1), 0)
}
