import { EVICTED, EVICTED_BY_API, EVICTED_BY_TAINT, PREEMPTED } from '../../../cluster/pod-reason.ts'
import { durationText, grouped, metricText } from '../../metric-text.ts'
import type { Tile } from '../report-data.ts'
import { metricOf } from './run-files.ts'
import type { RunFiles } from './run-files.ts'

type Metrics = Pick<RunFiles, 'metrics'>

/**
 * Longest that one pod in a hundred may wait for the tile to be good: the service level objective for the start of pods of
 * Kubernetes SIG Scalability (slos/pod_startup_latency.md).
 */
const WAIT_GOOD_SECONDS = 5
/** Three nines are good, below two is bad: ours. */
const AVAILABILITY_GOOD = 0.999
const AVAILABILITY_BAD = 0.99
/** A hundredth of all work that was thrown away is bad: ours. */
const LOST_WORK_BAD = 0.01

/** The numbers of a run in plain words; those that there is nothing to say of are left out. */
export function runTiles(metrics: Metrics): readonly Tile[] {
  return [
    placed(metrics),
    waited(metrics),
    packed(metrics),
    unusable(metrics),
    broke(metrics),
    availability(metrics),
    evicted(metrics),
    lostWork(metrics),
    cost(metrics),
  ].filter((tile) => tile !== undefined)
}

function placed(metrics: Metrics): Tile | undefined {
  const submitted = metricOf(metrics, 'pods_submitted')
  if (submitted === undefined) return undefined
  const scheduled = metricOf(metrics, 'pods_scheduled') ?? 0
  const pending = metricOf(metrics, 'pods_pending_at_end') ?? 0
  return {
    title: 'Pods placed',
    value:
      scheduled === submitted
        ? `all ${grouped(submitted)}`
        : `${grouped(scheduled)} of ${grouped(submitted)}`,
    words:
      pending === 0
        ? 'No pod was without a node at the end.'
        : `${counted(pending, 'pod')} still had no node at the end: stowage explain says why.`,
    tone: pending === 0 ? 'good' : 'bad',
  }
}

function waited(metrics: Metrics): Tile | undefined {
  const [half, most, longest] = ['p50', 'p99', 'max'].map((name) =>
    metricOf(metrics, `created_to_bound_s_${name}`),
  )
  if (half === undefined || most === undefined || longest === undefined) return undefined
  const peak = metricOf(metrics, 'pending_peak')
  const crowd = peak === undefined ? '' : ` At most ${counted(peak, 'pod')} waited at one time.`
  return {
    title: 'Wait for a node',
    value: durationText(most),
    words: `99 of 100 pods had a node within this time; half within ${durationText(half)}, the last after ${durationText(longest)}.${crowd}`,
    tone: most <= WAIT_GOOD_SECONDS ? 'good' : 'neutral',
  }
}

function packed(metrics: Metrics): Tile | undefined {
  const cpu = metricOf(metrics, 'cpu_requested_mean')
  const peak = metricOf(metrics, 'cpu_requested_peak')
  if (cpu === undefined || peak === undefined) return undefined
  const others = [
    ['memory', metricOf(metrics, 'memory_requested_mean')],
    ['GPUs', metricOf(metrics, 'gpu_requested_mean')],
  ] as const
  const words = others.flatMap(([name, share]) =>
    share === undefined ? [] : [`of ${name} ${metricText(share, 'share')}`],
  )
  return {
    title: 'CPU packed',
    value: metricText(cpu, 'share'),
    words: `So much of the nodes' CPU was asked for on average, ${metricText(peak, 'share')} at most; ${words.join(', ')}.`,
    tone: 'neutral',
  }
}

function unusable(metrics: Metrics): Tile | undefined {
  const gpu = metricOf(metrics, 'fragmented_gpu_mean')
  if (gpu !== undefined) {
    return {
      title: 'GPU in fragments',
      value: metricText(gpu, 'share'),
      words:
        'So much of the GPU capacity was free on average, but in pieces that usual pods do not fit into.',
      tone: 'neutral',
    }
  }
  const cpu = metricOf(metrics, 'stranded_cpu_mean')
  const memory = metricOf(metrics, 'stranded_memory_mean')
  if (cpu === undefined || memory === undefined) return undefined
  const [name, share] = cpu >= memory ? ['CPU', cpu] : ['memory', memory]
  return {
    title: `Stranded ${name}`,
    value: metricText(share, 'share'),
    words: `So much of the ${name} was free on average where the other resource had no room for a usual pod.`,
    tone: 'neutral',
  }
}

function broke(metrics: Metrics): Tile | undefined {
  const failures = metricOf(metrics, 'failures')
  if (failures === undefined) return undefined
  if (failures === 0)
    return { title: 'Failures', value: '0', words: 'Nothing was made to fail.', tone: 'neutral' }
  const machines = metricOf(metrics, 'machine_failures') ?? 0
  const hit = metricOf(metrics, 'pods_affected') ?? 0
  const open = metricOf(metrics, 'pods_not_recovered') ?? 0
  const whole = metricOf(metrics, 'time_to_run_again_s_max')
  const words = [
    `Machines went down ${counted(machines, 'time')} and ${counted(hit, 'pod')} had to be made again.`,
  ]
  if (open > 0) words.push(`${counted(open, 'pod')} did not run again by the end.`)
  if (whole !== undefined) words.push(`All that came back ran again within ${durationText(whole)}.`)
  return {
    title: 'Failures',
    value: grouped(failures),
    words: words.join(' '),
    tone: open > 0 ? 'bad' : 'neutral',
  }
}

function availability(metrics: Metrics): Tile | undefined {
  const share = metricOf(metrics, 'availability')
  if (share === undefined) return undefined
  const tone = share >= AVAILABILITY_GOOD ? 'good' : share < AVAILABILITY_BAD ? 'bad' : 'neutral'
  return {
    title: 'Availability',
    value: metricText(share, 'share'),
    words:
      'Pods served for so much of the time that they were wanted: waiting, starting and being lost are the rest.',
    tone,
  }
}

function evicted(metrics: Metrics): Tile | undefined {
  const evictions = metricOf(metrics, 'evictions')
  if (evictions === undefined) return undefined
  const parts = metrics.metrics
    .filter(({ name, value }) => name.startsWith('evictions_by_') && value !== undefined && value > 0)
    .toSorted((one, other) => (other.value ?? 0) - (one.value ?? 0))
    .slice(0, 3)
    .map(({ name, value = 0 }) => `${grouped(value)} ${evictionWords(name.slice('evictions_by_'.length))}`)
  return {
    title: 'Evictions',
    value: grouped(evictions),
    words:
      evictions === 0
        ? 'No pod was taken off its node before it finished.'
        : `Most of them: ${parts.join('; ')}.`,
    tone: evictions === 0 ? 'good' : 'neutral',
  }
}

/** Why pods were evicted, in words, by the reason that they have. */
const EVICTION_REASONS: Readonly<Record<string, string>> = {
  [EVICTED]: 'by a node that ran short',
  [PREEMPTED]: 'for a pod of higher priority',
  [EVICTED_BY_TAINT]: 'by a taint of their node',
  [EVICTED_BY_API]: 'through the eviction API',
}

/** QoS class and reason of the end of a metric's name, as `Burstable_Preempted`, in words. */
function evictionWords(ending: string): string {
  const [qos = '', reason = ''] = ending.split('_')
  return `${qos} ${EVICTION_REASONS[reason] ?? reason}`
}

function lostWork(metrics: Metrics): Tile | undefined {
  const share = metricOf(metrics, 'work_lost')
  const amount = metricOf(metrics, 'work_lost_cpu_s')
  if (share === undefined || amount === undefined) return undefined
  return {
    title: 'Work lost',
    value: metricText(share, 'share'),
    words:
      amount === 0
        ? 'No work was thrown away.'
        : `${grouped(amount / 3600)} CPU hours of work were thrown away.`,
    tone: share === 0 ? 'good' : share > LOST_WORK_BAD ? 'bad' : 'neutral',
  }
}

function cost(metrics: Metrics): Tile | undefined {
  const price = metricOf(metrics, 'cost')
  const hours = metricOf(metrics, 'node_hours')
  if (price === undefined || hours === undefined) return undefined
  return {
    title: 'Cost',
    value: grouped(price),
    words: `${grouped(hours)} node hours, in the currency of the prices of the nodes.`,
    tone: 'neutral',
  }
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
