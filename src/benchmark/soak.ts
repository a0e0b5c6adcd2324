import { DAY } from '../base/time.ts'
import { csvText } from '../report/csv.ts'
import { lineChart } from '../report/line-chart.ts'
import { metricValue } from '../report/summary.ts'
import { runScenario } from '../run/run.ts'
import type { RunProgress } from '../run/play.ts'
import type { ProcessMeters } from './process-meters.ts'
import { replayScenario, workOf } from './replay.ts'
import { ReplayWork } from './replay-work.ts'

/** How long a soak is, and of what. */
export interface SoakSetting {
  readonly nodes: number
  /** Simulated days in which pods arrive. */
  readonly days: number
  readonly shapes: number | undefined
  readonly seed: number
  readonly overrides: readonly string[]
}

/** Memory at one moment. */
export interface SoakSample {
  readonly day: number
  readonly podsFinished: number
  readonly rssBytes: number
  /** In use after garbage was collected. */
  readonly liveBytes: number
}

/** What a soak came to. */
export interface Soak {
  readonly podsSubmitted: number
  readonly podsFinished: number
  readonly samples: readonly SoakSample[]
  /** Growth from the second quarter of the days to the last one, as a share. */
  readonly rssGrowth: number
  readonly liveGrowth: number
  /** Growth of live memory from the second quarter on, over the pods that finished meanwhile; in bytes. */
  readonly liveBytesPerPod: number
}

const DAY_SECONDS = 86_400
const MIB = 2 ** 20
/** Days from one sample to the next: at most so many samples are taken. */
const SAMPLES_MAX = 360

/** Simulates days of steady work, with all reports written to `directory`, and looks at the memory of the process daily. */
export async function runSoak(
  setting: SoakSetting,
  hooks: {
    readonly meters: ProcessMeters
    readonly directory: string
    readonly version: string
    readonly signal: AbortSignal
    readonly onProgress?: (progress: RunProgress) => void
  },
): Promise<Soak> {
  const { meters } = hooks
  const { podsPerSecond } = new ReplayWork({ ...setting, pods: 0 })
  const pods = Math.max(1, Math.round(podsPerSecond * DAY_SECONDS * setting.days))
  const samples: SoakSample[] = []
  const every = Math.max(1, Math.ceil(setting.days / SAMPLES_MAX)) * DAY
  const { summary } = await runScenario(replayScenario({ ...setting, pods }), {
    directory: hooks.directory,
    command: ['bench', 'soak'],
    version: hooks.version,
    signal: hooks.signal,
    work: workOf({ ...setting, pods }),
    onProgress: (state) => {
      // What follows the last arrival is the emptying of the cluster.
      if (state.now >= (samples.length + 1) * every && state.podsSubmitted < pods) {
        const liveBytes = meters.liveBytes()
        const day = state.now / DAY
        samples.push({ day, podsFinished: state.podsFinished, rssBytes: meters.rssBytes(), liveBytes })
      }
      hooks.onProgress?.(state)
    },
  })
  return {
    podsSubmitted: metricValue(summary, 'pods_submitted') ?? 0,
    podsFinished: metricValue(summary, 'pods_succeeded') ?? 0,
    samples,
    rssGrowth: growthOf(samples, ({ rssBytes }) => rssBytes),
    liveGrowth: growthOf(samples, ({ liveBytes }) => liveBytes),
    liveBytesPerPod: bytesPerPod(samples),
  }
}

/** The mean of the last quarter over that of the second one, less 1; 0 for fewer than four samples. */
export function growthOf(samples: readonly SoakSample[], of: (sample: SoakSample) => number): number {
  const { early, late } = quartersOf(samples)
  return early.length === 0 ? 0 : meanOf(late, of) / meanOf(early, of) - 1
}

/** soak.csv: a row a sample. */
export function soakCsv(samples: readonly SoakSample[]): string {
  const rows = samples.map(({ day, podsFinished, rssBytes, liveBytes }) => [
    day,
    podsFinished,
    rssBytes,
    liveBytes,
  ])
  return csvText([['day', 'pods_finished', 'rss_bytes', 'live_bytes'], ...rows])
}

/** Memory over simulated time, SVG. */
export function soakChart(samples: readonly SoakSample[], nodes: number): string {
  const last = samples.at(-1)
  const pods = (last?.podsFinished ?? 0).toLocaleString('en')
  return lineChart({
    title: `memory while ${pods} pods come and go on ${nodes.toLocaleString('en')} nodes`,
    xLabel: 'simulated days',
    yLabel: 'MiB',
    isLogarithmic: false,
    hasMarks: false,
    lines: [
      { name: 'resident', points: samples.map(({ day, rssBytes }) => [day, rssBytes / MIB]) },
      { name: 'live after collection', points: samples.map(({ day, liveBytes }) => [day, liveBytes / MIB]) },
    ],
  })
}

function bytesPerPod(samples: readonly SoakSample[]): number {
  const { early, late } = quartersOf(samples)
  if (early.length === 0) return 0
  const bytes = meanOf(late, ({ liveBytes }) => liveBytes) - meanOf(early, ({ liveBytes }) => liveBytes)
  return (
    bytes /
    (meanOf(late, ({ podsFinished }) => podsFinished) - meanOf(early, ({ podsFinished }) => podsFinished))
  )
}

/** The first quarter fills caches and tables: the second is what the last is compared with. */
function quartersOf(samples: readonly SoakSample[]): {
  readonly early: readonly SoakSample[]
  readonly late: readonly SoakSample[]
} {
  const quarter = Math.floor(samples.length / 4)
  return { early: samples.slice(quarter, 2 * quarter), late: samples.slice(samples.length - quarter) }
}

function meanOf(samples: readonly SoakSample[], of: (sample: SoakSample) => number): number {
  return samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
}
