import { InputError } from '../../base/errors.ts'
import { NEVER } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { parseAmount } from '../trace-format.ts'
import type { TraceFormat } from '../trace-format.ts'

const COLUMNS = [
  'time',
  'job_id',
  'task_index',
  'user',
  'scheduling_class',
  'priority',
  'end_time',
  'other_time',
  'cpu',
  'memory',
]

/**
 * Google's cluster trace of 2011 (clusterdata-2011-2), task events with reordered columns separated by `;`, as the
 * sample of the tasks running at time 0 has them.
 *
 * Requests are shares of the largest machine. A task runs until its end time, for ever when that is 0.
 */
export const google2011: TraceFormat = {
  name: 'google2011',
  isSorted: false,
  hasHeader: false,
  options: [],
  open({ file, machine }) {
    const templates = new PodTemplates()
    return (line, lineNumber) => {
      if (lineNumber === 1 && line.startsWith('time')) return undefined
      const cells = line.split(';')
      if (cells.length !== COLUMNS.length) {
        throw new InputError({
          file,
          line: lineNumber,
          message: `${cells.length} columns; expected ${COLUMNS.length}, separated by ;`,
        })
      }
      const amount = (index: number, expected?: string): number =>
        parseAmount(
          cells[index],
          { file, line: lineNumber, column: index + 1, field: COLUMNS[index] ?? '' },
          expected,
        )
      const at = amount(0, 'microseconds')
      const until = amount(6, 'microseconds')
      const cpu = Math.round(amount(8, 'a share of the machine') * machine.cpu)
      const memory = Math.round(amount(9, 'a share of the machine') * machine.memory)
      const template = templates.of({
        priority: amount(5),
        labels: { 'stowage.dev/scheduling-class': cells[4] ?? '' },
      })
      return [
        {
          name: `j${cells[1] ?? ''}-${cells[2] ?? ''}`,
          at,
          template,
          cpu,
          memory,
          count: 1,
          duration: until <= at ? NEVER : until - at,
        },
      ]
    }
  },
}
