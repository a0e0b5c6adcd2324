import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { ProcessMeters } from '../benchmark/process-meters.ts'

/** The meters of this process. */
export const processMeters: ProcessMeters = {
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  },
  wallSeconds: () => process.uptime(),
  peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
  rssBytes: () => process.memoryUsage.rss(),
  liveBytes: () => {
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
}

let collector: (() => void) | undefined

/** V8 has the function only behind a flag, which may be given while it runs. */
function collectGarbage(): void {
  if (collector === undefined) {
    v8.setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}
