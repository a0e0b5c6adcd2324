import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { parseAmount, parseCell } from '../trace-format.ts'
import type { TraceFormat } from '../trace-format.ts'

const COLUMNS = [
  'task_create_time',
  'task_end_time',
  'job_id',
  'task_id',
  'number_of_instances',
  'status',
  'number_of_cpus_requested_per_instance_in_the_task',
  'normalized_memory_requested_per_instance_in_the_task',
]
const STATUSES = ['Terminated', 'Waiting', 'Running', 'Failed']
/** The table gives cpus in hundredths of a core. */
const MILLI_PER_HUNDREDTH = 10

/**
 * Alibaba's cluster trace of 2017, table batch_task, with or without a header.
 *
 * Each instance runs for its task's span, from create to end time; memory is the share of the machine's. Tasks that
 * were waiting, or say no resources, are none. Rows with a negative time began before the trace did; they are taken,
 * and the first of them is time 0.
 */
export const alibaba2017: TraceFormat = {
  name: 'alibaba2017',
  isSorted: false,
  hasHeader: false,
  options: [],
  open({ file, machine }) {
    const templates = new PodTemplates()
    const template = templates.of({})
    return (line, lineNumber) => {
      if (lineNumber === 1 && line.startsWith('task_create_time')) return undefined
      const cells = line.split(',').map((cell) => cell.trim())
      if (cells.length !== COLUMNS.length) {
        throw new InputError({
          file,
          line: lineNumber,
          message: `${cells.length} columns; expected ${COLUMNS.length}`,
        })
      }
      const place = (index: number) => ({
        file,
        line: lineNumber,
        column: index + 1,
        field: COLUMNS[index] ?? '',
      })
      const status = cells[5] ?? ''
      if (!STATUSES.includes(status)) {
        throw new InputError({
          ...place(5),
          message: `is "${status}"; expected one of ${STATUSES.join(', ')}`,
        })
      }
      if (status === 'Waiting') return { skip: 'Waiting: never started' }
      if (cells[6] === '' || cells[7] === '') return { skip: 'no resources' }
      const at = parseCell(cells[0], place(0), 'seconds')
      const until = parseCell(cells[1], place(1), 'seconds')
      const count = parseAmount(cells[4], place(4))
      if (count === 0) return { skip: 'no instances' }
      return [
        {
          name: `j${cells[2] ?? ''}-t${cells[3] ?? ''}`,
          at: at * SECOND,
          template,
          cpu: Math.round(parseAmount(cells[6], place(6), 'hundredths of a core') * MILLI_PER_HUNDREDTH),
          memory: Math.round(parseAmount(cells[7], place(7), 'a share of the machine') * machine.memory),
          count,
          duration: Math.max(0, until - at) * SECOND,
        },
      ]
    }
  },
}
