import type { RandomStream, RandomStreams } from '../base/random.ts'

/** What a generated trace is like. */
export interface GeneratorOptions {
  /** About how many pods. */
  readonly pods: number
  /** Over how many days. */
  readonly days: number
}

/** One row of a generated trace, in the columns of stowage's own format. */
export interface GeneratedTask {
  readonly name: string
  readonly arrivalSeconds: number
  readonly durationSeconds: number
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly priority: number
  readonly qos: 'Guaranteed' | 'Burstable' | 'BestEffort'
  readonly app: string
  readonly usedMemoryMib: number
}

const DAY_SECONDS = 86_400

/**
 * Kinds of work, with their share of the pods and their marginals.
 *
 * Sources: a small share of long-running, higher-priority pods holds most of the resources while most pods are short
 * batch (Reiss et al., SoCC '12; Tirmazi et al., EuroSys '20); durations have a lognormal body and a Pareto tail with
 * shape near 1 (Tirmazi et al., section 5: the largest 1 % of jobs hold 99 % of the load), here 1.3 so that a day is
 * enough; requests are powers of two and their halves (ibid., quantised requests); priorities are those of free,
 * batch and production tiers (ibid.).
 */
const KINDS: readonly Kind[] = [
  {
    name: 'batch',
    share: 0.72,
    apps: 40,
    priority: 0,
    cpuSteps: [100, 250, 500, 1000, 2000],
    memorySteps: [128, 256, 512, 1024, 2048, 4096],
    duration: {
      medianSeconds: 240,
      sigma: 1.2,
      tailShare: 0.05,
      tailShape: 1.3,
      tailMinimum: 2400,
      maximum: 28_800,
    },
    qos: [0.55, 1],
  },
  {
    name: 'analytics',
    share: 0.22,
    apps: 12,
    priority: 100,
    cpuSteps: [1000, 2000, 4000, 8000],
    memorySteps: [4096, 8192, 16_384, 32_768],
    duration: {
      medianSeconds: 1500,
      sigma: 1,
      tailShare: 0.08,
      tailShape: 1.3,
      tailMinimum: 7200,
      maximum: 43_200,
    },
    qos: [0.05, 0.75],
  },
  {
    name: 'service',
    share: 0.06,
    apps: 20,
    priority: 1000,
    cpuSteps: [500, 1000, 2000, 4000],
    memorySteps: [1024, 2048, 4096, 8192],
    duration: {
      medianSeconds: 14_400,
      sigma: 0.8,
      tailShare: 0.3,
      tailShape: 1.3,
      tailMinimum: 28_800,
      maximum: 86_400,
    },
    qos: [0, 0.35],
  },
]

interface Kind {
  readonly name: string
  /** Share of all pods. */
  readonly share: number
  readonly apps: number
  readonly priority: number
  /** Requests, in millicores and MiB; smaller ones are likelier. */
  readonly cpuSteps: readonly number[]
  readonly memorySteps: readonly number[]
  readonly duration: {
    readonly medianSeconds: number
    readonly sigma: number
    readonly tailShare: number
    readonly tailShape: number
    readonly tailMinimum: number
    readonly maximum: number
  }
  /** Cumulative shares of BestEffort and Burstable; the rest is Guaranteed. */
  readonly qos: readonly [number, number]
}

/** How much arrivals swing round their mean within a day (diurnal load; Shahrad et al., ATC '20, figure 4). */
const DIURNAL_SWING = 0.45
/** Hour of the day of the highest rate. */
const PEAK_HOUR = 15
/** Share of the pods that use more memory than they asked for, and by how much at most. */
const OVERUSE_SHARE = 0.06
const OVERUSE_MAX = 3

/**
 * A synthetic trace, in order of arrival: an inhomogeneous Poisson process by thinning (Lewis and Shedler 1979), a kind
 * of work for each arrival, and the marginals of the kind, each from a stream of its own.
 */
export function* generateTasks(random: RandomStreams, options: GeneratorOptions): Generator<GeneratedTask> {
  const arrivals = random.stream('generator/arrivals')
  const kinds = random.stream('generator/kinds')
  const shapes = random.stream('generator/shapes')
  const durations = random.stream('generator/durations')
  const usage = random.stream('generator/usage')
  const shares = KINDS.map((_, index) => KINDS.slice(0, index + 1).reduce((sum, kind) => sum + kind.share, 0))
  const end = options.days * DAY_SECONDS
  const highest = (options.pods / end) * (1 + DIURNAL_SWING)
  let number = 0
  for (let at = arrivals.exponential(1 / highest); at < end; at += arrivals.exponential(1 / highest)) {
    const phase = ((at / 3600 - PEAK_HOUR) / 24) * 2 * Math.PI
    const rate = (1 + DIURNAL_SWING * Math.cos(phase)) / (1 + DIURNAL_SWING)
    if (arrivals.uniform() >= rate) continue
    const kind = KINDS[kinds.pick(shares)]
    if (kind === undefined) continue
    number += 1
    yield makeTask(kind, number, at, { shapes, durations, usage })
  }
}

function makeTask(
  kind: Kind,
  number: number,
  at: number,
  streams: { readonly shapes: RandomStream; readonly durations: RandomStream; readonly usage: RandomStream },
): GeneratedTask {
  const { shapes, durations, usage } = streams
  const draw = shapes.uniform()
  const qos = draw < kind.qos[0] ? 'BestEffort' : draw < kind.qos[1] ? 'Burstable' : 'Guaranteed'
  const memoryMib = step(kind.memorySteps, shapes)
  const isOver = usage.uniform() < OVERUSE_SHARE
  const factor = isOver ? usage.uniformBetween(1, OVERUSE_MAX) : usage.uniformBetween(0.3, 0.95)
  // A Guaranteed container has its request as limit, and the kernel kills what goes above.
  const used = Math.round(memoryMib * factor)
  return {
    name: `${kind.name}-${number}`,
    arrivalSeconds: Math.round(at * 1000) / 1000,
    durationSeconds: duration(kind, durations),
    cpuMilli: step(kind.cpuSteps, shapes),
    memoryMib,
    priority: kind.priority,
    qos,
    app: `${kind.name}-${Math.floor(kind.apps * shapes.uniform() ** 2)}`,
    usedMemoryMib: qos === 'Guaranteed' ? Math.min(memoryMib, used) : used,
  }
}

/** A step of a ladder: each half as likely as the one below it, and now and then half a step. */
function step(steps: readonly number[], stream: RandomStream): number {
  const index = Math.min(steps.length - 1, Math.floor(-Math.log2(1 - stream.uniform())))
  const value = steps[index] ?? 0
  return stream.uniform() < 0.2 ? value * 1.5 : value
}

function duration(kind: Kind, stream: RandomStream): number {
  const { medianSeconds, sigma, tailShare, tailShape, tailMinimum, maximum } = kind.duration
  const isTail = stream.uniform() < tailShare
  const seconds = isTail
    ? stream.pareto(tailShape, tailMinimum)
    : stream.lognormal(Math.log(medianSeconds), sigma)
  return Math.max(1, Math.round(Math.min(seconds, maximum)))
}
