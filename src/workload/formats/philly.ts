import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import { numberOption, parseAmount } from '../trace-format.ts'
import type { TraceFormat } from '../trace-format.ts'

const COLUMNS = ['timestamp', 'duration', 'num_gpus', 'gpu_time', 'cluster']
const GIBIBYTE = 1024 ** 3

/**
 * Microsoft's Philly trace, jobs as the Sia artifact lists them: submission, duration, number of GPUs, cluster.
 *
 * A job is pods of at most `gpusPerPod` whole GPUs (8 by default), each with `cpuPerGpu` cores (4 by default) and
 * `memoryPerGpuGib` (32 by default) for each GPU: the trace says neither.
 */
export const philly: TraceFormat = {
  name: 'philly',
  isSorted: false,
  hasHeader: true,
  options: ['gpusPerPod', 'cpuPerGpu', 'memoryPerGpuGib'],
  open(setting) {
    const { file, warn } = setting
    const templates = new PodTemplates()
    const gpusPerPod = Math.max(1, numberOption(setting, 'gpusPerPod', 8))
    const cpuPerGpu = numberOption(setting, 'cpuPerGpu', 4)
    const memoryPerGpu = numberOption(setting, 'memoryPerGpuGib', 32)
    return (line, lineNumber) => {
      const cells = line.split(',')
      if (lineNumber === 1) {
        if (cells[0] !== COLUMNS[0]) {
          throw new InputError({
            file,
            line: 1,
            message: 'the header is not of Philly jobs',
            hint: `expected ${COLUMNS.join(',')}`,
          })
        }
        warn(
          `the trace says no cpu and memory: ${cpuPerGpu} cores and ${memoryPerGpu} GiB are taken for each GPU`,
        )
        return undefined
      }
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
      const submitted = Date.parse(`${(cells[0] ?? '').replace(' ', 'T')}Z`)
      if (Number.isNaN(submitted)) {
        throw new InputError({ ...place(0), message: `is "${cells[0] ?? ''}"; expected yyyy-mm-dd hh:mm:ss` })
      }
      const gpus = parseAmount(cells[2], place(2))
      if (gpus === 0) return { skip: 'no GPUs' }
      const size = Math.min(gpus, gpusPerPod)
      return [
        {
          name: `job-${lineNumber - 1}`,
          at: submitted * 1000,
          template: templates.of({
            gpus: size,
            gpuMilli: 1000,
            labels: { 'stowage.dev/cluster': cells[4] ?? '' },
          }),
          cpu: Math.round(size * cpuPerGpu * 1000),
          memory: Math.round(size * memoryPerGpu * GIBIBYTE),
          count: Math.ceil(gpus / size),
          duration: Math.round(parseAmount(cells[1], place(1), 'seconds') * SECOND),
        },
      ]
    }
  },
}
