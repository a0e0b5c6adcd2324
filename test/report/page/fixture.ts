import { packColumn } from '../../../src/report/page/packed-column.ts'
import { QOS_CLASSES } from '../../../src/report/page/report-data.ts'
import type {
  Chart,
  HeatMap,
  HeatResource,
  Player,
  PlayerNode,
  ReportData,
  RunView,
} from '../../../src/report/page/report-data.ts'

/** How large a made run is. */
export interface FixtureSize {
  readonly nodes: number
  readonly pods: number
  readonly seconds: number
  readonly spans: number
}

const SMALL: FixtureSize = { nodes: 24, pods: 400, seconds: 86_400, spans: 96 }
const DAY = 86_400

/** An outage in the middle of every made run. */
const OUTAGE = { from: 0.5, to: 0.56 }

/** Names that would be markup, if they were ever taken for it. */
export const HOSTILE_NAMES = [
  '<img src=x onerror="document.title=1">',
  '</script><script>document.title=2</script>',
  '"quoted" \'names\' & <!-- comments',
  '\u202Eright to left\u202C',
]

/** A number from 0 to 1 that follows from two others: made runs are the same each time. */
export function noise(seed: number, at: number): number {
  const value = Math.sin(seed * 127.1 + at * 311.7) * 43_758.5453
  return value - Math.floor(value)
}

/** A report of one made run. */
export function reportFixture(overrides: Partial<ReportData> = {}): ReportData {
  return { format: 1, title: 'A made day', version: '0.0.0', runs: [runFixture()], ...overrides }
}

/** A made run: a day's load with an outage in its middle. */
export function runFixture(size: FixtureSize = SMALL, overrides: Partial<RunView> = {}): RunView {
  return {
    name: 'made-day',
    facts: [
      ['seed', '1'],
      ['policy', 'default'],
      ['Kubernetes', '1.37'],
      ['command', 'stowage run made-day.yaml --seed 1'],
    ],
    interrupted: false,
    warnings: [],
    end: size.seconds,
    tiles: [
      {
        title: 'CPU requested',
        value: '61.3 %',
        words: 'of what the nodes could give, on average.',
        tone: 'neutral',
      },
      { title: 'Pods placed', value: '400 of 400', words: 'Every pod found a node.', tone: 'good' },
      {
        title: 'Wait for a node',
        value: '1.2 s',
        words: 'Half of the pods waited less than this.',
        tone: 'good',
      },
      { title: 'Evictions', value: '38', words: 'Pods moved away from nodes that failed.', tone: 'bad' },
    ],
    metrics: [
      { name: 'pods_submitted', label: 'Pods submitted', value: '400', section: 'Pods' },
      { name: 'pods_bound', label: 'Pods bound', value: '400', section: 'Pods' },
      { name: 'cpu_requested_share', label: 'CPU requested, mean', value: '0.613', section: 'Utilisation' },
      {
        name: 'wait_p99_s',
        label: 'Wait for a node, 99th percentile',
        value: '14.2 s',
        section: 'Scheduling',
      },
    ],
    charts: chartsFixture(size),
    markers: [
      {
        at: size.seconds * OUTAGE.from,
        until: size.seconds * OUTAGE.to,
        kind: 'failure',
        label: 'zone-a lost power',
      },
      { at: size.seconds * 0.3, kind: 'scaling', label: 'group general +4 nodes' },
      { at: size.seconds * 0.7, kind: 'action', label: 'rollout of web' },
    ],
    heat: heatFixture(size),
    player: playerFixture(size),
    failures: [
      {
        id: '1',
        at: size.seconds * OUTAGE.from,
        until: size.seconds * OUTAGE.to,
        label: 'zone-a lost power',
        podsAffected: 38,
        steps: [
          ['detected', 42],
          ['evicted', 342],
          ['rescheduled', 351],
          ['ready', 402],
        ],
        limits: [
          ['toleration of the unreachable node', 0.76],
          ['detection by the missing lease', 0.11],
          ['image pull', 0.09],
          ['scheduling', 0.04],
        ],
      },
    ],
    ...overrides,
  }
}

function load(share: number): number {
  const isOut = share > OUTAGE.from && share < OUTAGE.to
  return (0.55 + 0.3 * Math.sin(share * Math.PI * 2 - 1.2)) * (isOut ? 0.7 : 1)
}

function chartsFixture({ seconds, spans, nodes }: FixtureSize): Chart[] {
  const times = Array.from({ length: spans + 1 }, (_, index) => (index / spans) * seconds)
  const line = (name: string, value: (share: number, index: number) => number): Chart['lines'][number] => ({
    name,
    values: packColumn(
      'f32',
      times.map((at, index) => value(at / seconds, index)),
    ),
  })
  const chart = (
    id: Chart['id'],
    title: string,
    unit: Chart['unit'],
    lines: Chart['lines'],
    summary: string,
  ): Chart => ({ id, title, unit, time: packColumn('f64', times), lines, summary })
  const outage = (share: number): number => (share > OUTAGE.from && share < OUTAGE.to ? 1 : 0)
  return [
    chart(
      'utilisation',
      'Requested share of the nodes',
      'share',
      [
        line('cpu', (share, index) => load(share) + noise(1, index) * 0.03),
        line('memory', (share, index) => load(share) * 0.8 + noise(2, index) * 0.02),
        line('gpu', (share, index) =>
          share < 0.1 ? Number.NaN : load(share) * 0.5 + noise(3, index) * 0.02,
        ),
      ],
      'CPU requested rose to 86 % at 13h and fell to 25 % by the end.',
    ),
    chart(
      'pods',
      'Pods',
      'count',
      [
        line('running', (share) => Math.round(load(share) * 300)),
        line('pending', (share, index) => Math.round(outage(share) * 40 + noise(4, index) * 4)),
      ],
      'At most 44 pods were pending, during the outage of zone-a.',
    ),
    chart(
      'evictions',
      'Evictions',
      'count',
      [
        line('evicted', (share) => outage(share) * 12),
        line('preempted', (_, index) => (noise(5, index) > 0.95 ? 2 : 0)),
      ],
      '38 pods were evicted, all after zone-a lost power.',
    ),
    chart(
      'nodes',
      'Nodes',
      'count',
      [line('ready', (share) => nodes - outage(share) * Math.round(nodes / 3)), line('all', () => nodes)],
      'A third of the nodes was not ready for an hour and a half.',
    ),
  ]
}

function heatFixture({ nodes, spans, seconds }: FixtureSize): HeatMap {
  const cell = (seed: number, node: number, span: number): number => {
    const share = span / spans
    if (node % 3 === 0 && share > OUTAGE.from && share < OUTAGE.to) return 254
    if (node === nodes - 1 && share < 0.3) return 255
    return Math.min(201, Math.round(200 * load(share) * (0.7 + noise(seed + node, span >> 2) * 0.6)))
  }
  const resource = (name: HeatResource['name'], seed: number): HeatResource => ({
    name,
    cells: packColumn(
      'u8',
      Array.from({ length: nodes * spans }, (_, at) => cell(seed, Math.floor(at / spans), at % spans)),
    ),
  })
  return {
    nodes: Array.from({ length: nodes }, (_, index) => nodeName(index)),
    nodesPerRow: 1,
    spans,
    spanSeconds: seconds / spans,
    resources: [resource('cpu', 11), resource('memory', 23), resource('pods', 37)],
  }
}

function nodeName(index: number): string {
  return `node-${String(index).padStart(5, '0')}`
}

function playerFixture({ nodes, pods, seconds }: FixtureSize): Player {
  const rows = Array.from({ length: pods }, (_, row) => {
    const boundAt = (row / pods) * seconds * 0.9
    const lasts = (0.02 + noise(6, row) ** 3 * 0.6) * seconds
    return { row, boundAt, runningAt: boundAt + 1 + noise(7, row) * 5, endedAt: boundAt + lasts }
  })
  const column = (
    type: 'u8' | 'u16' | 'u32' | 'f32' | 'f64',
    value: (row: (typeof rows)[number]) => number,
  ) =>
    packColumn(
      type,
      rows.map((row) => value(row)),
    )
  return {
    nodes: Array.from({ length: nodes }, (_, index) => playerNode(index, seconds)),
    podCount: pods,
    names: rows.map(({ row }) => `default/web-${row}`),
    node: column('u32', ({ row }) => Math.floor(noise(8, row) * nodes)),
    // Every fifth waits for up to ten minutes.
    createdAt: column('f64', ({ row, boundAt }) =>
      row % 5 === 0 ? Math.max(0, boundAt - noise(14, row) * 600) : boundAt,
    ),
    boundAt: column('f64', (row) => row.boundAt),
    runningAt: column('f64', (row) => row.runningAt),
    endedAt: column('f64', ({ endedAt }) => (endedAt > seconds ? Infinity : endedAt)),
    cpuMillicores: column('f64', ({ row }) => 250 * (1 + Math.floor(noise(9, row) * 8))),
    memoryBytes: column('f64', ({ row }) => 2 ** 28 * (1 + Math.floor(noise(10, row) * 8))),
    gpuMilli: column('f64', () => 0),
    qos: column('u8', ({ row }) => Math.floor(noise(12, row) * QOS_CLASSES.length)),
    priorities: [0, 100, 1000],
    priority: column('u8', ({ row }) => Math.floor(noise(13, row) ** 2 * 3)),
    workloads: ['web', 'batch', 'cache', 'etl'],
    workload: column('u16', ({ row }) => row % 4),
    outcomes: ['Succeeded', 'Evicted', 'Running'],
    outcome: column('u8', ({ row, endedAt }) => (endedAt > seconds ? 2 : row % 17 === 0 ? 1 : 0)),
    decisions: [
      {
        pod: 0,
        at: 0,
        attempt: 1,
        outcome: 'scheduled',
        message: 'assigned to node-00000',
        feasibleNodes: nodes - 1,
        evaluatedNodes: nodes,
        nodes: [
          {
            name: nodeName(0),
            total: 186,
            scores: [
              ['NodeResourcesFit', 92],
              ['ImageLocality', 94],
            ],
            rejected: undefined,
          },
          { name: nodeName(1), total: undefined, scores: [], rejected: 'TaintToleration: untolerated taint' },
        ],
      },
    ],
  }
}

function playerNode(index: number, seconds: number): PlayerNode {
  return {
    name: nodeName(index),
    cpuMillicores: 16_000,
    memoryBytes: 2 ** 36,
    gpuMilli: 0,
    ...(index % 3 === 0 ? { down: [[seconds * OUTAGE.from, seconds * OUTAGE.to]] as const } : {}),
  }
}

/** Sizes for measuring: a run of 100,000 pods on 5,000 nodes. */
export const LARGE: FixtureSize = { nodes: 5000, pods: 100_000, seconds: 2 * DAY, spans: 480 }

/** A report that compares scenarios over seeds, with a front; the runs of its first seed are in it. */
export function comparisonFixture(): ReportData {
  const scenarios = ['default', 'MostAllocated', 'best-fit', 'a-very-long-name-of-a-scenario']
  const metrics = [
    ['cpu_requested_share', 'CPU requested, mean', '', 0.61, 0.04],
    ['wait_p50_s', 'Wait for a node, median', 's', 1.24, 0.5],
    ['wait_p99_s', 'Wait for a node, 99th percentile', 's', 14.2, 6],
    ['evictions', 'Evictions', 'pods', 38, 4],
    ['stranded_share', 'CPU stranded', '', 0.08, 0.03],
    ['nodes_used', 'Nodes used, most at once', 'nodes', 212, 18],
  ] as const
  return reportFixture({
    title: 'Scheduling policies over five seeds',
    runs: scenarios.map((name) => runFixture(SMALL, { name })),
    comparison: {
      scenarios,
      seeds: [1, 2, 3, 4, 5],
      metrics: metrics.map(([name, label, unit, value, spread], row) => ({
        name,
        label,
        unit,
        cells: scenarios.map((_scenario, index) => {
          const difference = (noise(row + 50, index) - 0.5) * 2 * spread
          const half = spread * (0.2 + noise(row + 60, index) * 0.4)
          const mean = value + (index === 0 ? 0 : difference)
          const own = { mean, low: mean - half, high: mean + half }
          if (index === 0) return own
          return { ...own, difference, differenceLow: difference - half, differenceHigh: difference + half }
        }),
      })),
      charts: comparedCharts(scenarios),
      pareto: paretoFixture(),
    },
  })
}

function comparedCharts(scenarios: readonly string[]): Chart[] {
  const [utilisation] = chartsFixture(SMALL)
  if (utilisation === undefined) return []
  const times = Array.from({ length: 97 }, (_, index) => index * 900)
  return [
    {
      ...utilisation,
      title: 'CPU requested',
      time: packColumn('f64', times),
      lines: scenarios.map((name, index) => ({
        name,
        values: packColumn(
          'f32',
          times.map((at, row) => load(at / DAY) + index * 0.03 + noise(index, row) * 0.01),
        ),
      })),
      summary: 'best-fit fills nodes a tenth fuller than the default through the day.',
    },
  ]
}

function paretoFixture(): NonNullable<NonNullable<ReportData['comparison']>['pareto']> {
  const points = Array.from({ length: 36 }, (_, index) => {
    const x = 20 + noise(71, index) * 80
    return { label: `nodes=${Math.round(x)}, weight=${index % 5}`, x, y: 400 / x + noise(72, index) * 14 }
  })
  return {
    x: { metric: 'cost_usd', label: 'cost (USD a day)', better: 'less' },
    y: { metric: 'wait_p99_s', label: 'wait p99 (s)', better: 'less' },
    points: points.map((point) => ({
      ...point,
      isOnFront: !points.some((other) => other.x < point.x && other.y < point.y),
    })),
  }
}
